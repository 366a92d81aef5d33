import type { ApiError } from '../action.ts';

const tokenOf = (offset: number): string => Buffer.from(`ecs-page:${offset}`).toString('base64url');

function offsetOf(token: string | undefined, invalid: () => ApiError): number {
  if (token === undefined) return 0;
  const offset = /^ecs-page:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
  if (offset === undefined) throw invalid();
  return Number(offset);
}

/** One page from NextToken on. `NextToken` is empty on the last page. */
export function pageByToken<T>(
  items: T[],
  token: string | undefined,
  size: number,
  invalid: () => ApiError,
): { items: T[]; NextToken: string } {
  const offset = offsetOf(token, invalid);
  const end = offset + size;
  return { items: items.slice(offset, end), NextToken: end < items.length ? tokenOf(end) : '' };
}

export interface PageParams {
  MaxResults: number | undefined;
  NextToken: string | undefined;
  PageNumber: number | undefined;
  PageSize: number | undefined;
}

/**
 * A page by MaxResults and NextToken when either is given, else by PageNumber and PageSize (default 10).
 * Out-of-range MaxResults are pulled to the nearest bound, as documented for DescribeInstances and DescribeNetworkInterfaces.
 */
export function page<T>(
  all: T[],
  params: PageParams,
  bounds: { min: number; max: number },
  invalid: () => ApiError,
): { items: T[]; fields: { PageNumber: number; PageSize: number; TotalCount: number; NextToken: string } } {
  if (params.MaxResults !== undefined || params.NextToken !== undefined) {
    const size = Math.min(Math.max(params.MaxResults ?? 10, bounds.min), bounds.max);
    const { items, NextToken } = pageByToken(all, params.NextToken, size, invalid);
    // "the returned TotalCount parameter value is meaningless" with NextToken (SDK-ECS): 0 keeps anyone from relying on it.
    return { items, fields: { PageNumber: 1, PageSize: size, TotalCount: 0, NextToken } };
  }
  const number = params.PageNumber ?? 1;
  const size = params.PageSize ?? 10;
  return {
    items: all.slice((number - 1) * size, number * size),
    fields: { PageNumber: number, PageSize: size, TotalCount: all.length, NextToken: '' },
  };
}
