import { emptyMessage, listTableResponse } from '../messages.ts';
import { operation } from '../operation.ts';

/** ListTable. Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/listtable (read 2026-11-22). */
export const listTable = operation(emptyMessage, {
  describe: () => ({}),
  apply: ({ instance }) => listTableResponse.encode({ table_names: [...instance.tables.keys()].sort() }),
});
