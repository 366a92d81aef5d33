import { flag, integer, jsonStrings, oneOf, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { page } from '../paging.ts';
import type { Disk, EcsState } from '../state.ts';
import { readTagFilter, tagFilter, tagSet } from '../tagging.ts';

/**
 * DescribeDisks, ECS 2014-05-26: the system disks of instances, since there are no others. An unknown id gives an empty list.
 * Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describedisks (as in SDK 7.11.6).
 */
export const describeDisks = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    DiskIds: jsonStrings(100),
    InstanceId: text(),
    ZoneId: text(),
    DiskType: oneOf('all', 'system', 'data'),
    Category: text(),
    Status: text(),
    Encrypted: flag(),
    KMSKeyId: text(),
    Tag: tagFilter(),
    MaxResults: integer(1),
    NextToken: text(),
    PageNumber: integer(1),
    PageSize: integer(1, 100),
  },
  apply(state, params) {
    const found = state.disks
      .listByTags(readTagFilter(params.Tag))
      .filter(
        (disk) =>
          params.DiskType !== 'data' &&
          (params.DiskIds === undefined || params.DiskIds.includes(disk.id)) &&
          (params.InstanceId === undefined || params.InstanceId === disk.instanceId) &&
          (params.ZoneId === undefined || params.ZoneId === state.instances.find(disk.instanceId)?.zoneId) &&
          (params.Category === undefined || params.Category === 'all' || params.Category === disk.category) &&
          (params.Status === undefined || ['All', 'In_use'].includes(params.Status)) &&
          (params.Encrypted === undefined || params.Encrypted === (disk.encryption !== undefined)) &&
          (params.KMSKeyId === undefined || params.KMSKeyId === disk.encryption?.kmsKeyId),
      );
    const { items, fields } = page(found, params, { min: 10, max: 500 }, () => refuse('InvalidParameter', 'NextToken'));
    return { ...fields, Disks: { Disk: items.map((disk) => diskForm(state, disk)) } };
  },
});

const seconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

const diskForm = (state: EcsState, disk: Disk): object => {
  const instance = state.instances.find(disk.instanceId);
  const attached = { InstanceId: disk.instanceId, Device: '/dev/xvda', AttachedTime: seconds(disk.createdAtMs) };
  return {
    DiskId: disk.id,
    RegionId: state.context.regionId,
    ZoneId: instance?.zoneId ?? '',
    DiskName: '',
    Description: '',
    Type: 'system',
    Category: disk.category,
    Size: disk.sizeGiB,
    ImageId: instance?.imageId ?? '',
    Encrypted: disk.encryption !== undefined,
    KMSKeyId: disk.encryption?.kmsKeyId ?? '',
    ...attached,
    Attachments: { Attachment: [attached] },
    Status: 'In_use',
    DiskChargeType: 'PostPaid',
    DeleteWithInstance: true,
    Portable: true,
    CreationTime: seconds(disk.createdAtMs),
    ResourceGroupId: '',
    Tags: tagSet(disk.tags),
  };
};
