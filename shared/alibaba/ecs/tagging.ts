import { TagResourcesRequest } from '@alicloud/ecs20140526/dist/models/TagResourcesRequest.js';
import type { Call } from '../call.ts';
import { type Tags, wireTags } from '../tags.ts';

export interface EcsTagging {
  /** Adds the tags, or gives them their values back. Takes no client token (P-016): twice is the same. */
  tagResource(type: 'instance' | 'securitygroup', id: string, tags: Tags): Promise<void>;
}

const tagResources = { name: 'TagResources', request: TagResourcesRequest };

export const ecsTagging = (call: Call): EcsTagging => ({
  async tagResource(type, id, tags) {
    await call(tagResources, { resourceType: type, resourceId: [id], tag: wireTags(tags) });
  },
});
