import { integer, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { diskCategories, instanceTypes, isOffered } from '../catalog.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';

const stock = (isAvailable: boolean) =>
  isAvailable
    ? { Status: 'Available', StatusCategory: 'WithStock' }
    : { Status: 'SoldOut', StatusCategory: 'WithoutStock' };

/** DescribeAvailableResource, ECS 2014-05-26: a hint on stock. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeavailableresource (read 2026-11-22). */
export const describeAvailableResource = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    DestinationResource: required(text()),
    ResourceType: oneOf('instance'),
    InstanceChargeType: oneOf('PostPaid', 'PrePaid'),
    ZoneId: text(),
    InstanceType: text(),
    IoOptimized: oneOf('optimized', 'none'),
    NetworkCategory: oneOf('vpc', 'classic'),
    SystemDiskCategory: text(),
    DataDiskCategory: text(),
    SpotStrategy: oneOf('NoSpot', 'SpotWithPriceLimit', 'SpotAsPriceGo'),
    Cores: integer(1),
    Memory: text({ pattern: /^\d+(\.\d+)?$/ }),
  },
  apply(state, params) {
    const { zoneIds, regionId } = state.context;
    if (params.ZoneId !== undefined && !zoneIds.includes(params.ZoneId))
      throw refuse('InvalidZoneId.NotFound', params.ZoneId);
    const destination = params.DestinationResource;
    if (!['Zone', 'InstanceType', 'SystemDisk', 'DataDisk', 'Network', 'IoOptimized', 'ddh'].includes(destination))
      throw refuse('Invalid.DestinationResource', destination);
    if (!['Zone', 'InstanceType', 'SystemDisk', 'DataDisk'].includes(destination))
      throw refuse('EmbeddedCloud.NotEmulated', `DestinationResource ${destination}`);
    // Which disks there are depends on the type (SDK-ECS); the code is inferred.
    if (destination === 'SystemDisk' && params.InstanceType === undefined)
      throw refuse('MissingParameter', 'InstanceType');
    const zones = zoneIds.filter((zoneId) => params.ZoneId === undefined || zoneId === params.ZoneId);
    const found = zones.flatMap((zoneId) => {
      const types = instanceTypes.filter(
        (type) =>
          isOffered(type, zoneId) &&
          (params.InstanceType === undefined || type.name === params.InstanceType) &&
          (params.Cores === undefined || type.cpu === params.Cores) &&
          (params.Memory === undefined || type.memoryMiB === Number(params.Memory) * 1024),
      );
      if (types.length === 0) return [];
      const isAvailable = types.some((type) => state.isInStock(zoneId, type.name));
      const disks = diskCategories.filter(
        (category) =>
          (params.SystemDiskCategory === undefined || category === params.SystemDiskCategory) &&
          types.some((type) => type.disks.includes(category)),
      );
      const resources =
        destination === 'InstanceType'
          ? types.map((type) => ({ Value: type.name, ...stock(state.isInStock(zoneId, type.name)) }))
          : disks.map((Value) => ({ Value, ...stock(true), Min: 20, Max: 2048, Unit: 'GiB' }));
      return [
        {
          RegionId: regionId,
          ZoneId: zoneId,
          ...stock(isAvailable),
          ...(destination === 'Zone'
            ? {}
            : {
                AvailableResources: {
                  AvailableResource: [{ Type: destination, SupportedResources: { SupportedResource: resources } }],
                },
              }),
        },
      ];
    });
    return { AvailableZones: { AvailableZone: found } };
  },
});
