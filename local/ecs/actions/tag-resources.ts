import { list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';
import { taggedItems } from '../tagged.ts';
import { newTags, readTags } from '../tagging.ts';

/** TagResources, ECS 2014-05-26. A key that is there gets the new value. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-tagresources (read 2026-11-22). */
export const tagResources = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  params: {
    ResourceType: required(text()),
    ResourceId: required(list(required(text()), 50, 1)),
    Tag: required(newTags()),
  },
  apply(state, params) {
    const tags = readTags(params.Tag);
    const items = taggedItems(state, params.ResourceType, params.ResourceId);
    const merged = items.map((item) => [
      ...item.tags.filter((old) => !tags.some((tag) => tag.key === old.key)),
      ...tags,
    ]);
    if (merged.some((all) => all.length > 20)) throw refuse('QuotaExceed.Tags');
    for (const [index, item] of items.entries()) {
      item.tags = merged[index] ?? [];
      item.taggedAtMs = state.context.clock.nowMs();
    }
    return {};
  },
});
