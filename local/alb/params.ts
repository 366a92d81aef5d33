import { integer, list, required, struct, tags, text } from '../action.ts';
import type { Tag } from '../lifecycle.ts';
import { paramErrors } from './errors.ts';

/** 2 to 128 characters, a letter first; then letters, digits, `.`, `_`, `-` [SDK-ALB]. */
export const resourceName = () => text({ pattern: /^\p{L}[\p{L}\p{N}._-]{1,127}$/u });

/** At least one id, `Name.1`, `Name.2`. */
export const ids = (max: number) => list(text({ min: 1, max: 256 }), max, 1);

export const tagFilter = (max: number) =>
  list(struct({ Key: required(text({ min: 1, max: 64 })), Value: text({ max: 128 }) }), max, 1);

export interface TagParam {
  Key: string;
  Value: string | undefined;
}

export { tags as tagParams };

const isReserved = (value: string): boolean => /^(aliyun|acs:)/i.test(value) || /https?:\/\//i.test(value);

/** @throws IllegalParam.Key or IllegalParam.Value for reserved words, IllegalParam.Tag for a key given twice. */
export function readTags(given: TagParam[] | undefined): Tag[] {
  const read = (given ?? []).map(({ Key, Value }) => ({ key: Key, value: Value ?? '' }));
  for (const [index, { key, value }] of read.entries()) {
    const rule = 'must not start with aliyun or acs:, nor hold http:// or https://';
    if (isReserved(key)) throw paramErrors.invalid(`Tag.${index + 1}.Key`, rule);
    if (isReserved(value)) throw paramErrors.invalid(`Tag.${index + 1}.Value`, rule);
  }
  if (new Set(read.map((tag) => tag.key)).size < read.length) throw paramErrors.invalid('Tag', 'has a key twice');
  return read;
}

export const wanted = (filter: TagParam[] | undefined): { key: string; value: string | undefined }[] =>
  (filter ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }));

export const paging = (max = 100) => ({ MaxResults: integer(1, max), NextToken: text({ min: 1, max: 128 }) });

export interface Page<T> {
  rows: T[];
  /** MaxResults, NextToken and TotalCount of the answer; NextToken is empty on the last page. */
  tail: { MaxResults: number; NextToken: string; TotalCount: number };
}

/** @throws IllegalParam.NextToken for a token that no answer gave. */
export function takePage<T>(
  items: T[],
  params: { MaxResults: number | undefined; NextToken: string | undefined },
): Page<T> {
  const size = params.MaxResults ?? 20;
  let start = 0;
  if (params.NextToken !== undefined) {
    const offset = /^page:(\d+)$/.exec(Buffer.from(params.NextToken, 'base64url').toString('utf8'))?.[1];
    if (offset === undefined) throw paramErrors.invalid('NextToken', 'was not given by a previous answer');
    start = Number(offset);
  }
  const end = start + size;
  return {
    rows: items.slice(start, end),
    tail: {
      MaxResults: size,
      NextToken: end < items.length ? Buffer.from(`page:${end}`).toString('base64url') : '',
      TotalCount: items.length,
    },
  };
}
