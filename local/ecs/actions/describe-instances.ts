import { flag, integer, jsonStrings, list, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { page } from '../paging.ts';
import type { EcsState } from '../state.ts';
import { readTagFilter, tagFilter } from '../tagging.ts';
import { instanceForm } from '../wire-forms.ts';

const statuses = ['Pending', 'Running', 'Starting', 'Stopping', 'Stopped'];

/** DescribeInstances, ECS 2014-05-26. An unknown id gives an empty list. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances (read 2026-11-22). */
export const describeInstances = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    InstanceIds: jsonStrings(100),
    InstanceName: text(),
    VpcId: text(),
    VSwitchId: text(),
    ZoneId: text(),
    SecurityGroupId: text(),
    InstanceType: text(),
    InstanceTypeFamily: text(),
    ImageId: text(),
    Status: text(),
    InstanceNetworkType: oneOf('vpc', 'classic'),
    InstanceChargeType: oneOf('PostPaid', 'PrePaid'),
    PrivateIpAddresses: jsonStrings(100),
    PublicIpAddresses: jsonStrings(100),
    Ipv6Address: list(required(text()), 100),
    IoOptimized: flag(),
    ResourceGroupId: text(),
    Tag: tagFilter(),
    MaxResults: integer(1),
    NextToken: text(),
    PageNumber: integer(1),
    PageSize: integer(1, 100),
  },
  apply(state, params) {
    if (params.Status !== undefined && !statuses.includes(params.Status))
      throw refuse('InvalidStatus.NotFound', params.Status);
    const matchesName = (name: string) =>
      params.InstanceName === undefined ||
      new RegExp(
        `^${params.InstanceName.split('*')
          .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*')}$`,
      ).test(name);
    const family = params.InstanceTypeFamily;
    const found = state.instances
      .listByTags(readTagFilter(params.Tag))
      .filter(
        (instance) =>
          (params.InstanceIds === undefined || params.InstanceIds.includes(instance.id)) &&
          matchesName(instance.name) &&
          (params.VpcId === undefined || instance.vpcId === params.VpcId) &&
          (params.VSwitchId === undefined || instance.vSwitchId === params.VSwitchId) &&
          (params.ZoneId === undefined || instance.zoneId === params.ZoneId) &&
          (params.SecurityGroupId === undefined || instance.securityGroupIds.includes(params.SecurityGroupId)) &&
          (params.InstanceType === undefined || instance.instanceType === params.InstanceType) &&
          (family === undefined || instance.instanceType.startsWith(`${family}.`)) &&
          (params.ImageId === undefined || instance.imageId === params.ImageId) &&
          (params.Status === undefined || state.instances.statusOf(instance) === params.Status) &&
          params.InstanceNetworkType !== 'classic' &&
          params.InstanceChargeType !== 'PrePaid' &&
          params.IoOptimized !== false &&
          (params.PrivateIpAddresses === undefined || params.PrivateIpAddresses.includes(instance.privateIpAddress)) &&
          (params.PublicIpAddresses === undefined || params.PublicIpAddresses.includes(instance.publicIpAddress)) &&
          (params.Ipv6Address === undefined ||
            params.Ipv6Address.some((address) => instance.ipv6Addresses.includes(address))),
      );
    const { items, fields } = page(found, params, { min: 10, max: 100 }, () => refuse('InvalidParameter', 'NextToken'));
    return { ...fields, Instances: { Instance: items.map((instance) => instanceForm(state, instance)) } };
  },
});
