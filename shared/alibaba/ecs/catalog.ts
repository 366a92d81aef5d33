import { DescribeAvailableResourceRequest } from '@alicloud/ecs20140526/dist/models/DescribeAvailableResourceRequest.js';
import { DescribeAvailableResourceResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeAvailableResourceResponseBody.js';
import { DescribeImagesRequest } from '@alicloud/ecs20140526/dist/models/DescribeImagesRequest.js';
import { DescribeImagesResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeImagesResponseBody.js';
import { DescribeInstanceTypesRequest } from '@alicloud/ecs20140526/dist/models/DescribeInstanceTypesRequest.js';
import { DescribeInstanceTypesResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeInstanceTypesResponseBody.js';
import type { Call } from '../call.ts';
import { numberedPages } from '../pages.ts';

export interface InstanceType {
  /** `X86` or `ARM`; empty where the service does not say. */
  cpuArchitecture: string;
  /** IPv6 addresses that one network card can have; undefined where the service does not say. */
  ipv6AddressesPerCard: number | undefined;
}

export interface Image {
  imageId: string;
  /** `x86_64`, `i386`, `arm64`. */
  architecture: string;
  sizeGib: number;
  /** `v2`: its instances can be made to give their metadata to holders of a token only; `v1`: they cannot. Empty where the service does not say. */
  imdsSupport: string;
}

export interface SystemDisk {
  category: string;
  /** In GiB; undefined where the service does not say. */
  min: number | undefined;
  max: number | undefined;
}

export interface Wanted {
  zoneId: string;
  instanceType: string;
}

export interface Catalog {
  /** The newest available system image of the family, which is the one that an instance gets; undefined if there is none. */
  findImage(family: string): Promise<Image | undefined>;
  /** Undefined where no zone of the region has the type. */
  findInstanceType(instanceType: string): Promise<InstanceType | undefined>;
  /** A hint on stock; only a dry run of `runInstances` checks the account too. */
  isInstanceTypeAvailable(wanted: Wanted): Promise<boolean>;
  /** Those that are in stock for the type in the zone. */
  listSystemDisks(wanted: Wanted): Promise<SystemDisk[]>;
}

const describeAvailableResource = {
  name: 'DescribeAvailableResource',
  request: DescribeAvailableResourceRequest,
  answer: DescribeAvailableResourceResponseBody,
};
const describeImages = { name: 'DescribeImages', request: DescribeImagesRequest, answer: DescribeImagesResponseBody };
const describeInstanceTypes = {
  name: 'DescribeInstanceTypes',
  request: DescribeInstanceTypesRequest,
  answer: DescribeInstanceTypesResponseBody,
};

export const catalog = (call: Call): Catalog => {
  const available = async (destinationResource: string, { zoneId, instanceType }: Wanted) => {
    const answer = await call(describeAvailableResource, { destinationResource, zoneId, instanceType });
    const zone = answer.availableZones?.availableZone?.find((candidate) => candidate.zoneId === zoneId);
    return (zone?.availableResources?.availableResource ?? [])
      .flatMap((resource) => resource.supportedResources?.supportedResource ?? [])
      .filter(
        ({ status, statusCategory = '' }) =>
          status === 'Available' && !['WithoutStock', 'ClosedWithoutStock'].includes(statusCategory),
      );
  };

  return {
    async findImage(family) {
      const images = await numberedPages(100, async (paging) => {
        const answer = await call(describeImages, { imageFamily: family, imageOwnerAlias: 'system', ...paging });
        return { rows: answer.images?.image, totalCount: answer.totalCount };
      });
      const [newest] = images
        .filter(({ imageFamily }) => imageFamily === family)
        .toSorted((a, b) => ((a.creationTime ?? '') < (b.creationTime ?? '') ? 1 : -1));
      if (newest === undefined) return undefined;
      return {
        imageId: newest.imageId ?? '',
        architecture: newest.architecture ?? '',
        sizeGib: newest.size ?? 0,
        imdsSupport: newest.features?.imdsSupport ?? '',
      };
    },

    async findInstanceType(instanceType) {
      const answer = await call(describeInstanceTypes, { instanceTypes: [instanceType] });
      const found = answer.instanceTypes?.instanceType?.find((type) => type.instanceTypeId === instanceType);
      if (found === undefined) return undefined;
      return { cpuArchitecture: found.cpuArchitecture ?? '', ipv6AddressesPerCard: found.eniIpv6AddressQuantity };
    },

    async isInstanceTypeAvailable(wanted) {
      return (await available('InstanceType', wanted)).some(({ value }) => value === wanted.instanceType);
    },

    async listSystemDisks(wanted) {
      return (await available('SystemDisk', wanted)).map(({ value = '', min, max }) => ({ category: value, min, max }));
    },
  };
};
