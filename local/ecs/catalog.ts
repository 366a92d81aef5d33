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
  /** Absent = X86. */
  cpuArchitecture?: 'ARM';
  /** Disk categories that it can start from. */
  disks: readonly string[];
  /** Letters of the zones that sell it; absent = every zone. */
  zoneLetters?: string;
  /** CNY an hour, pay-as-you-go. */
  hourPrice: number;
}

/** By the same pages; entry-level ESSDs are for `ecs.u1` and `ecs.e` only (SDK-ECS, RunInstances). */
const essdOnly = ['cloud_essd', 'cloud_auto'];
const essdAndOlder = ['cloud_essd', 'cloud_auto', 'cloud_ssd', 'cloud_efficiency'];
const entryLevel = ['cloud_essd_entry', 'cloud_essd', 'cloud_auto'];
const withoutEssd = ['cloud_ssd', 'cloud_efficiency'];

export const instanceTypes: readonly InstanceType[] = [
  {
    name: 'ecs.g7.large',
    family: 'ecs.g7',
    cpu: 2,
    memoryMiB: 8192,
    ipv6PerInterface: 6,
    disks: essdOnly,
    hourPrice: 0.57,
  },
  {
    name: 'ecs.c7.large',
    family: 'ecs.c7',
    cpu: 2,
    memoryMiB: 4096,
    ipv6PerInterface: 6,
    disks: essdOnly,
    hourPrice: 0.45,
  },
  {
    name: 'ecs.g6.large',
    family: 'ecs.g6',
    cpu: 2,
    memoryMiB: 8192,
    ipv6PerInterface: 6,
    disks: essdAndOlder,
    hourPrice: 0.5,
  },
  {
    name: 'ecs.c6.large',
    family: 'ecs.c6',
    cpu: 2,
    memoryMiB: 4096,
    ipv6PerInterface: 6,
    disks: essdAndOlder,
    hourPrice: 0.39,
  },
  {
    name: 'ecs.g8y.large',
    family: 'ecs.g8y',
    cpu: 2,
    memoryMiB: 8192,
    ipv6PerInterface: 6,
    cpuArchitecture: 'ARM',
    disks: essdOnly,
    hourPrice: 0.4,
  },
  {
    name: 'ecs.e-c1m1.large',
    family: 'ecs.e',
    cpu: 2,
    memoryMiB: 2048,
    ipv6PerInterface: 1,
    disks: entryLevel,
    hourPrice: 0.2,
  },
  {
    name: 'ecs.e-c1m2.large',
    family: 'ecs.e',
    cpu: 2,
    memoryMiB: 4096,
    ipv6PerInterface: 1,
    disks: entryLevel,
    hourPrice: 0.28,
  },
  {
    name: 'ecs.t6-c1m1.large',
    family: 'ecs.t6',
    cpu: 2,
    memoryMiB: 2048,
    ipv6PerInterface: 1,
    disks: essdAndOlder,
    zoneLetters: 'befg',
    hourPrice: 0.17,
  },
  {
    name: 'ecs.n4.small',
    family: 'ecs.n4',
    cpu: 1,
    memoryMiB: 2048,
    ipv6PerInterface: 0,
    disks: withoutEssd,
    zoneLetters: 'bdeg',
    hourPrice: 0.23,
  },
  {
    name: 'ecs.xn4.small',
    family: 'ecs.xn4',
    cpu: 1,
    memoryMiB: 1024,
    ipv6PerInterface: 0,
    disks: withoutEssd,
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
  architecture: 'x86_64' | 'arm64';
  sizeGiB: number;
  createdAt: string;
  /** `v2`: instances can be made that give their metadata to holders of a token only; `v1`: they cannot. */
  imdsSupport: 'v1' | 'v2';
}

/** Short forms of the family (`alibaba_cloud_linux_3...`) match nothing. Source: facts GH-IMG. `imdsSupport` is inferred: the vendor says so of the latest public images. */
export const images: readonly Image[] = [
  {
    id: 'aliyun_3_x64_20G_alibase_20251030.vhd',
    name: 'aliyun_3_x64_20G_alibase_20251030.vhd',
    family: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
    osName: 'Alibaba Cloud Linux  3.2104 LTS 64位',
    osNameEn: 'Alibaba Cloud Linux  3.2104 LTS 64 bit',
    platform: 'Aliyun',
    architecture: 'x86_64',
    sizeGiB: 20,
    createdAt: '2025-11-03T02:12:31Z',
    imdsSupport: 'v2',
  },
  // The name of the ARM family is inferred from that of its x86 sibling.
  {
    id: 'aliyun_3_arm64_20G_alibase_20251030.vhd',
    name: 'aliyun_3_arm64_20G_alibase_20251030.vhd',
    family: 'acs:alibaba_cloud_linux_3_2104_lts_arm64',
    osName: 'Alibaba Cloud Linux  3.2104 LTS 64位 ARM版',
    osNameEn: 'Alibaba Cloud Linux  3.2104 LTS 64 bit ARM Edition',
    platform: 'Aliyun',
    architecture: 'arm64',
    sizeGiB: 20,
    createdAt: '2025-11-03T02:12:31Z',
    imdsSupport: 'v2',
  },
];

/** Whether instances of the type can start from the image. */
export const isFitting = (type: InstanceType, image: Image): boolean =>
  (type.cpuArchitecture === 'ARM') === (image.architecture === 'arm64');

/** CNY per GiB and hour. */
export const diskPrices: Readonly<Record<string, number>> = {
  cloud_essd_entry: 0.0007,
  cloud_auto: 0.0015,
  cloud_essd: 0.0021,
  cloud_ssd: 0.0021,
  cloud_efficiency: 0.0007,
};

export const diskCategories = Object.keys(diskPrices);
