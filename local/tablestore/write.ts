import type { Clock } from '../../shared/clock.ts';
import { invalid, refuse } from './errors.ts';
import { type Filter, filterText, passes, readFilter } from './filter.ts';
import { checkKeySchema, checkKeyValues, keyText } from './keys.ts';
import { type Condition, existence, type ReturnContent, returnTypes } from './messages.ts';
import { type AnsweredRow, type CellChange, cellOperations, readRow, type RowChange } from './plain-buffer.ts';
import { checkName, type Column, type Table } from './state.ts';
import { sizeOf } from './values.ts';

export type WriteKind = 'PutRow' | 'UpdateRow' | 'DeleteRow';

/** A write that is right in itself; whether the table, the key and the condition fit shows when it is applied. */
export interface Write {
  kind: WriteKind;
  change: RowChange;
  rowExistence: number;
  filter: Filter | undefined;
  returnContent: ReturnContent | undefined;
}

/** https://www.alibabacloud.com/help/en/tablestore/product-overview/general-limits-of-tablestore (read 2026-11-22) */
const limits = { columns: 1024, valueBytes: 2 * 1024 * 1024, rowBytes: 4 * 1024 * 1024 };

export const changeSize = (change: RowChange): number =>
  [...change.key, ...change.cells].reduce(
    (sum, cell) => sum + cell.name.length + (cell.value === undefined ? 0 : sizeOf(cell.value)),
    0,
  );

function checkCell(kind: WriteKind, cell: CellChange): void {
  const { name, operation, value, timestamp } = cell;
  checkName('column', name);
  if (kind === 'PutRow' && operation !== undefined)
    throw invalid(`OpType cannot be given for column name:${name} in PutRow.`);
  if (operation === cellOperations.DELETE || operation === cellOperations.DELETE_ALL) {
    if (value !== undefined)
      throw invalid('Column value cannot be given when type is DELETE_ONE_VERSION,DELETE_ALL_VERSION.');
    if (operation === cellOperations.DELETE && timestamp === undefined)
      throw invalid('Timestamp must be given when type is DELETE_ONE_VERSION.');
    if (operation === cellOperations.DELETE_ALL && timestamp !== undefined)
      throw invalid('Timestamp cannot be given when type is DELETE_ALL_VERSION.');
    return;
  }
  if (operation !== undefined && operation !== cellOperations.INCREMENT)
    throw invalid(`Invalid op type of cell: ${operation}.`);
  if (value === undefined) throw invalid(`Invalid cell: ${name}. Reason: missing value.`);
  if (value.type === 'inf-min' || value.type === 'inf-max' || value.type === 'auto-increment')
    throw invalid(`${value.type} is an invalid type for the attribute column.`);
  if (operation === cellOperations.INCREMENT && value.type !== 'integer')
    throw invalid(`Invalid column type: ${value.type}. Only INTEGER columns can be incremented.`);
  if (sizeOf(value) > limits.valueBytes)
    throw invalid(
      `The length of attribute column: '${name}' exceeded the MaxLength:${limits.valueBytes} with Current Length:${sizeOf(value)}.`,
    );
}

function checkCells(kind: WriteKind, change: RowChange): void {
  const keyNames = new Set(change.key.map(({ name }) => name));
  const touched = new Map<string, number | undefined>();
  for (const cell of change.cells) {
    checkCell(kind, cell);
    if (keyNames.has(cell.name))
      throw invalid(`Duplicated attribute column name with primary key column: ${cell.name}.`);
    const before = touched.get(cell.name);
    // Documented for atomic counters: one column cannot be incremented and changed otherwise in one request.
    if (
      touched.has(cell.name) &&
      before !== cell.operation &&
      [before, cell.operation].includes(cellOperations.INCREMENT)
    )
      throw invalid(`Invalid action: ${cell.name} is incremented and changed otherwise.`);
    touched.set(cell.name, cell.operation);
  }
  if (change.cells.length > limits.columns)
    throw invalid(
      `The number of attribute columns exceeds the limit, limit count:${limits.columns}, column count: ${change.cells.length}.`,
    );
}

/** @throws OTSParameterInvalid for whatever is wrong without looking at the table. */
export function prepareWrite(
  kind: WriteKind,
  row: Buffer,
  condition: Condition,
  returnContent: ReturnContent | undefined,
): Write {
  const change = readRow(row);
  checkKeyValues(change.key);
  if (kind === 'DeleteRow') {
    if (!change.hasDeleteMarker) throw invalid('Invalid request of delete row: missing RowDeleteMarker in request.');
    if (change.cells.length > 0) throw invalid('Invalid delete row request: unexpected cells in request.');
  } else {
    if (change.hasDeleteMarker)
      throw invalid('Invalid request of put/update row: unexpected RowDeleteMarker in request.');
    if (change.cells.length === 0)
      throw invalid(
        kind === 'PutRow' ? 'Attribute column is missing.' : 'Invalid update row request: missing cells in request.',
      );
    checkCells(kind, change);
    const size = changeSize(change);
    if (size > limits.rowBytes)
      throw invalid(
        `The total data size of ${kind} request exceeds the limit, limit size: ${limits.rowBytes} , data size: ${size}.`,
      );
  }
  // The pages of UpdateRow and DeleteRow name IGNORE and EXPECT_EXIST only.
  const expectations = kind === 'PutRow' ? [0, 1, 2] : [0, 1];
  if (!expectations.includes(condition.row_existence))
    throw invalid(`Invalid row-existence expectation: ${existenceName(condition.row_existence)}.`);
  const filter = condition.column_condition === undefined ? undefined : readFilter(condition.column_condition);
  if (filter?.kind === 'pagination') throw invalid('Invalid condition: FT_COLUMN_PAGINATION.');
  const returnType = returnContent?.return_type ?? returnTypes.NONE;
  if (returnType < 0 || returnType > 2 || (returnType === returnTypes.AFTER_MODIFY && kind !== 'UpdateRow'))
    throw invalid(`Invalid return type: ${returnType}.`);
  return { kind, change, rowExistence: condition.row_existence, filter, returnContent };
}

