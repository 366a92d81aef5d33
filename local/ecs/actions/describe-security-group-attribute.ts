import { integer, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { pageByToken } from '../paging.ts';
import type { EcsState } from '../state.ts';
import { ruleForm } from '../wire-forms.ts';

/** DescribeSecurityGroupAttribute, ECS 2014-05-26: the rules with their ids. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describesecuritygroupattribute (read 2026-11-22). */
export const describeSecurityGroupAttribute = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    SecurityGroupId: required(text()),
    Direction: oneOf('ingress', 'egress', 'all'),
    NicType: oneOf('intranet', 'internet'),
    MaxResults: integer(10, 1000),
    NextToken: text(),
  },
  apply(state, params) {
    const group = state.securityGroups.find(params.SecurityGroupId);
    if (group === undefined) throw refuse('InvalidSecurityGroupId.NotFound', params.SecurityGroupId);
    // Rules of the egress direction are not emulated: a new group has none and lets everything out.
    const rules = params.Direction === 'egress' ? [] : group.rules;
    const { items, NextToken } = pageByToken(rules, params.NextToken, params.MaxResults ?? 1000, () =>
      refuse('InvalidParameter', 'NextToken'),
    );
    return {
      RegionId: state.context.regionId,
      SecurityGroupId: group.id,
      SecurityGroupName: group.name,
      Description: group.description,
      VpcId: group.vpcId,
      InnerAccessPolicy: group.type === 'normal' ? 'Accept' : 'Drop',
      NextToken,
      Permissions: { Permission: items.map(ruleForm) },
    };
  },
});
