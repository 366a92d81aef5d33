import { flag, oneOf } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { diskCategories, instanceTypes, isOffered } from '../catalog.ts';
import type { EcsState } from '../state.ts';

/** DescribeZones, ECS 2014-05-26. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describezones (read 2026-11-22). */
export const describeZones = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    InstanceChargeType: oneOf('PrePaid', 'PostPaid'),
    SpotStrategy: oneOf('NoSpot', 'SpotWithPriceLimit', 'SpotAsPriceGo'),
    Verbose: flag(),
    AcceptLanguage: oneOf('zh-CN', 'en-US', 'ja'),
  },
  apply: (state) => ({
    Zones: {
      Zone: state.context.zoneIds.map((zoneId) => {
        const types = instanceTypes.filter((type) => isOffered(type, zoneId));
        return {
          ZoneId: zoneId,
          ZoneType: 'AvailabilityZone',
          LocalName: `Zone ${zoneId.slice(-1).toUpperCase()}`,
          AvailableResourceCreation: { ResourceTypes: ['VSwitch', 'IoOptimized', 'Instance', 'Disk'] },
          AvailableInstanceTypes: { InstanceTypes: types.map((type) => type.name) },
          AvailableDiskCategories: { DiskCategories: diskCategories },
          AvailableVolumeCategories: { VolumeCategories: [] },
          AvailableDedicatedHostTypes: { DedicatedHostType: [] },
          DedicatedHostGenerations: { DedicatedHostGeneration: [] },
          AvailableResources: {
            ResourcesInfo: [
              {
                IoOptimized: true,
                SystemDiskCategories: { supportedSystemDiskCategory: diskCategories },
                DataDiskCategories: { supportedDataDiskCategory: diskCategories },
                InstanceTypes: { supportedInstanceType: types.map((type) => type.name) },
                InstanceTypeFamilies: {
                  supportedInstanceTypeFamily: [...new Set(types.map((type) => type.family))],
                },
                NetworkTypes: { supportedNetworkCategory: ['vpc'] },
              },
            ],
          },
        };
      }),
    },
  }),
});
