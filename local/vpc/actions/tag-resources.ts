import { list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { tagsParam } from '../params.ts';
import type { VpcState } from '../state.ts';
import { newTags, taggedResources } from '../tagging.ts';

const tagsPerResource = 20;

/**
 * TagResources, VPC 2016-04-28. A key that the resource has gets the new value; all resources are tagged or none.
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-tagresources (text as in SDK 7.3.2); codes META-VPC.
 */
export const tagResources = rpcAction<VpcState>()({
  isWrite: true,
  needsRegionId: true,
  params: { ResourceType: required(text()), ResourceId: required(list(text())), Tag: tagsParam() },
  apply(state, params) {
    const tags = newTags(params.Tag, 'MissingParameter.TagKey');
    if (tags.length === 0) throw refuse('MissingParam.Tags');
    const changes = taggedResources(state, params.ResourceType, params.ResourceId).map((item) => {
      const kept = item.tags.filter((old) => !tags.some(({ key }) => key === old.key));
      return { item, tags: [...kept, ...tags] };
    });
    for (const { item, tags } of changes)
      if (tags.length > tagsPerResource) throw refuse('QuotaExceeded.TagNum', item.id);
    for (const { item, tags } of changes) {
      item.tags = tags;
      item.taggedAtMs = state.context.clock.nowMs();
    }
    return {};
  },
});
