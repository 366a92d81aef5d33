import { TagResourcesRequest } from '@alicloud/alb20200616/dist/models/TagResourcesRequest.js';
import type { Call } from '../call.ts';
import { type Tags, wireTags } from '../tags.ts';

export interface AlbTagging {
  /**
   * Adds the tags, or gives them their values back. Takes no client token (P-016): twice is the same. `listener` is not
   * among the documented types, but Terraform tags it so (P-083).
   */
  tagResource(type: 'loadbalancer' | 'servergroup' | 'listener', id: string, tags: Tags): Promise<void>;
}

const tagResources = { name: 'TagResources', request: TagResourcesRequest };

export const albTagging = (call: Call): AlbTagging => ({
  async tagResource(type, id, tags) {
    await call(tagResources, { resourceType: type, resourceId: [id], tag: wireTags(tags) });
  },
});
