/**
 * What the emulated region sells. A handful of entries; sizes and IPv6 limits follow the vendor's instance family pages
 * (https://www.alibabacloud.com/help/en/ecs/user-guide/overview-of-instance-families), prices are plausible, not current.
 */

export interface InstanceType {
  name: string;
  family: string;
  cpu: number;
  memoryMiB: number;
  /** IPv6 addresses on one network card; 0: the type has no IPv6. */
  ipv6PerInterface: number;
  /** Letters of the zones that sell it; absent = every zone. */
  zoneLetters?: string;
  /** CNY an hour, pay-as-you-go. */
  hourPrice: number;
}

export const instanceTypes: readonly InstanceType[] = [
  { name: 'ecs.g7.large', family: 'ecs.g7', cpu: 2, memoryMiB: 8192, ipv6PerInterface: 6, hourPrice: 0.57 },
  { name: 'ecs.c7.large', family: 'ecs.c7', cpu: 2, memoryMiB: 4096, ipv6PerInterface: 6, hourPrice: 0.45 },
  { name: 'ecs.g6.large', family: 'ecs.g6', cpu: 2, memoryMiB: 8192, ipv6PerInterface: 6, hourPrice: 0.5 },
  { name: 'ecs.c6.large', family: 'ecs.c6', cpu: 2, memoryMiB: 4096, ipv6PerInterface: 6, hourPrice: 0.39 },
  { name: 'ecs.e-c1m1.large', family: 'ecs.e', cpu: 2, memoryMiB: 2048, ipv6PerInterface: 1, hourPrice: 0.2 },
  { name: 'ecs.e-c1m2.large', family: 'ecs.e', cpu: 2, memoryMiB: 4096, ipv6PerInterface: 1, hourPrice: 0.28 },
  {
    name: 'ecs.t6-c1m1.large',
    family: 'ecs.t6',
    cpu: 2,
    memoryMiB: 2048,
    ipv6PerInterface: 1,
    zoneLetters: 'befg',
    hourPrice: 0.17,
  },
  {
    name: 'ecs.n4.small',
    family: 'ecs.n4',
    cpu: 1,
    memoryMiB: 2048,
    ipv6PerInterface: 0,
    zoneLetters: 'bdeg',
    hourPrice: 0.23,
  },
  {
    name: 'ecs.xn4.small',
    family: 'ecs.xn4',
    cpu: 1,
    memoryMiB: 1024,
    ipv6PerInterface: 0,
    zoneLetters: 'bdeg',
    hourPrice: 0.14,
  },
];

export const findInstanceType = (name: string): InstanceType | undefined =>
  instanceTypes.find((candidate) => candidate.name === name);

/** Whether the zone sells the type at all, whatever the stock. */
export const isOffered = (type: InstanceType, zoneId: string): boolean =>
  type.zoneLetters === undefined || type.zoneLetters.includes(zoneId.slice(-1));

export interface Image {
  id: string;
  name: string;
  family: string;
  osName: string;
  osNameEn: string;
  platform: string;
  sizeGiB: number;
  createdAt: string;
}

/** Short forms of the family (`alibaba_cloud_linux_3...`) match nothing. Source: facts GH-IMG. */
export const images: readonly Image[] = [
  {
    id: 'aliyun_3_x64_20G_alibase_20251030.vhd',
    name: 'aliyun_3_x64_20G_alibase_20251030.vhd',
    family: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
    osName: 'Alibaba Cloud Linux  3.2104 LTS 64位',
    osNameEn: 'Alibaba Cloud Linux  3.2104 LTS 64 bit',
    platform: 'Aliyun',
    sizeGiB: 20,
    createdAt: '2025-11-03T02:12:31Z',
  },
];

/** CNY per GiB and hour. */
export const diskPrices: Readonly<Record<string, number>> = {
  cloud_essd_entry: 0.0007,
  cloud_auto: 0.0015,
  cloud_essd: 0.0021,
  cloud_ssd: 0.0021,
  cloud_efficiency: 0.0007,
};

export const diskCategories = Object.keys(diskPrices);
