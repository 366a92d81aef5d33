import { invalid } from '../errors.ts';
import { checkKeySchema, checkKeyValues, keyText } from '../keys.ts';
import { getRangeRequest, getRangeResponse } from '../messages.ts';
import { operation } from '../operation.ts';
import { type AnsweredRow, readRow as decodeRow, writeRows } from '../plain-buffer.ts';
import { describeRead, prepareRead, readRow, readUnits, rowSize } from '../read.ts';
import { type KeyCell, sortKey } from '../values.ts';

const maxRows = 5000;
const maxBytes = 4 * 1024 * 1024;

/**
 * GetRange, start included, end excluded. A page ends after `limit` rows, 5000 rows or 4 MB of what was scanned, so a page that
 * a filter thinned out, even an empty one, may have a next one.
 * Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/getrange (read 2026-11-22).
 */
export const getRange = operation(getRangeRequest, {
  describe: (request) => ({
    table_name: request.table_name,
    direction: request.direction === 1 ? 'BACKWARD' : 'FORWARD',
    inclusive_start_primary_key: keyText(decodeRow(request.inclusive_start_primary_key).key),
    exclusive_end_primary_key: keyText(decodeRow(request.exclusive_end_primary_key).key),
    ...(request.limit === undefined ? {} : { limit: String(request.limit) }),
    ...describeRead(request),
  }),
  apply({ instance }, request) {
    const begin = decodeRow(request.inclusive_start_primary_key).key;
    const end = decodeRow(request.exclusive_end_primary_key).key;
    const isBackward = request.direction === 1;
    checkKeyValues(begin, true);
    checkKeyValues(end, true);
    if (request.limit !== undefined && request.limit <= 0) throw invalid('The limit must be greater than 0.');
    if (request.return_entire_primary_keys === false)
      throw invalid('Rows without their entire primary keys are not emulated by the embedded cloud.');
    const read = prepareRead(request);
    const table = instance.readyTable(request.table_name);
    checkKeySchema(table, begin);
    checkKeySchema(table, end);
    if (!isBackward && sortKey(begin) >= sortKey(end)) throw invalid('Begin key must less than end key in FORWARD');
    if (isBackward && sortKey(begin) <= sortKey(end)) throw invalid('Begin key must more than end key in BACKWARD');

    const limit = Math.min(request.limit ?? maxRows, maxRows);
    const rows: AnsweredRow[] = [];
    let scanned = 0;
    let bytes = 0;
    let next: KeyCell[] | undefined;
    for (const row of table.range(sortKey(begin), sortKey(end), isBackward)) {
      const size = rowSize({ key: row.key, cells: [...row.columns].map(([name, column]) => ({ name, ...column })) });
      if (scanned === limit || (scanned > 0 && bytes + size > maxBytes)) {
        next = row.key;
        break;
      }
      scanned += 1;
      bytes += size;
      const answered = readRow(row, read);
      if (answered !== undefined) rows.push(answered);
    }
    return getRangeResponse.encode({
      consumed: readUnits(bytes),
      rows: writeRows(rows),
      next_start_primary_key: next === undefined ? undefined : writeRows([{ key: next, cells: [] }]),
    });
  },
});
