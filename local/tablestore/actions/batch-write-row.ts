import { ApiError } from '../../action.ts';
import { invalid } from '../errors.ts';
import {
  batchResponse,
  batchWriteRowRequest,
  existence,
  type RowInBatchResponse,
  type RowInBatchWrite,
} from '../messages.ts';
import { operation } from '../operation.ts';
import { writeRows } from '../plain-buffer.ts';
import { checkNoTransaction } from '../read.ts';
import { checkName } from '../state.ts';
import { sortKey } from '../values.ts';
import { applyWrite, changeSize, describeWrite, prepareWrite, type Write, type WriteKind } from '../write.ts';

const maxRows = 200;
const maxBytes = 4 * 1024 * 1024;
const kinds: (WriteKind | undefined)[] = [undefined, 'PutRow', 'UpdateRow', 'DeleteRow'];

function prepare(row: RowInBatchWrite): Write {
  const kind = kinds[row.type];
  if (kind === undefined) throw invalid('The type of row in batch write operation is invalid.');
  return prepareWrite(kind, row.row_change, row.condition, row.return_content);
}

function checkRepeated(writes: Write[]): void {
  const counts = new Map<string, number>();
  const keyOf = (write: Write) => sortKey(write.change.key);
  for (const write of writes) counts.set(keyOf(write), (counts.get(keyOf(write)) ?? 0) + 1);
  for (const write of writes) {
    if ((counts.get(keyOf(write)) ?? 0) < 2) continue;
    if (write.rowExistence !== existence.IGNORE)
      throw invalid('Repeated rows do not support row exist expectation check in BatchModify.');
    if (write.filter !== undefined) throw invalid('Repeated rows do not support row condition check in BatchModify.');
  }
}

/**
 * BatchWriteRow: what is malformed fails the whole request, a condition or a key that does not hold fails its row alone.
 * Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/batchwriterow (read 2026-11-22).
 */
export const batchWriteRow = operation(batchWriteRowRequest, {
  describe: ({ tables }) => ({
    table_name: tables.map(({ table_name }) => table_name).join(', '),
    rows: tables
      .flatMap(({ rows }) =>
        rows.map((row) => {
          const write = prepare(row);
          const { primary_key: key, condition } = describeWrite(write);
          return `${write.kind} ${key} if ${condition}`;
        }),
      )
      .join('; '),
  }),
  apply({ instance, clock }, request) {
    checkNoTransaction(request.transaction_id);
    if (request.tables.length === 0) throw invalid('No row is specified in BatchWriteRow.');
    const names = new Set<string>();
    let rows = 0;
    let bytes = 0;
    const prepared = request.tables.map(({ table_name: name, rows: changes }) => {
      checkName('table', name);
      if (names.has(name)) throw invalid(`Duplicated table name: '${name}'.`);
      names.add(name);
      if (changes.length === 0) throw invalid(`No operation is specified for table: '${name}'.`);
      rows += changes.length;
      if (rows > maxRows) throw invalid(`Rows count exceeds the upper limit:${maxRows}.`);
      const writes = changes.map(prepare);
      checkRepeated(writes);
      bytes = writes.reduce((sum, { change }) => sum + changeSize(change), bytes);
      return { name, writes };
    });
    if (bytes > maxBytes)
      throw invalid(
        `The total data size of BatchWriteRow request exceeds the limit, limit size: ${maxBytes}, data size:${bytes}.`,
      );
    const tables = prepared.map(({ name, writes }) => ({
      table_name: name,
      rows: writes.map((write): RowInBatchResponse => {
        try {
          const { consumed, row } = applyWrite(instance.readyTable(name), write, clock);
          return {
            is_ok: true,
            error: undefined,
            consumed: { capacity_unit: consumed },
            row: row === undefined ? undefined : writeRows([row]),
          };
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return {
            is_ok: false,
            error: { code: error.code, message: error.message },
            consumed: undefined,
            row: undefined,
          };
        }
      }),
    }));
    return batchResponse.encode({ tables });
  },
});
