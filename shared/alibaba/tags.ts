/** Tags of a resource, key to value. As a filter: every given pair must be there. */
import { setAt, valueAt } from '../dictionary.ts';
export type Tags = Record<string, string>;

/** A tag as the products answer it: VPC and ALB with `key`, ECS with `tagKey`. */
interface AnsweredTag {
  key?: string | undefined;
  value?: string | undefined;
  tagKey?: string | undefined;
  tagValue?: string | undefined;
}

/** For a request's `Tag` parameter; undefined where there is none, so that nothing is sent. */
export const wireTags = (tags: Tags | undefined): { key: string; value: string }[] | undefined => {
  const pairs = Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
  return pairs.length === 0 ? undefined : pairs;
};

export const readTags = (tags: AnsweredTag[] | undefined): Tags => {
  const read: Tags = {};
  for (const tag of tags ?? []) {
    const key = tag.key ?? tag.tagKey;
    if (key !== undefined) setAt(read, key, tag.value ?? tag.tagValue ?? '');
  }
  return read;
};

/**
 * Whether `resource` has every tag of the filter. Lists are checked with it again after the service has filtered, since a
 * filter that a service does not know is ignored and returns everything (P-025).
 */
export const matches = (resource: { tags: Tags }, filter: Tags | undefined): boolean =>
  Object.entries(filter ?? {}).every(([key, value]) => valueAt(resource.tags, key) === value);
