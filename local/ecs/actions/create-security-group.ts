import { oneOf, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';
import { newTags, readTags } from '../tagging.ts';

/** CreateSecurityGroup, ECS 2014-05-26. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-createsecuritygroup (read 2026-11-22). */
export const createSecurityGroup = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  clientToken: true,
  params: {
    VpcId: text(),
    SecurityGroupName: text({ min: 2, max: 128, pattern: /^(?!https?:\/\/)\p{L}[\p{L}\p{N}:_.-]*$/u }),
    Description: text({ min: 2, max: 256, pattern: /^(?!https?:\/\/)/ }),
    SecurityGroupType: oneOf('normal', 'enterprise'),
    ResourceGroupId: text(),
    Tag: newTags(),
  },
  apply(state, params) {
    // New accounts have no classic network: a group without a VPC is refused.
    if (params.VpcId === undefined) throw refuse('InvalidVpcId.NotFound', 'The VpcId must not be empty.');
    const vpc = state.vpc.vpcs.find(params.VpcId);
    if (vpc === undefined) throw refuse('InvalidVpcId.NotFound', params.VpcId);
    if (state.vpc.vpcs.statusOf(vpc) !== 'Available') throw refuse('IncorrectVpcStatus');
    const tags = readTags(params.Tag);
    if (state.securityGroups.list().filter((group) => !group.serviceManaged).length >= state.quota.securityGroups)
      throw refuse('QuotaExceed.SecurityGroup');
    const group = state.addSecurityGroup({
      vpcId: vpc.id,
      name: params.SecurityGroupName ?? '',
      description: params.Description ?? '',
      type: params.SecurityGroupType ?? 'normal',
      serviceManaged: false,
      tags,
    });
    return { SecurityGroupId: group.id };
  },
});
