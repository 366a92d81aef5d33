import { DescribeAvailableResourceRequest } from '@alicloud/ecs20140526/dist/models/DescribeAvailableResourceRequest.js';
import { DescribeAvailableResourceResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeAvailableResourceResponseBody.js';
import { DescribeImagesRequest } from '@alicloud/ecs20140526/dist/models/DescribeImagesRequest.js';
import { DescribeImagesResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeImagesResponseBody.js';
import type { Call } from '../call.ts';
import { numberedPages } from '../pages.ts';

export interface Catalog {
  /** Whether the region has an available system image of the family. */
  hasImageFamily(family: string): Promise<boolean>;
  /** A hint on stock; only a dry run of `runInstances` checks the account too. */
  isInstanceTypeAvailable(wanted: { zoneId: string; instanceType: string }): Promise<boolean>;
}

const describeAvailableResource = {
  name: 'DescribeAvailableResource',
  request: DescribeAvailableResourceRequest,
  answer: DescribeAvailableResourceResponseBody,
};
const describeImages = { name: 'DescribeImages', request: DescribeImagesRequest, answer: DescribeImagesResponseBody };

export const catalog = (call: Call): Catalog => ({
  async hasImageFamily(family) {
    const images = await numberedPages(100, async (paging) => {
      const answer = await call(describeImages, { imageFamily: family, imageOwnerAlias: 'system', ...paging });
      return { rows: answer.images?.image, totalCount: answer.totalCount };
    });
    return images.some((image) => image.imageFamily === family);
  },

  async isInstanceTypeAvailable({ zoneId, instanceType }) {
    const answer = await call(describeAvailableResource, { destinationResource: 'InstanceType', zoneId, instanceType });
    const zone = answer.availableZones?.availableZone?.find((candidate) => candidate.zoneId === zoneId);
    return (zone?.availableResources?.availableResource ?? [])
      .flatMap((resource) => resource.supportedResources?.supportedResource ?? [])
      .some(
        (resource) =>
          resource.value === instanceType &&
          resource.status === 'Available' &&
          resource.statusCategory !== 'WithoutStock' &&
          resource.statusCategory !== 'ClosedWithoutStock',
      );
  },
});
