import { invalid } from './errors.ts';
import { type Filter, filterText, passes, readFilter } from './filter.ts';
import type { TimeRange } from './messages.ts';
import type { AnsweredRow } from './plain-buffer.ts';
import type { Column, Row } from './state.ts';
import { sizeOf } from './values.ts';

/** What GetRow, BatchGetRow and GetRange have in common. */
export interface ReadRequest {
  columns_to_get: string[];
  time_range: TimeRange | undefined;
  max_versions: number | undefined;
  filter: Buffer | undefined;
  start_column: string | undefined;
  end_column: string | undefined;
  token?: Buffer | Buffer[] | undefined;
  transaction_id?: string | undefined;
}

export interface Read {
  names: Set<string> | undefined;
  filter: Filter | undefined;
  isInTime: (timestampMs: number) => boolean;
  isInColumns: (name: string) => boolean;
}

const maxColumnsToGet = 128;

/** @throws OTSParameterInvalid */
export function prepareRead(request: ReadRequest): Read {
  if (request.token !== undefined && request.token.length > 0)
    throw invalid('Breakpoints within a row (token) are not emulated by the embedded cloud.');
  checkNoTransaction(request.transaction_id);
  if (request.columns_to_get.length > maxColumnsToGet)
    throw invalid(
      `The number of columns from the request exceeds the limit, limit count: ${maxColumnsToGet} , column count:${request.columns_to_get.length}.`,
    );
  const { max_versions: maxVersions, time_range: timeRange } = request;
  if (maxVersions === undefined && timeRange === undefined)
    throw invalid('No version condition is specified while querying row.');
  if (maxVersions !== undefined && maxVersions <= 0 && maxVersions !== -1)
    throw invalid(`Invalid max versions: ${maxVersions} . Reason: Max versions must be positive.`);
  return {
    names: request.columns_to_get.length === 0 ? undefined : new Set(request.columns_to_get),
    filter: request.filter === undefined ? undefined : readFilter(request.filter),
    isInTime: timeRange === undefined ? () => true : within(timeRange),
    isInColumns: (name) =>
      (request.start_column === undefined || name >= request.start_column) &&
      (request.end_column === undefined || name < request.end_column),
  };
}

/** @throws OTSParameterInvalid */
export function checkNoTransaction(transactionId: string | undefined): void {
  if (transactionId !== undefined)
    throw invalid('Try to call method using explicit transaction on explicit-transaction-disabled table.');
}

function within(range: TimeRange): (timestampMs: number) => boolean {
  const { start_time: start, end_time: end, specific_time: specific } = range;
  if (specific !== undefined) {
    if (start !== undefined || end !== undefined)
      throw invalid('Specific tiemstamp and time range cannot be given at the same time.');
    if (specific < 0n) throw invalid('Specific timestamp cannot be less than 0.');
    return (timestampMs) => BigInt(timestampMs) === specific;
  }
  if (start === undefined || end === undefined) throw invalid('Start and end time must be given at the same time.');
  return (timestampMs) => BigInt(timestampMs) >= start && BigInt(timestampMs) < end;
}

/**
 * The row as the request wants it, columns in order of their names; undefined when nothing of it is to be returned: it fails the
 * filter, or has none of the columns asked for. The filter sees only the columns asked for, as in the real service.
 *
 * @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/getrange (read 2026-11-22)
 */
export function readRow(row: Row, read: Read): AnsweredRow | undefined {
  const chosen = new Map<string, Column>();
  for (const [name, column] of [...row.columns].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (read.names?.has(name) !== false && read.isInColumns(name) && read.isInTime(column.timestampMs))
      chosen.set(name, column);
  const asksForKey = row.key.some(({ name }) => read.names?.has(name));
  const asksForSome = read.names !== undefined || row.columns.size > 0;
  if (chosen.size === 0 && asksForSome && !asksForKey) return undefined;
  if (read.filter !== undefined && !passes(read.filter, chosen)) return undefined;
  let cells = [...chosen].map(([name, column]) => ({ name, ...column }));
  if (read.filter?.kind === 'pagination')
    cells = cells.slice(read.filter.offset, read.filter.offset + read.filter.limit);
  return { key: row.key, cells };
}

export const rowSize = (row: AnsweredRow): number =>
  [...row.key, ...row.cells].reduce((sum, { name, value }) => sum + name.length + sizeOf(value), 0);

/** Read capacity units of `bytes`: one at least, one per 4 KB begun. */
export const readUnits = (bytes: number) => ({
  capacity_unit: { read: Math.max(1, Math.ceil(bytes / 4096)), write: 0 },
});

export const describeRead = (request: ReadRequest): Record<string, string> => ({
  ...(request.columns_to_get.length === 0 ? {} : { columns_to_get: request.columns_to_get.join(', ') }),
  ...(request.filter === undefined ? {} : { filter: filterText(readFilter(request.filter)) }),
});
