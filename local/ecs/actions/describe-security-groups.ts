import { flag, integer, jsonStrings, oneOf, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { page } from '../paging.ts';
import type { EcsState } from '../state.ts';
import { readTagFilter, tagFilter } from '../tagging.ts';
import { securityGroupForm } from '../wire-forms.ts';

/** DescribeSecurityGroups, ECS 2014-05-26. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describesecuritygroups (read 2026-11-22). */
export const describeSecurityGroups = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  dryRun: true,
  params: {
    VpcId: text(),
    SecurityGroupId: text(),
    SecurityGroupIds: jsonStrings(100),
    SecurityGroupName: text(),
    SecurityGroupType: oneOf('normal', 'enterprise'),
    ServiceManaged: flag(),
    NetworkType: oneOf('vpc', 'classic'),
    IsQueryEcsCount: flag(),
    FuzzyQuery: flag(),
    ResourceGroupId: text(),
    Tag: tagFilter(),
    MaxResults: integer(1, 100),
    NextToken: text(),
    PageNumber: integer(1),
    PageSize: integer(1, 50),
  },
  apply(state, params, _call, commit) {
    const isNumbered = params.PageNumber !== undefined || params.PageSize !== undefined;
    if (isNumbered && (params.MaxResults !== undefined || params.NextToken !== undefined))
      throw refuse('NotSupported.PageNumberAndPageSize');
    const tags = readTagFilter(params.Tag);
    commit();
    const name = params.SecurityGroupName;
    const found = state.securityGroups
      .listByTags(tags)
      .filter(
        (group) =>
          params.NetworkType !== 'classic' &&
          (params.VpcId === undefined || group.vpcId === params.VpcId) &&
          (params.SecurityGroupId === undefined || group.id === params.SecurityGroupId) &&
          (params.SecurityGroupIds === undefined || params.SecurityGroupIds.includes(group.id)) &&
          (params.SecurityGroupType === undefined || group.type === params.SecurityGroupType) &&
          (params.ServiceManaged === undefined || group.serviceManaged === params.ServiceManaged) &&
          (name === undefined ||
            (params.FuzzyQuery === true ? group.name.includes(name.replaceAll('*', '')) : group.name === name)),
      );
    const { items, fields } = page(found, params, { min: 1, max: 100 }, () => refuse('InValidParameter.NextToken'));
    const instances = state.instances.list();
    return {
      RegionId: state.context.regionId,
      ...fields,
      SecurityGroups: {
        SecurityGroup: items.map((group) =>
          securityGroupForm(group, instances.filter((instance) => instance.securityGroupIds.includes(group.id)).length),
        ),
      },
    };
  },
});
