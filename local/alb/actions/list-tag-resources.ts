import { albRead } from '../alb-action.ts';
import { ids, paging, tagFilter, takePage, wanted } from '../params.ts';
import { getTaggable, resourcesOf, taggedResource } from '../taggable.ts';

/** ListTagResources, ALB 2020-06-16: one row per tag (P-022), behind the truth by the lag of tag queries (P-021). Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listtagresources (read 2026-11-22). */
export const listTagResources = albRead({
  params: { ...paging(), ...taggedResource, ResourceId: ids(50), Tag: tagFilter(20) },
  apply(state, params) {
    const { clock, latency } = state.context;
    const filter = wanted(params.Tag);
    const resources =
      params.ResourceId === undefined
        ? resourcesOf(state, params.ResourceType).list()
        : getTaggable(state, params.ResourceType, params.ResourceId);
    const found = resources
      .filter((resource) => clock.nowMs() >= (resource.taggedAtMs ?? resource.createdAtMs) + latency.tagLagMs)
      .filter((resource) =>
        filter.every((want) =>
          resource.tags.some((tag) => tag.key === want.key && (want.value ?? tag.value) === tag.value),
        ),
      )
      .flatMap((resource) =>
        resource.tags.map((tag) => ({
          ResourceId: resource.id,
          ResourceType: params.ResourceType,
          TagKey: tag.key,
          TagValue: tag.value,
        })),
      );
    const { rows, tail } = takePage(found, params);
    return { TagResources: rows, ...tail };
  },
});
