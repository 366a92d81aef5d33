import { integer, list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { tagsParam } from '../params.ts';
import type { VpcState } from '../state.ts';
import { tagFilter, taggable, taggedResources } from '../tagging.ts';

const tokenOf = (offset: number): string => Buffer.from(`rows:${offset}`).toString('base64url');

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const offset = /^rows:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
  if (offset === undefined) throw refuse('InvalidParameter', 'NextToken was not given by this service.');
  return Number(offset);
}

/**
 * ListTagResources, VPC 2016-04-28. One row per tag, not per resource (P-022); several tags must all match; with ids as
 * well, both must. Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-listtagresources (text as in SDK 7.3.2); codes META-VPC.
 */
export const listTagResources = rpcAction<VpcState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    ResourceType: required(text()),
    ResourceId: list(text()),
    Tag: tagsParam(),
    MaxResults: integer(1, 50),
    NextToken: text(),
  },
  apply(state, params) {
    const matching = taggable(state, params.ResourceType);
    const filter = tagFilter(params.Tag);
    const ids = params.ResourceId ?? [];
    if (ids.length === 0 && filter.length === 0) throw refuse('BothEmpty.TagsAndResources');
    const byTags = matching.listByTags(filter);
    const found =
      ids.length === 0
        ? byTags
        : taggedResources(state, params.ResourceType, ids).filter((item) => byTags.includes(item));
    const rows = found.flatMap(({ id, tags }) =>
      tags.map(({ key, value }) => ({
        ResourceId: id,
        ResourceType: params.ResourceType,
        TagKey: key,
        TagValue: value,
      })),
    );
    const offset = offsetOf(params.NextToken);
    const end = offset + (params.MaxResults ?? 50);
    return {
      NextToken: end < rows.length ? tokenOf(end) : '',
      TagResources: { TagResource: rows.slice(offset, end) },
    };
  },
});
