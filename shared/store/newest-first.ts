import { ulidTimeMs } from '../ulid.ts';
import type { Row, RowStore } from './rows.ts';

/** Tables whose key is the month of creation and the id. */
type Monthly = 'deployments' | 'watches';

/** Month of creation, taken from the id: `202611`. */
export const bucketOf = (id: string): string => monthOf(ulidTimeMs(id));

export const monthlyKey = (id: string): { bucket: string; id: string } => ({ bucket: bucketOf(id), id });

export interface Listing {
  limit: number;
  /** Continues a listing. */
  cursor?: string;
  nowMs: number;
  oldestMs: number;
  /** Only rows of this status, of this name. */
  status?: string;
  name?: string;
}

/** Rows that one look of a filtered listing reads. */
const lookedAt = 100;

/** One page of what the rows say, newest first. */
export async function newestFirst<T extends { status: string; name: string }>(
  store: RowStore,
  table: Monthly,
  { limit, ...options }: Listing,
  summaryOf: (row: Row) => T,
): Promise<{ summaries: T[]; cursor: string | undefined }> {
  const { status, name } = options;
  const isFiltered = status !== undefined || name !== undefined;
  const isMeant = (one: T): boolean => one.status === (status ?? one.status) && one.name === (name ?? one.name);
  const summaries: T[] = [];
  const [startBucket, startId] = options.cursor?.split('.') ?? [];
  const oldest = monthOf(options.oldestMs);
  const newest = monthOf(options.nowMs);
  // Whatever a cursor of the future says: walking down from there would ask for every month in between.
  const isContinued = startBucket !== undefined && startBucket <= newest;
  let bucket = isContinued ? startBucket : newest;
  let id = isContinued ? startId : undefined;
  while (bucket >= oldest) {
    const page = await store.range(table, {
      from: id === undefined ? { bucket } : { bucket, id },
      to: { bucket },
      direction: 'backward',
      limit: isFiltered ? lookedAt : limit - summaries.length,
    });
    for (const [index, row] of page.rows.entries()) {
      const summary = summaryOf(row);
      if (isMeant(summary)) summaries.push(summary);
      const next = page.rows[index + 1] ?? page.next;
      if (summaries.length >= limit && next !== undefined)
        return { summaries, cursor: `${String(next['bucket'])}.${String(next['id'])}` };
    }
    if (page.next !== undefined) {
      id = page.next.id;
      continue;
    }
    bucket = previousMonth(bucket);
    id = undefined;
    if (summaries.length >= limit && bucket >= oldest) return { summaries, cursor: bucket };
  }
  return { summaries, cursor: undefined };
}

function monthOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCFullYear()}${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}

function previousMonth(month: string): string {
  const year = Number(month.slice(0, 4));
  const number = Number(month.slice(4));
  return number === 1 ? `${year - 1}12` : `${year}${String(number - 1).padStart(2, '0')}`;
}
