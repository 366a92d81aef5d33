import { list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { pageByToken } from '../paging.ts';
import type { EcsState } from '../state.ts';
import { taggedItems, taggedOf } from '../tagged.ts';
import { readTagFilter, tagFilter } from '../tagging.ts';

/** Rows in one answer; not published, and there is no MaxResults. */
const pageSize = 50;

/** ListTagResources, ECS 2014-05-26: one row per tag. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-listtagresources (read 2026-11-22). */
export const listTagResources = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    ResourceType: required(text()),
    ResourceId: list(required(text()), 50),
    Tag: tagFilter(),
    NextToken: text(),
  },
  apply(state, params) {
    const tags = readTagFilter(params.Tag);
    const collection = taggedOf(state, params.ResourceType);
    if (tags.length === 0 && params.ResourceId === undefined) throw refuse('BothEmpty.TagsAndResources');
    if (params.ResourceId !== undefined) taggedItems(state, params.ResourceType, params.ResourceId);
    const rows = (collection?.listByTags(tags) ?? [])
      .filter((item) => params.ResourceId === undefined || params.ResourceId.includes(item.id))
      .flatMap((item) =>
        item.tags.map(({ key, value }) => ({
          ResourceId: item.id,
          ResourceType: params.ResourceType,
          TagKey: key,
          TagValue: value,
        })),
      );
    const { items, NextToken } = pageByToken(rows, params.NextToken, pageSize, () => refuse('Invalid.NextToken'));
    return { NextToken, TagResources: { TagResource: items } };
  },
});
