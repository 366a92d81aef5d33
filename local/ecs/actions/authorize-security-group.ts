import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { permissions, permissionShape, readPermissions } from '../permission-params.ts';
import { identityOf } from '../rules.ts';
import type { EcsState } from '../state.ts';

/**
 * AuthorizeSecurityGroup, ECS 2014-05-26. A rule that exists is accepted and adds nothing, not even its new description.
 * Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-authorizesecuritygroup (read 2026-11-22).
 */
export const authorizeSecurityGroup = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  clientToken: true,
  params: { SecurityGroupId: required(text()), Permissions: permissions(), ...permissionShape },
  apply(state, params) {
    const group = state.ownSecurityGroup(params.SecurityGroupId);
    const rules = readPermissions(state, group, params);
    const existing = new Set(group.rules.map(identityOf));
    const added = rules.filter((rule) => !existing.has(identityOf(rule)));
    if (group.rules.length + added.length > state.quota.rulesPerSecurityGroup) throw refuse('AuthorizationLimitExceed');
    for (const rule of added)
      group.rules.push({
        ...rule,
        id: state.context.nextId('sgr-uf6'),
        createdAtMs: state.context.clock.nowMs(),
      });
    return {};
  },
});
