import { flag, list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';
import { taggedItems } from '../tagged.ts';
import { tagKeys } from '../tagging.ts';

/** UntagResources, ECS 2014-05-26. A key that is not there is no error. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-untagresources (read 2026-11-22). */
export const untagResources = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  params: {
    ResourceType: required(text()),
    ResourceId: required(list(required(text()), 50, 1)),
    TagKey: tagKeys(),
    All: flag(),
  },
  apply(state, { ResourceType: type, ResourceId: ids, TagKey: keys, All: all }) {
    if (all === true && keys !== undefined) throw refuse('Param.Conflict');
    for (const item of taggedItems(state, type, ids)) {
      if (all === true) item.tags = [];
      else if (keys !== undefined) item.tags = item.tags.filter((tag) => !keys.includes(tag.key));
      item.taggedAtMs = state.context.clock.nowMs();
    }
    return {};
  },
});
