/**
 * Tablestore's messages, API version 2015-12-31, typed by hand from the vendor's tablestore.proto and tablestore_filter.proto
 * (npm tablestore 5.6.5, lib/protocol). Field names are those of the files.
 */
import {
  bool,
  bytes,
  enumeration,
  int32,
  int64,
  message,
  type MessageOf,
  optional,
  repeated,
  required,
  string,
} from './protobuf.ts';

export const errorMessage = message('Error', { code: required(1, string), message: optional(2, string) });

export const primaryKeyTypes = { INTEGER: 1, STRING: 2, BINARY: 3 } as const;
export const existence = { IGNORE: 0, EXPECT_EXIST: 1, EXPECT_NOT_EXIST: 2 } as const;
export const returnTypes = { NONE: 0, PK: 1, AFTER_MODIFY: 2 } as const;
export const tableStatus = { ACTIVE: 1, LOADING: 3 } as const;
export const operationTypes = { PUT: 1, UPDATE: 2, DELETE: 3 } as const;

const primaryKeySchema = message('PrimaryKeySchema', {
  name: required(1, string),
  type: required(2, int32),
  option: optional(3, int32),
});
const definedColumnSchema = message('DefinedColumnSchema', { name: required(1, string), type: required(2, int32) });
const tableOptions = message('TableOptions', {
  time_to_live: optional(1, int32),
  max_versions: optional(2, int32),
  bloom_filter_type: optional(3, int32),
  block_size: optional(4, int32),
  deviation_cell_version_in_sec: optional(5, int64),
  allow_update: optional(6, bool),
});
const tableMeta = message('TableMeta', {
  table_name: required(1, string),
  primary_key: repeated(2, primaryKeySchema),
  defined_column: repeated(3, definedColumnSchema),
  index_meta: repeated(4, bytes),
});
const condition = message('Condition', { row_existence: required(1, int32), column_condition: optional(2, bytes) });
const capacityUnit = message('CapacityUnit', { read: optional(1, int32), write: optional(2, int32) });
const reservedThroughput = message('ReservedThroughput', { capacity_unit: required(1, capacityUnit) });
const reservedThroughputDetails = message('ReservedThroughputDetails', {
  capacity_unit: required(1, capacityUnit),
  last_increase_time: required(2, int64),
  last_decrease_time: optional(3, int64),
});
const consumedCapacity = message('ConsumedCapacity', { capacity_unit: required(1, capacityUnit) });
const streamSpecification = message('StreamSpecification', {
  enable_stream: required(1, bool),
  expiration_time: optional(2, int32),
});
const returnContent = message('ReturnContent', {
  return_type: optional(1, int32),
  return_column_names: repeated(2, string),
});
const timeRange = message('TimeRange', {
  start_time: optional(1, int64),
  end_time: optional(2, int64),
  specific_time: optional(3, int64),
});

export type PrimaryKeySchema = MessageOf<typeof primaryKeySchema>;
export type DefinedColumnSchema = MessageOf<typeof definedColumnSchema>;
export type TableOptions = MessageOf<typeof tableOptions>;
export type Condition = MessageOf<typeof condition>;
export type ReturnContent = MessageOf<typeof returnContent>;
export type CapacityUnit = MessageOf<typeof capacityUnit>;
export type TimeRange = MessageOf<typeof timeRange>;

export const createTableRequest = message('CreateTableRequest', {
  table_meta: required(1, tableMeta),
  reserved_throughput: required(2, reservedThroughput),
  table_options: optional(3, tableOptions),
  partitions: repeated(4, bytes),
  stream_spec: optional(5, streamSpecification),
  index_metas: repeated(7, bytes),
});
export const updateTableRequest = message('UpdateTableRequest', {
  table_name: required(1, string),
  reserved_throughput: optional(2, reservedThroughput),
  table_options: optional(3, tableOptions),
  stream_spec: optional(4, streamSpecification),
});
export const updateTableResponse = message('UpdateTableResponse', {
  reserved_throughput_details: required(1, reservedThroughputDetails),
  table_options: required(2, tableOptions),
});
/** Also DeleteTableRequest. */
export const tableNameRequest = message('DescribeTableRequest', { table_name: required(1, string) });
export const describeTableResponse = message('DescribeTableResponse', {
  table_meta: required(1, tableMeta),
  reserved_throughput_details: required(2, reservedThroughputDetails),
  table_options: required(3, tableOptions),
  table_status: required(4, int32),
});
/** Also every response without fields. */
export const emptyMessage = message('ListTableRequest', {});
export const listTableResponse = message('ListTableResponse', { table_names: repeated(1, string) });

