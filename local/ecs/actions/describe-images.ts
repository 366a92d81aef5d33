import { flag, integer, oneOf, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { findInstanceType, images, isFitting } from '../catalog.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';
import { readTagFilter, tagFilter } from '../tagging.ts';

/** DescribeImages, ECS 2014-05-26: the public images. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimages (read 2026-11-22). */
export const describeImages = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  dryRun: true,
  params: {
    ImageId: text(),
    ImageFamily: text(),
    ImageName: text(),
    ImageOwnerAlias: oneOf('system', 'self', 'others', 'marketplace'),
    InstanceType: text(),
    Architecture: oneOf('i386', 'x86_64', 'arm64'),
    OSType: oneOf('linux', 'windows'),
    Status: text(),
    IsPublic: flag(),
    IsSupportCloudinit: flag(),
    IsSupportIoOptimized: flag(),
    ActionType: oneOf('CreateEcs', 'ChangeOS'),
    Usage: oneOf('instance', 'none'),
    ShowExpired: flag(),
    PageNumber: integer(1),
    PageSize: integer(1, 100),
    Tag: tagFilter(),
  },
  apply(state, params, _call, commit) {
    const type = params.InstanceType === undefined ? undefined : findInstanceType(params.InstanceType);
    if (params.InstanceType !== undefined && type === undefined)
      throw refuse('InvalidInstanceType.ValueNotSupported', params.InstanceType);
    commit();
    const ids = params.ImageId?.split(',');
    const isWanted =
      readTagFilter(params.Tag).length === 0 &&
      [undefined, 'system'].includes(params.ImageOwnerAlias) &&
      params.OSType !== 'windows' &&
      params.IsPublic !== false &&
      params.IsSupportCloudinit !== false &&
      params.IsSupportIoOptimized !== false &&
      params.Usage !== 'instance' &&
      (params.Status ?? 'Available').split(',').includes('Available');
    const found = images.filter(
      (image) =>
        isWanted &&
        (params.Architecture ?? image.architecture) === image.architecture &&
        (type === undefined || isFitting(type, image)) &&
        (ids === undefined || ids.includes(image.id)) &&
        (params.ImageFamily === undefined || image.family === params.ImageFamily) &&
        (params.ImageName === undefined || image.name === params.ImageName),
    );
    const [number, size] = [params.PageNumber ?? 1, params.PageSize ?? 10];
    return {
      RegionId: state.context.regionId,
      PageNumber: number,
      PageSize: size,
      TotalCount: found.length,
      Images: {
        Image: found.slice((number - 1) * size, number * size).map((image) => ({
          ImageId: image.id,
          ImageName: image.name,
          ImageFamily: image.family,
          ImageOwnerAlias: 'system',
          OSType: 'linux',
          OSName: image.osName,
          OSNameEn: image.osNameEn,
          Platform: image.platform,
          Architecture: image.architecture,
          Size: image.sizeGiB,
          Status: 'Available',
          Progress: '100%',
          Usage: 'none',
          IsPublic: true,
          IsCopied: false,
          IsSelfShared: '',
          IsSubscribed: false,
          IsSupportCloudinit: true,
          IsSupportIoOptimized: true,
          ImageVersion: '',
          Description: '',
          ProductCode: '',
          ResourceGroupId: '',
          CreationTime: image.createdAt,
          BootMode: 'BIOS',
          LoginAsNonRootSupported: true,
          DiskDeviceMappings: { DiskDeviceMapping: [] },
          Features: { NvmeSupport: 'supported', ImdsSupport: image.imdsSupport },
          Tags: { Tag: [] },
        })),
      },
    };
  },
});
