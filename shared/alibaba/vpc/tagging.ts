import { TagResourcesRequest } from '@alicloud/vpc20160428/dist/models/TagResourcesRequest.js';
import type { Call } from '../call.ts';
import { type Tags, wireTags } from '../tags.ts';

export interface VpcTagging {
  /** Adds the tags, or gives them their values back. Takes no client token (P-016): twice is the same. */
  tagResource(type: 'VPC' | 'VSWITCH' | 'IPV6GATEWAY', id: string, tags: Tags): Promise<void>;
}

const tagResources = { name: 'TagResources', request: TagResourcesRequest };

export const vpcTagging = (call: Call): VpcTagging => ({
  async tagResource(type, id, tags) {
    await call(tagResources, { resourceType: type, resourceId: [id], tag: wireTags(tags) });
  },
});
