import { checkKeySchema, checkKeyValues, keyText } from '../keys.ts';
import { getRowRequest, getRowResponse } from '../messages.ts';
import { operation } from '../operation.ts';
import { readRow as decodeRow, writeRows } from '../plain-buffer.ts';
import { describeRead, prepareRead, readRow, readUnits, rowSize } from '../read.ts';

/** GetRow; an absent row is an empty `row`. Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/getrow (read 2026-11-22). */
export const getRow = operation(getRowRequest, {
  describe: (request) => ({
    table_name: request.table_name,
    primary_key: keyText(decodeRow(request.primary_key).key),
    ...describeRead(request),
  }),
  apply({ instance }, request) {
    const { key } = decodeRow(request.primary_key);
    checkKeyValues(key);
    const read = prepareRead(request);
    const table = instance.readyTable(request.table_name);
    checkKeySchema(table, key);
    const found = table.find(key);
    const row = found === undefined ? undefined : readRow(found, read);
    return getRowResponse.encode({
      consumed: readUnits(row === undefined ? 0 : rowSize(row)),
      row: writeRows(row === undefined ? [] : [row]),
    });
  },
});
