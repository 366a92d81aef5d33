import { ulidTimeMs } from '../ulid.ts';
import type { Row, RowStore } from './rows.ts';

/** Tables whose key is the month of creation and the id. */
type Monthly = 'deployments' | 'watches';

/** Month of creation, taken from the id: `202611`. */
export const bucketOf = (id: string): string => monthOf(ulidTimeMs(id));

export const monthlyKey = (id: string): { bucket: string; id: string } => ({ bucket: bucketOf(id), id });

export interface Listing {
  limit: number;
  /** Continues a listing: `MONTH.ID`, the newest row that is left; a month alone is all of it. */
  cursor?: string;
  /** Only rows of this status, of this name. */
  status?: string;
  name?: string;
}

/** Rows that a filtered page reads at once, and at most. */
const readAtOnce = 200;
const mostRead = 1000;

/**
 * Lists what the rows say, newest first: the keys of a table have one order over all its months, so that a page costs the
 * same whatever the age of the rows.
 *
 * @param columns - all that `summaryOf` reads; of the others nothing is read. Default: all.
 * @returns at most `limit` of them; fewer than that with a cursor when a filter has read 1000 rows.
 * @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/getrange (read 2026-12-01)
 */
export async function newestFirst<T extends { status: string; name: string }>(
  store: RowStore,
  table: Monthly,
  { limit, ...options }: Listing,
  summaryOf: (row: Row) => T,
  columns?: string[],
): Promise<{ summaries: T[]; cursor: string | undefined }> {
  const { status, name } = options;
  const isFiltered = status !== undefined || name !== undefined;
  const isMeant = (one: T): boolean => one.status === (status ?? one.status) && one.name === (name ?? one.name);
  const summaries: T[] = [];
  const [bucket, id] = options.cursor?.split('.') ?? [];
  let from: { bucket?: string; id?: string } | undefined =
    bucket === undefined ? {} : { bucket, ...(id === undefined ? {} : { id }) };
  let read = 0;
  while (from !== undefined && read < mostRead) {
    const page: Awaited<ReturnType<typeof store.range<Monthly>>> = await store.range(table, {
      from,
      to: {},
      direction: 'backward',
      limit: isFiltered ? readAtOnce : limit - summaries.length,
      ...(columns === undefined ? {} : { columns }),
    });
    read += page.rows.length;
    for (const [index, row] of page.rows.entries()) {
      const summary = summaryOf(row);
      if (isMeant(summary)) summaries.push(summary);
      const next = page.rows[index + 1] ?? page.next;
      if (summaries.length >= limit && next !== undefined)
        return { summaries, cursor: `${String(next['bucket'])}.${String(next['id'])}` };
    }
    from = page.next;
  }
  return { summaries, cursor: from === undefined ? undefined : `${from.bucket}.${from.id}` };
}

function monthOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCFullYear()}${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}
