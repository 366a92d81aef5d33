import { emptyMessage, tableNameRequest } from '../messages.ts';
import { operation } from '../operation.ts';

/** DeleteTable, with its rows. Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/deletetable (read 2026-11-22). */
export const deleteTable = operation(tableNameRequest, {
  describe: ({ table_name }) => ({ table_name }),
  apply({ instance }, request) {
    instance.tables.delete(instance.table(request.table_name).name);
    return emptyMessage.encode({});
  },
});
