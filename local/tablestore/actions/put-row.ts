import { putRowRequest, writeRowResponse } from '../messages.ts';
import { operation } from '../operation.ts';
import { writeRows } from '../plain-buffer.ts';
import { checkNoTransaction } from '../read.ts';
import { applyWrite, describeWrite, prepareWrite } from '../write.ts';

/** PutRow. Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/putrow (read 2026-11-22). */
export const putRow = operation(putRowRequest, {
  describe: ({ table_name, row, condition, return_content }) => ({
    table_name,
    ...describeWrite(prepareWrite('PutRow', row, condition, return_content)),
  }),
  apply({ instance, clock }, request) {
    checkNoTransaction(request.transaction_id);
    const write = prepareWrite('PutRow', request.row, request.condition, request.return_content);
    const { consumed, row } = applyWrite(instance.readyTable(request.table_name), write, clock);
    return writeRowResponse.encode({
      consumed: { capacity_unit: consumed },
      row: row === undefined ? undefined : writeRows([row]),
    });
  },
});
