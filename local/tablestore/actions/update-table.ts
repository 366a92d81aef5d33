import { invalid } from '../errors.ts';
import { updateTableRequest, updateTableResponse } from '../messages.ts';
import { operation } from '../operation.ts';
import { checkCapacity, optionsMessage, settingsFrom, throughputMessage } from '../settings.ts';

/** UpdateTable: time to live and the other options. Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/updatetable (read 2026-11-22). */
export const updateTable = operation(updateTableRequest, {
  describe: ({ table_name, table_options: options }) => ({
    table_name,
    ...(options?.time_to_live === undefined ? {} : { time_to_live: String(options.time_to_live) }),
  }),
  apply({ instance }, request) {
    const table = instance.readyTable(request.table_name);
    const { table_options: options, reserved_throughput: throughput } = request;
    if (request.stream_spec?.enable_stream === true) throw invalid('Streams are not emulated by the embedded cloud.');
    if (options !== undefined && Object.values(options).every((value) => value === undefined))
      throw invalid('No parameter is specified in table options.');
    if (throughput !== undefined) checkCapacity(throughput.capacity_unit);
    if (options !== undefined) table.settings = settingsFrom(options, table.settings);
    if (throughput !== undefined) table.capacityUnit = { ...table.capacityUnit, ...throughput.capacity_unit };
    return updateTableResponse.encode({
      reserved_throughput_details: throughputMessage(table),
      table_options: optionsMessage(table),
    });
  },
});
