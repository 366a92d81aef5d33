import { list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { permissions, permissionShape, readPermissions } from '../permission-params.ts';
import { identityOf } from '../rules.ts';
import type { EcsState } from '../state.ts';
import { valueAt } from '../../dictionary.ts';

/**
 * RevokeSecurityGroup, ECS 2014-05-26. An unknown rule id fails; parameters that match no rule succeed and remove nothing.
 * Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-revokesecuritygroup (read 2026-11-22).
 */
export const revokeSecurityGroup = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  clientToken: true,
  params: {
    SecurityGroupId: required(text()),
    SecurityGroupRuleId: list(required(text()), 100, 1),
    Permissions: permissions(),
    ...permissionShape,
  },
  apply(state, params) {
    const group = state.ownSecurityGroup(params.SecurityGroupId);
    const { SecurityGroupRuleId: ids, ...rest } = params;
    if (ids === undefined) {
      const revoked = new Set(readPermissions(state, group, rest).map(identityOf));
      group.rules = group.rules.filter((rule) => !revoked.has(identityOf(rule)));
      return {};
    }
    const isMixed = [rest.Permissions, ...Object.keys(permissionShape).map((key) => valueAt(rest, key))];
    if (isMixed.some((value) => value !== undefined)) throw refuse('InvalidParam.Permissions');
    if (new Set(ids).size < ids.length) throw refuse('InvalidParam.SecurityGroupRuleIdRepeated');
    for (const id of ids)
      if (!group.rules.some((rule) => rule.id === id)) throw refuse('InvalidParam.SecurityGroupRuleId', id);
    group.rules = group.rules.filter((rule) => !ids.includes(rule.id));
    return {};
  },
});
