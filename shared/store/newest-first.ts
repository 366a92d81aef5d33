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
}

/** One page of rows, newest first. */
export async function newestFirst(
  store: RowStore,
  table: Monthly,
  options: Listing,
): Promise<{ rows: Row[]; cursor: string | undefined }> {
  const rows: Row[] = [];
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
      limit: options.limit - rows.length,
    });
    rows.push(...page.rows);
    if (page.next !== undefined && rows.length >= options.limit)
      return { rows, cursor: `${page.next.bucket}.${page.next.id}` };
    if (page.next !== undefined) {
      id = page.next.id;
      continue;
    }
    bucket = previousMonth(bucket);
    id = undefined;
    if (rows.length >= options.limit && bucket >= oldest) return { rows, cursor: bucket };
  }
  return { rows, cursor: undefined };
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