export const getRowRequest = message('GetRowRequest', {
  table_name: required(1, string),
  primary_key: required(2, bytes),
  columns_to_get: repeated(3, string),
  time_range: optional(4, timeRange),
  max_versions: optional(5, int32),
  cache_blocks: optional(6, bool),
  filter: optional(7, bytes),
  start_column: optional(8, string),
  end_column: optional(9, string),
  token: optional(10, bytes),
  transaction_id: optional(11, string),
});
export const getRowResponse = message('GetRowResponse', {
  consumed: required(1, consumedCapacity),
  row: required(2, bytes),
});

export const putRowRequest = message('PutRowRequest', {
  table_name: required(1, string),
  row: required(2, bytes),
  condition: required(3, condition),
  return_content: optional(4, returnContent),
  transaction_id: optional(5, string),
});
export const updateRowRequest = message('UpdateRowRequest', {
  table_name: required(1, string),
  row_change: required(2, bytes),
  condition: required(3, condition),
  return_content: optional(4, returnContent),
  transaction_id: optional(5, string),
});
export const deleteRowRequest = message('DeleteRowRequest', {
  table_name: required(1, string),
  primary_key: required(2, bytes),
  condition: required(3, condition),
  return_content: optional(4, returnContent),
  transaction_id: optional(5, string),
});
/** Of PutRow, UpdateRow and DeleteRow. */
export const writeRowResponse = message('PutRowResponse', {
  consumed: required(1, consumedCapacity),
  row: optional(2, bytes),
});

const tableInBatchGetRowRequest = message('TableInBatchGetRowRequest', {
  table_name: required(1, string),
  primary_key: repeated(2, bytes),
  token: repeated(3, bytes),
  columns_to_get: repeated(4, string),
  time_range: optional(5, timeRange),
  max_versions: optional(6, int32),
  cache_blocks: optional(7, bool),
  filter: optional(8, bytes),
  start_column: optional(9, string),
  end_column: optional(10, string),
});
export const batchGetRowRequest = message('BatchGetRowRequest', { tables: repeated(1, tableInBatchGetRowRequest) });

const rowInBatchWriteRowRequest = message('RowInBatchWriteRowRequest', {
  type: required(1, int32),
  row_change: required(2, bytes),
  condition: required(3, condition),
  return_content: optional(4, returnContent),
});
export type RowInBatchWrite = MessageOf<typeof rowInBatchWriteRowRequest>;
const tableInBatchWriteRowRequest = message('TableInBatchWriteRowRequest', {
  table_name: required(1, string),
  rows: repeated(2, rowInBatchWriteRowRequest),
});
export const batchWriteRowRequest = message('BatchWriteRowRequest', {
  tables: repeated(1, tableInBatchWriteRowRequest),
  transaction_id: optional(2, string),
});

const rowInBatchResponse = message('RowInBatchWriteRowResponse', {
  is_ok: required(1, bool),
  error: optional(2, errorMessage),
  consumed: optional(3, consumedCapacity),
  row: optional(4, bytes),
});
export type RowInBatchResponse = MessageOf<typeof rowInBatchResponse>;
const tableInBatchResponse = message('TableInBatchWriteRowResponse', {
  table_name: required(1, string),
  rows: repeated(2, rowInBatchResponse),
});
export type TableInBatchResponse = MessageOf<typeof tableInBatchResponse>;
/** Of BatchGetRow and BatchWriteRow: the same fields. */
export const batchResponse = message('BatchWriteRowResponse', { tables: repeated(1, tableInBatchResponse) });

export const getRangeRequest = message('GetRangeRequest', {
  table_name: required(1, string),
  direction: required(2, enumeration(0, 1)),
  columns_to_get: repeated(3, string),
  time_range: optional(4, timeRange),
  max_versions: optional(5, int32),
  limit: optional(6, int32),
  inclusive_start_primary_key: required(7, bytes),
  exclusive_end_primary_key: required(8, bytes),
  cache_blocks: optional(9, bool),
  filter: optional(10, bytes),
  start_column: optional(11, string),
  end_column: optional(12, string),
  token: optional(13, bytes),
  transaction_id: optional(14, string),
  data_block_type_hint: optional(15, int32),
  return_entire_primary_keys: optional(16, bool),
  compress_type_hint: optional(17, int32),
});
export const getRangeResponse = message('GetRangeResponse', {
  consumed: required(1, consumedCapacity),
  rows: required(2, bytes),
  next_start_primary_key: optional(3, bytes),
});

export const filterMessage = message('Filter', { type: required(1, int32), filter: required(2, bytes) });
export const singleColumnValueFilter = message('SingleColumnValueFilter', {
  comparator: required(1, int32),
  column_name: required(2, string),
  column_value: required(3, bytes),
  filter_if_missing: required(4, bool),
  latest_version_only: required(5, bool),
});
export const compositeColumnValueFilter = message('CompositeColumnValueFilter', {
  combinator: required(1, int32),
  sub_filters: repeated(2, filterMessage),
});
export const columnPaginationFilter = message('ColumnPaginationFilter', {
  offset: required(1, int32),
  limit: required(2, int32),
});
