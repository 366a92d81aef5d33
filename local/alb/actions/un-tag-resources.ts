import { flag, list, struct, required, text } from '../../action.ts';
import { albTagWrite } from '../alb-action.ts';
import { paramErrors } from '../errors.ts';
import { getTaggable, taggedIds, taggedResource } from '../taggable.ts';

/** UnTagResources, ALB 2020-06-16: by TagKey, by Tag, or All. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-untagresources (read 2026-11-22). */
export const unTagResources = albTagWrite({
  params: {
    ...taggedResource,
    ResourceId: taggedIds,
    TagKey: list(text({ min: 1, max: 128 }), 20, 1),
    Tag: list(struct({ Key: required(text({ min: 1, max: 128 })), Value: text({ max: 128 }) }), 20, 1),
    All: flag(),
  },
  apply(state, params) {
    if (params.TagKey === undefined && params.Tag === undefined && params.All !== true)
      throw paramErrors.missing('TagKey');
    for (const resource of getTaggable(state, params.ResourceType, params.ResourceId))
      resource.tags = resource.tags.filter(
        ({ key, value }) =>
          params.All !== true &&
          !(params.TagKey?.includes(key) ?? false) &&
          !(params.Tag?.some((tag) => tag.Key === key && (tag.Value ?? value) === value) ?? false),
      );
    return {};
  },
});
