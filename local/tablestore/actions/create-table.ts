import { invalid, refuse } from '../errors.ts';
import { createTableRequest, emptyMessage, primaryKeyTypes } from '../messages.ts';
import { operation } from '../operation.ts';
import { checkCapacity, defaultMaxDeviationSeconds, settingsFrom } from '../settings.ts';
import { checkName, Table } from '../state.ts';

const maxTables = 64;
const maxKeyColumns = 4;
const maxDefinedColumns = 32;

/** CreateTable. Source: https://help.aliyun.com/en/tablestore/developer-reference/create-table-of-tablestore-api (read 2026-11-22). */
export const createTable = operation(createTableRequest, {
  describe: ({ table_meta: meta, table_options: options }) => ({
    table_name: meta.table_name,
    primary_key: meta.primary_key.map(({ name }) => name).join(', '),
    time_to_live: String(options?.time_to_live ?? ''),
  }),
  apply({ instance, clock, tableReadyMs }, request) {
    const { table_meta: meta, table_options: options } = request;
    checkName('table', meta.table_name);
    if (meta.primary_key.length === 0 || meta.primary_key.length > maxKeyColumns)
      throw invalid(`The number of primary key columns must be in range: [1, ${maxKeyColumns}].`);
    if (meta.defined_column.length > maxDefinedColumns)
      throw invalid(`The number of defined columns must be in range: [0, ${maxDefinedColumns}].`);
    const names = new Set<string>();
    for (const column of meta.primary_key) {
      checkName('column', column.name);
      if (names.has(column.name)) throw invalid(`Duplicated primary key name: '${column.name}'.`);
      names.add(column.name);
      if (!Object.values<number>(primaryKeyTypes).includes(column.type))
        throw invalid(`${column.type} is an invalid type for the primary key.`);
      if (column.option !== undefined)
        throw invalid('Auto-increment primary key columns are not emulated by the embedded cloud.');
    }
    for (const { name } of meta.defined_column) {
      checkName('column', name);
      if (names.has(name)) throw invalid(`Duplicated attribute column name with primary key column: ${name}.`);
    }
    if (request.index_metas.length > 0 || meta.index_meta.length > 0)
      throw invalid('Secondary indexes are not emulated by the embedded cloud.');
    if (request.stream_spec?.enable_stream === true) throw invalid('Streams are not emulated by the embedded cloud.');
    if (request.partitions.length > 0) throw invalid('Pre-split partitions are not emulated by the embedded cloud.');
    if (options?.time_to_live === undefined) throw invalid('Time-to-live is missing while creating table.');
    if (options.max_versions === undefined) throw invalid('MaxVersions is missing while creating table.');
    checkCapacity(request.reserved_throughput.capacity_unit);
    const settings = settingsFrom(options, {
      timeToLive: -1,
      maxVersions: 1,
      maxDeviationSeconds: defaultMaxDeviationSeconds,
      allowUpdate: true,
    });
    if (instance.tables.has(meta.table_name)) throw refuse('OTSObjectAlreadyExist');
    if (instance.tables.size >= maxTables) throw refuse('OTSQuotaExhausted');
    const table = new Table(
      clock,
      {
        name: meta.table_name,
        schema: meta.primary_key,
        definedColumns: meta.defined_column,
        settings,
        capacityUnit: request.reserved_throughput.capacity_unit,
      },
      tableReadyMs,
    );
    instance.tables.set(table.name, table);
    return emptyMessage.encode({});
  },
});
