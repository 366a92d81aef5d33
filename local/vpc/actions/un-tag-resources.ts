import { flag, list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { VpcState } from '../state.ts';
import { taggedResources } from '../tagging.ts';

/**
 * UnTagResources, VPC 2016-04-28. Keys that a resource does not have are passed over; without keys only All=true removes.
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-untagresources (text as in SDK 7.3.2); codes META-VPC.
 */
export const unTagResources = rpcAction<VpcState>()({
  isWrite: true,
  needsRegionId: true,
  params: {
    ResourceType: required(text()),
    ResourceId: required(list(text())),
    TagKey: list(text()),
    All: flag(),
  },
  apply(state, params) {
    const keys = params.TagKey ?? [];
    if (keys.length > 20) throw refuse('SizeLimitExceeded.TagNum');
    for (const item of taggedResources(state, params.ResourceType, params.ResourceId))
      item.tags = keys.length === 0 && params.All === true ? [] : item.tags.filter(({ key }) => !keys.includes(key));
    return {};
  },
});
