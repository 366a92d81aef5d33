import { list, required, struct, tags, text } from '../action.ts';
import type { Tag } from '../lifecycle.ts';
import { refuse } from './errors.ts';

/** Tags to be given to a resource. */
export const newTags = () => tags(20);

/** A filter by tags: a key alone stands for any value. */
export const tagFilter = () => list(struct({ Key: text({ max: 128 }), Value: text({ max: 128 }) }), 20);

export const tagKeys = () => list(required(text({ min: 1, max: 128 })), 20);

type Given = { Key: string; Value: string | undefined }[] | undefined;

const isReserved = (text: string): boolean => /^(aliyun|acs:)/i.test(text) || /https?:\/\//.test(text);

/** @throws Duplicate.TagKey, InvalidTagKey.Malformed, InvalidTagValue.Malformed */
export function readTags(given: Given): Tag[] {
  const read: Tag[] = [];
  for (const { Key: key, Value: value = '' } of given ?? []) {
    if (isReserved(key)) throw refuse('InvalidTagKey.Malformed', key);
    if (isReserved(value)) throw refuse('InvalidTagValue.Malformed', value);
    if (read.some((tag) => tag.key === key)) throw refuse('Duplicate.TagKey', key);
    read.push({ key, value });
  }
  return read;
}

/** @throws InvalidParameter.TagValue for a value without a key. */
export function readTagFilter(
  given: { Key: string | undefined; Value: string | undefined }[] | undefined,
): { key: string; value: string | undefined }[] {
  return (given ?? []).map(({ Key: key, Value: value }) => {
    if (key === undefined) throw refuse('InvalidParameter.TagValue');
    return { key, value };
  });
}

/** The wire form of tags in Describe answers. */
export const tagSet = (given: Tag[]): { Tag: { TagKey: string; TagValue: string }[] } => ({
  Tag: given.map(({ key, value }) => ({ TagKey: key, TagValue: value })),
});
