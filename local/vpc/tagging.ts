import type { Collection, Kept, Tag } from '../lifecycle.ts';
import { refuse } from './errors.ts';
import type { VpcState } from './state.ts';

type Sent = { Key: string | undefined; Value: string | undefined }[] | undefined;

const limit = 20;
const hasUrl = (text: string): boolean => /https?:\/\//.test(text);
const hasReservedPrefix = (text: string): boolean => /^(aliyun|acs:)/i.test(text);

/** @throws Forbidden.TagKeys, InvalidTagKey, InvalidTagValue, Forbidden.TagKey.Duplicated, SizeLimitExceeded.TagNum, or `keyMissing` for a value without a key */
export function newTags(sent: Sent, keyMissing: 'InvalidTagKey' | 'MissingParameter.TagKey' = 'InvalidTagKey'): Tag[] {
  if ((sent ?? []).length > limit) throw refuse('SizeLimitExceeded.TagNum');
  const tags: Tag[] = [];
  for (const { Key: key, Value: value = '' } of sent ?? []) {
    if (key === undefined) throw refuse(keyMissing);
    if (hasReservedPrefix(key)) throw refuse('Forbidden.TagKeys', key);
    if (hasUrl(key) || key.length > 128) throw refuse('InvalidTagKey', key);
    if (hasReservedPrefix(value) || hasUrl(value) || value.length > 128) throw refuse('InvalidTagValue', value);
    if (tags.some((tag) => tag.key === key)) throw refuse('Forbidden.TagKey.Duplicated', key);
    tags.push({ key, value });
  }
  return tags;
}

/** A key alone stands for any value, a value alone is an error. @throws InvalidTagKey, SizeLimitExceeded.TagNum */
export function tagFilter(sent: Sent, max = limit): { key: string; value: string | undefined }[] {
  if ((sent ?? []).length > max) throw refuse('SizeLimitExceeded.TagNum');
  return (sent ?? []).map(({ Key: key, Value: value }) => {
    if (key === undefined) throw refuse('InvalidTagKey');
    return { key, value };
  });
}

export const tagSet = (tags: Tag[]): { Tag: { Key: string; Value: string }[] } => ({
  Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })),
});

/** Types that the real service tags and of which the embedded cloud never has any. Source: SDK-VPC, ListTagResources. */
const emptyTypes = [
  'ROUTETABLE',
  'EIP',
  'VPNGATEWAY',
  'NATGATEWAY',
  'COMMONBANDWIDTHPACKAGE',
  'PREFIXLIST',
  'PUBLICIPADDRESSPOOL',
  'IPV4GATEWAY',
  'NETWORKACL',
  'TRAFFICMIRRORFILTER',
  'TRAFFICMIRRORSESSION',
  'FLOWLOG',
  'HAVIP',
  'DHCPOPTIONSSET',
  'GATEWAYENDPOINT',
  'IPV6ADDRESS',
];

/** What can be tagged under a ResourceType, spelt in upper case (P-023). @throws InvalidInstanceType.NotFound */
export function taggable(state: VpcState, resourceType: string): Pick<Collection<Kept>, 'find' | 'listByTags'> {
  switch (resourceType) {
    case 'VPC':
      return state.vpcs;
    case 'VSWITCH':
      return state.vSwitches;
    case 'IPV6GATEWAY':
      return state.ipv6Gateways;
    default:
      if (!emptyTypes.includes(resourceType)) throw refuse('InvalidInstanceType.NotFound', resourceType);
      return { find: () => undefined, listByTags: () => [] };
  }
}

/** The resources with the ids, in their order. @throws SizeLimitExceeded.ResourceId, InvalidInstanceIds.NotFound, InvalidInstanceType.NotFound */
export function taggedResources(state: VpcState, resourceType: string, ids: string[]): Kept[] {
  const resources = taggable(state, resourceType);
  if (ids.length > 50) throw refuse('SizeLimitExceeded.ResourceId');
  return [...new Set(ids)].map((id) => {
    const found = resources.find(id);
    if (found === undefined) throw refuse('InvalidInstanceIds.NotFound', id);
    return found;
  });
}
