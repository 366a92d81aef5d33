import { integer, oneOf, struct, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { diskPrices, findInstanceType, images } from '../catalog.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';
import { valueAt } from '../../dictionary.ts';

/** Hours of a unit, and what a longer commitment leaves of the hourly price. */
const units: Record<string, { hours: number; share: number }> = {
  Hour: { hours: 1, share: 1 },
  Day: { hours: 24, share: 1 },
  Week: { hours: 168, share: 0.8 },
  Month: { hours: 720, share: 0.6 },
  Year: { hours: 8640, share: 0.5 },
};

const round = (price: number): number => Number(price.toFixed(6));

/**
 * DescribePrice, ECS 2014-05-26: a static price list. A system disk is priced only beside an ImageId; `bandwidth` is
 * the price of 1 GB by traffic. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeprice (read 2026-11-22).
 */
export const describePrice = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    ResourceType: oneOf('instance', 'disk', 'bandwidth', 'ddh', 'ElasticityAssurance', 'CapacityReservation'),
    InstanceType: text(),
    ImageId: text(),
    ZoneId: text(),
    Amount: integer(1, 1000),
    Period: integer(1),
    PriceUnit: oneOf('Hour', 'Day', 'Week', 'Month', 'Year'),
    SpotStrategy: oneOf('NoSpot', 'SpotWithPriceLimit', 'SpotAsPriceGo'),
    IoOptimized: oneOf('optimized', 'none'),
    InstanceNetworkType: oneOf('vpc', 'classic'),
    InternetChargeType: oneOf('PayByTraffic', 'PayByBandwidth'),
    InternetMaxBandwidthOut: integer(0, 100),
    SystemDisk: struct({ Category: text(), Size: integer(1, 2048), PerformanceLevel: text() }),
  },
  apply(state, params) {
    const resource = params.ResourceType ?? 'instance';
    const { hours, share } = units[params.PriceUnit ?? 'Hour'] as { hours: number; share: number };
    const factor = hours * share * (params.Period ?? 1) * (params.Amount ?? 1);
    const isSpot = (params.SpotStrategy ?? 'NoSpot') !== 'NoSpot';
    const details: { Resource: string; OriginalPrice: number; TradePrice: number }[] = [];
    const add = (name: string, price: number, trade = price) =>
      details.push({ Resource: name, OriginalPrice: round(price), TradePrice: round(trade) });
    if (params.ImageId !== undefined && !images.some((image) => image.id === params.ImageId))
      throw refuse('InvalidImageId.NotFound', params.ImageId);
    if (resource === 'instance') {
      const type = findInstanceType(params.InstanceType ?? '');
      if (type === undefined) throw refuse('InvalidInstanceType.ValueNotSupported', params.InstanceType);
      const price = type.hourPrice * factor;
      add('instanceType', price, isSpot ? price * 0.3 : price);
      if (params.ImageId !== undefined) add('image', 0);
      if (params.SystemDisk !== undefined && params.ImageId !== undefined) {
        const perGiB = valueAt(diskPrices, params.SystemDisk.Category ?? 'cloud_efficiency');
        if (perGiB === undefined)
          throw refuse('InvalidSystemDiskCategory.ValueNotSupported', params.SystemDisk.Category);
        add('systemDisk', perGiB * (params.SystemDisk.Size ?? 40) * factor);
      }
    } else if (resource === 'bandwidth') add('bandwidth', 0.8);
    else throw refuse('PriceNotFound');
    const original = round(details.reduce((sum, detail) => sum + detail.OriginalPrice, 0));
    const trade = round(details.reduce((sum, detail) => sum + detail.TradePrice, 0));
    const price = (one: { OriginalPrice: number; TradePrice: number }) => ({
      OriginalPrice: one.OriginalPrice,
      DiscountPrice: round(one.OriginalPrice - one.TradePrice),
      TradePrice: one.TradePrice,
    });
    return {
      PriceInfo: {
        Price: {
          ...price({ OriginalPrice: original, TradePrice: trade }),
          // The international site answers in USD; the embedded account is one of the China site.
          Currency: 'CNY',
          ReservedInstanceHourPrice: 0,
          DetailInfos: {
            DetailInfo: details.map((detail) => ({
              Resource: detail.Resource,
              ...price(detail),
              SubRules: { Rule: [] },
            })),
          },
        },
        Rules: { Rule: [] },
        RelatedPrice: {},
      },
    };
  },
});