const existenceName = (value: number): string =>
  Object.entries(existence).find(([, number]) => number === value)?.[0] ?? String(value);

export interface Written {
  consumed: { read: number; write: number };
  row: AnsweredRow | undefined;
}

/**
 * Checks key and condition, then changes the row: one synchronous step, so of concurrent writers exactly one wins.
 *
 * @throws OTSInvalidPK, OTSConditionCheckFail, OTSParameterInvalid
 */
export function applyWrite(table: Table, write: Write, clock: Clock): Written {
  const { change, kind } = write;
  checkKeySchema(table, change.key);
  if (kind === 'UpdateRow' && !table.settings.allowUpdate)
    throw invalid('UpdateRow is forbidden by the table option AllowUpdate.');
  const nowMs = clock.nowMs();
  for (const cell of change.cells) checkTimestamp(table, cell, nowMs);
  const before = table.find(change.key);
  if (
    (write.rowExistence === existence.EXPECT_EXIST && before === undefined) ||
    (write.rowExistence === existence.EXPECT_NOT_EXIST && before !== undefined) ||
    // A row that does not exist has none of the columns.
    (write.filter !== undefined && !passes(write.filter, before?.columns ?? new Map()))
  )
    throw refuse('OTSConditionCheckFail');
  if (kind === 'DeleteRow') table.delete(change.key);
  else {
    const columns = new Map<string, Column>(kind === 'UpdateRow' ? before?.columns : []);
    for (const cell of change.cells) applyCell(columns, cell, nowMs);
    // Deletions alone do not bring a row into being (Python SDK, test_all_delete_in_update).
    const bornAtMs = kind === 'UpdateRow' && before !== undefined ? before.bornAtMs : nowMs;
    if (before !== undefined || columns.size > 0) table.put(change.key, columns, bornAtMs);
  }
  const looks =
    write.rowExistence !== existence.IGNORE ||
    write.filter !== undefined ||
    change.cells.some(({ operation }) => operation === cellOperations.INCREMENT);
  return {
    consumed: { read: looks ? 1 : 0, write: Math.max(1, Math.ceil(changeSize(change) / 4096)) },
    row: answeredRow(table, write),
  };
}

function checkTimestamp(table: Table, cell: CellChange, nowMs: number): void {
  if (cell.timestamp === undefined || cell.operation !== undefined) return;
  const { maxDeviationSeconds, timeToLive } = table.settings;
  const backSeconds = timeToLive === -1 ? maxDeviationSeconds : Math.min(maxDeviationSeconds, timeToLive);
  const timestamp = Number(cell.timestamp);
  if (timestamp < nowMs - backSeconds * 1000 || timestamp >= nowMs + maxDeviationSeconds * 1000)
    throw invalid(`Invalid timestamp. Cell:${cell.name}.`);
}

function applyCell(columns: Map<string, Column>, cell: CellChange, nowMs: number): void {
  const old = columns.get(cell.name);
  const timestampMs = cell.timestamp === undefined ? nowMs : Number(cell.timestamp);
  if (cell.operation === cellOperations.DELETE_ALL) columns.delete(cell.name);
  else if (cell.operation === cellOperations.DELETE) {
    if (old?.timestampMs === timestampMs) columns.delete(cell.name);
  } else if (cell.value !== undefined) {
    let { value } = cell;
    if (cell.operation === cellOperations.INCREMENT && value.type === 'integer') {
      if (old !== undefined && old.value.type !== 'integer')
        throw invalid(`Invalid column type: ${old.value.type}. Only INTEGER columns can be incremented.`);
      const start = old?.value.type === 'integer' ? old.value.value : 0n;
      value = { type: 'integer', value: BigInt.asIntN(64, start + value.value) };
    }
    // Of several versions only the newest is kept.
    if (old === undefined || timestampMs >= old.timestampMs) columns.set(cell.name, { value, timestampMs });
  }
}

function answeredRow(table: Table, write: Write): AnsweredRow | undefined {
  const { key } = write.change;
  if (write.returnContent?.return_type === returnTypes.PK) return { key, cells: [] };
  if (write.returnContent?.return_type !== returnTypes.AFTER_MODIFY) return undefined;
  const named = write.returnContent.return_column_names;
  const names = named.length > 0 ? named : write.change.cells.map(({ name }) => name);
  const columns = table.find(key)?.columns;
  const cells = [...new Set(names)].flatMap((name) => {
    const column = columns?.get(name);
    return column === undefined ? [] : [{ name, ...column }];
  });
  return { key, cells };
}

/** For the wire log. */
export function describeWrite(write: Write): Record<string, string> {
  const columns = write.change.cells.map(({ name, operation }) => {
    const verb = Object.entries(cellOperations).find(([, number]) => number === operation)?.[0];
    return verb === undefined ? name : `${verb} ${name}`;
  });
  const filter = write.filter === undefined ? '' : ` and ${filterText(write.filter)}`;
  return {
    primary_key: keyText(write.change.key),
    condition: `${existenceName(write.rowExistence)}${filter}`,
    ...(columns.length === 0 ? {} : { columns: columns.join(', ') }),
  };
}
