/** One OpenAPI product as its clients need it. */
import { valueAt } from '../dictionary.ts';
export interface Product {
  /** Short name in logs and errors. */
  readonly name: string;
  readonly version: string;
  /** Host of the product's API for a region. */
  readonly host: (regionId: string) => string;
}

/** Regions outside the naming rule, as in the vendor's SDKs of 2026-11; only regions where ALB is or may be sold. */
const regional =
  (product: string, exceptions: Record<string, string> = {}) =>
  (regionId: string): string =>
    valueAt(exceptions, regionId) ?? `${product}.${regionId}.aliyuncs.com`;

export const vpcProduct: Product = {
  name: 'vpc',
  version: '2016-04-28',
  host: regional('vpc', {
    'cn-hangzhou': 'vpc.aliyuncs.com',
    'cn-hangzhou-finance': 'vpc.aliyuncs.com',
    'cn-shanghai-finance-1': 'vpc.aliyuncs.com',
    'cn-shenzhen-finance-1': 'vpc.aliyuncs.com',
    'cn-north-2-gov-1': 'vpc.aliyuncs.com',
  }),
};

export const ecsProduct: Product = {
  name: 'ecs',
  version: '2014-05-26',
  host: regional('ecs', {
    'cn-hangzhou': 'ecs-cn-hangzhou.aliyuncs.com',
    'cn-hangzhou-finance': 'ecs.aliyuncs.com',
    'cn-shanghai-finance-1': 'ecs-cn-hangzhou.aliyuncs.com',
    'cn-shenzhen-finance-1': 'ecs-cn-hangzhou.aliyuncs.com',
    'cn-north-2-gov-1': 'ecs.aliyuncs.com',
  }),
};

export const albProduct: Product = { name: 'alb', version: '2020-06-16', host: regional('alb') };

export const dnsProduct: Product = {
  name: 'alidns',
  version: '2015-01-09',
  host: regional('alidns', { 'cn-hangzhou': 'alidns.aliyuncs.com' }),
};

/** Regions that the vendor's SDK of 2026 has under the one host of the China site, besides all whose id begins with `cn-`. */
const chinaSite = ['ap-southeast-3', 'ap-southeast-5', 'eu-west-1', 'us-east-1', 'us-west-1'];

export const certificatesProduct: Product = {
  name: 'cas',
  version: '2020-04-07',
  host: (regionId) =>
    regionId.startsWith('cn-') || chinaSite.includes(regionId) ? 'cas.aliyuncs.com' : `cas.${regionId}.aliyuncs.com`,
};

export const resourceManagerProduct: Product = {
  name: 'resourcemanager',
  version: '2020-03-31',
  host: () => 'resourcemanager.aliyuncs.com',
};
