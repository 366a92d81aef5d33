import { list, required, struct, text } from '../../action.ts';
import { albTagWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { readTags } from '../params.ts';
import { getTaggable, taggedIds, taggedResource } from '../taggable.ts';

/** TagResources, ALB 2020-06-16: no client token (P-016). Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-tagresources (read 2026-11-22). */
export const tagResources = albTagWrite({
  params: {
    ...taggedResource,
    ResourceId: taggedIds,
    Tag: required(list(struct({ Key: required(text({ min: 1, max: 128 })), Value: text({ max: 128 }) }), 20, 1)),
  },
  apply(state, params) {
    const given = readTags(params.Tag);
    const resources = getTaggable(state, params.ResourceType, params.ResourceId);
    const tagged = resources.map((resource) => {
      const kept = resource.tags.filter((tag) => !given.some((other) => other.key === tag.key));
      if (kept.length + given.length > 20) throw refuse('QuotaExceeded.TagNum', resource.id);
      return { resource, tags: [...kept, ...given] };
    });
    for (const { resource, tags } of tagged) {
      resource.tags = tags;
      resource.taggedAtMs = state.context.clock.nowMs();
    }
    return {};
  },
});
