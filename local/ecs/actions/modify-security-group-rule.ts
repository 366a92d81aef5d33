import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { permissionShape } from '../permission-params.ts';
import {
  identityOf,
  matchFamilies,
  readDescription,
  readPolicy,
  readPortRange,
  readPriority,
  readProtocol,
  readSources,
  type RuleValues,
} from '../rules.ts';
import type { EcsState } from '../state.ts';
import { valueAt } from '../../dictionary.ts';

const kindOf = (rule: Pick<RuleValues, 'sourceCidrIp' | 'ipv6SourceCidrIp' | 'sourceGroupId'>): string =>
  rule.sourceCidrIp !== '' ? 'IPv4' : rule.ipv6SourceCidrIp !== '' ? 'IPv6' : rule.sourceGroupId !== '' ? 'group' : '';

/**
 * ModifySecurityGroupRule, ECS 2014-05-26. What is left out stays; the kind of source (IPv4, IPv6, group) cannot change.
 * Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifysecuritygrouprule (read 2026-11-22).
 */
export const modifySecurityGroupRule = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  clientToken: true,
  params: { SecurityGroupId: required(text()), SecurityGroupRuleId: required(text()), ...permissionShape },
  apply(state, params) {
    const group = state.ownSecurityGroup(params.SecurityGroupId);
    const rule = group.rules.find((candidate) => candidate.id === params.SecurityGroupRuleId);
    if (rule === undefined) throw refuse('InvalidSecurityGroupRuleId.NotFound', params.SecurityGroupRuleId);
    if (params.NicType !== undefined) throw refuse('InvalidOperation.ModifyNicType');
    if (Object.keys(permissionShape).every((key) => valueAt(params, key) === undefined))
      throw refuse('InvalidParam.InvalidModifyRuleRequest');
    const sources = readSources(params);
    const kind = kindOf(sources);
    if (kind !== '' && kind !== kindOf(rule)) throw refuse('InvalidOperation.ModifySgRuleEntityType');
    if (sources.sourceGroupId !== '' && state.securityGroups.find(sources.sourceGroupId) === undefined)
      throw refuse('InvalidSourceGroupId.NotFound', sources.sourceGroupId);
    const ipProtocol = params.IpProtocol === undefined ? rule.ipProtocol : readProtocol(params.IpProtocol);
    const changed: RuleValues = {
      ipProtocol,
      portRange: readPortRange(params.PortRange ?? rule.portRange, ipProtocol),
      ...(kind === ''
        ? {
            sourceCidrIp: rule.sourceCidrIp,
            ipv6SourceCidrIp: rule.ipv6SourceCidrIp,
            sourceGroupId: rule.sourceGroupId,
          }
        : sources),
      policy: params.Policy === undefined ? rule.policy : readPolicy(params.Policy),
      priority: params.Priority === undefined ? rule.priority : readPriority(params.Priority),
      description: params.Description === undefined ? rule.description : readDescription(params.Description),
    };
    matchFamilies(changed);
    // What the real service does when the new values equal another rule is undocumented; two equal rules cannot be.
    if (group.rules.some((other) => other !== rule && identityOf(other) === identityOf(changed)))
      throw refuse('InvalidParam.InvalidModifyRuleRequest', 'An equal rule exists.');
    Object.assign(rule, changed);
    return {};
  },
});
