import { ApiError } from '../../action.ts';
import { invalid } from '../errors.ts';
import { checkKeySchema, checkKeyValues, keyText } from '../keys.ts';
import { batchGetRowRequest, batchResponse, type RowInBatchResponse } from '../messages.ts';
import { operation } from '../operation.ts';
import { readRow as decodeRow, writeRows } from '../plain-buffer.ts';
import { describeRead, prepareRead, readRow, readUnits, rowSize } from '../read.ts';

const maxRows = 100;

/** BatchGetRow; a row that cannot be read fails alone. Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/batchgetrow (read 2026-11-22). */
export const batchGetRow = operation(batchGetRowRequest, {
  describe: ({ tables }) => ({
    table_name: tables.map(({ table_name }) => table_name).join(', '),
    primary_key: tables.flatMap((table) => table.primary_key.map((key) => keyText(decodeRow(key).key))).join('; '),
    ...Object.assign({}, ...tables.map((table) => describeRead(table))),
  }),
  apply({ instance }, request) {
    if (request.tables.length === 0) throw invalid('No row specified in the request of BatchGetRow.');
    const count = request.tables.reduce((sum, { primary_key: keys }) => sum + keys.length, 0);
    if (count > maxRows) throw invalid(`Rows count exceeds the upper limit:${maxRows}.`);
    const prepared = request.tables.map((part) => {
      const keys = part.primary_key.map((bytes) => decodeRow(bytes).key);
      for (const key of keys) checkKeyValues(key);
      return { name: part.table_name, keys, read: prepareRead(part) };
    });
    const tables = prepared.map(({ name, keys, read }) => ({
      table_name: name,
      rows: keys.map((key): RowInBatchResponse => {
        try {
          const table = instance.readyTable(name);
          checkKeySchema(table, key);
          const found = table.find(key);
          const row = found === undefined ? undefined : readRow(found, read);
          return {
            is_ok: true,
            error: undefined,
            consumed: readUnits(row === undefined ? 0 : rowSize(row)),
            row: writeRows(row === undefined ? [] : [row]),
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
