import { describeTableResponse, tableNameRequest, tableStatus } from '../messages.ts';
import { operation } from '../operation.ts';
import { optionsMessage, throughputMessage } from '../settings.ts';

/** DescribeTable. Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/describetable (read 2026-11-22). */
export const describeTable = operation(tableNameRequest, {
  describe: ({ table_name }) => ({ table_name }),
  apply({ instance }, request) {
    const table = instance.table(request.table_name);
    return describeTableResponse.encode({
      table_meta: {
        table_name: table.name,
        primary_key: table.schema,
        defined_column: table.definedColumns,
        index_meta: [],
      },
      reserved_throughput_details: throughputMessage(table),
      table_options: optionsMessage(table),
      table_status: table.isReady ? tableStatus.ACTIVE : tableStatus.LOADING,
    });
  },
});
