import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Credential } from '../../local/credentials.ts';
import { tablestoreService, type TablestoreOptions } from '../../local/tablestore/index.ts';
import { testContext } from './cloud-context.ts';
import { testEdge } from './edge.ts';

/** A 64-bit integer of the SDK. */
export interface Long {
  toNumber(): number;
  toString(): string;
}
export type SdkValue = string | number | boolean | Buffer | Long | object;
export type SdkKey = Record<string, SdkValue>[];
export interface SdkRow {
  primaryKey?: { name: string; value: SdkValue }[];
  attributes?: { columnName: string; columnValue: SdkValue; timestamp: Long | null }[];
}
type SdkBatchRow = Omit<SdkRow, 'primaryKey'> & {
  primaryKey?: SdkRow['primaryKey'] | null;
  isOk: boolean;
  errorCode: string | null;
  errorMessage: string | null;
};
type Call = (params: object) => Promise<SdkAnswer>;

interface SdkAnswer {
  RequestId: string;
  consumed: { capacityUnit: { read: number; write: number } };
  row: SdkRow;
  rows: SdkRow[];
  nextStartPrimaryKey: { name: string; value: SdkValue }[] | null;
  tableNames: string[];
  tables: SdkBatchRow[];
  tableOptions: { timeToLive: number; maxVersions: number };
  tableStatus: number;
  tableMeta: { tableName: string; primaryKey: { name: string; type: number }[] };
}

type Operation =
  | 'createTable'
  | 'describeTable'
  | 'listTable'
  | 'updateTable'
  | 'deleteTable'
  | 'putRow'
  | 'getRow'
  | 'updateRow'
  | 'deleteRow'
  | 'getRange'
  | 'batchWriteRow';
export type SdkClient = Record<Operation, Call> & {
  /** One list of rows per table. */
  batchGetRow(params: object): Promise<{ tables: SdkBatchRow[][] }>;
};

type Constructed = new (...args: unknown[]) => object;

/** What these tests use of the official SDK, which has no types of its own. */
export interface Sdk {
  Client: new (config: object) => SdkClient;
  Long: { fromNumber(value: number): Long; fromString(value: string): Long };
  Condition: Constructed;
  SingleColumnCondition: Constructed;
  CompositeCondition: new (operator: number) => { addSubCondition(condition: object): void };
  ColumnPaginationFilter: Constructed;
  RowExistenceExpectation: { IGNORE: number; EXPECT_EXIST: number; EXPECT_NOT_EXIST: number };
  ComparatorType: Record<'EQUAL' | 'NOT_EQUAL' | 'GREATER_THAN' | 'GREATER_EQUAL' | 'LESS_THAN' | 'LESS_EQUAL', number>;
  LogicalOperator: { NOT: number; AND: number; OR: number };
  ReturnType: { Primarykey: number; AfterModify: number };
  INF_MIN: object;
  INF_MAX: object;
}

export const sdk = createRequire(import.meta.url)('tablestore') as Sdk;

export const long = (value: number): Long => sdk.Long.fromNumber(value);
export const ignore = () => new sdk.Condition(sdk.RowExistenceExpectation.IGNORE, null);
export const mustExist = (column: object | null = null) =>
  new sdk.Condition(sdk.RowExistenceExpectation.EXPECT_EXIST, column);
export const mustNotExist = () => new sdk.Condition(sdk.RowExistenceExpectation.EXPECT_NOT_EXIST, null);
export const columnIs = (
  name: string,
  value: SdkValue,
  more: { comparator?: keyof Sdk['ComparatorType']; passIfMissing?: boolean } = {},
) =>
  new sdk.SingleColumnCondition(
    name,
    value,
    sdk.ComparatorType[more.comparator ?? 'EQUAL'],
    more.passIfMissing ?? false,
  );

export const instanceName = 'dualstack-alb';

/** A Tablestore on a free port, and an official client for it as root. */
export async function startTablestore(options: TablestoreOptions = {}) {
  const context = testContext();
  const service = tablestoreService(context, options);
  const { edge, url, calls } = await testEdge(context, [service]);
  const clientOf = (credential: Credential, name = instanceName): SdkClient =>
    new sdk.Client({
      accessKeyId: credential.accessKeyId,
      secretAccessKey: credential.accessKeySecret,
      stsToken: credential.securityToken,
      endpoint: url,
      instancename: name,
      maxRetries: 0,
    });
  const client = clientOf(context.credentials.root);
  return { context, service, edge, url, calls, client, clientOf };
}

export const createTable = (
  client: SdkClient,
  tableName: string,
  primaryKey: { name: string; type: string }[] = [{ name: 'id', type: 'STRING' }],
  timeToLive = -1,
) =>
  client.createTable({
    tableMeta: { tableName, primaryKey },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive, maxVersions: 1 },
  });

export const putRow = (client: SdkClient, tableName: string, primaryKey: SdkKey, columns: Record<string, SdkValue>) =>
  client.putRow({
    tableName,
    condition: ignore(),
    primaryKey,
    attributeColumns: Object.entries(columns).map(([name, value]) => ({ [name]: value })),
  });

const isLong = (value: SdkValue): value is Long => typeof value === 'object' && 'toNumber' in value;

/** A string or integer value as text. */
export const textOf = (value: SdkValue | undefined): string =>
  typeof value === 'string' ? value : value !== undefined && isLong(value) ? value.toString() : '';

/** The row's columns as `{name: value}`, integers as numbers; undefined for a missing row. */
export function columnsOf(row: Pick<SdkBatchRow, 'primaryKey' | 'attributes'>): Record<string, SdkValue> | undefined {
  if (row.primaryKey === undefined || row.primaryKey === null) return undefined;
  return Object.fromEntries(
    (row.attributes ?? []).map(({ columnName, columnValue }) => [
      columnName,
      isLong(columnValue) ? columnValue.toNumber() : columnValue,
    ]),
  );
}

/** The service's error code and status out of what the SDK throws: it loses the code (P-124). */
export async function errorOf(call: Promise<unknown>): Promise<{ code: string; status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return { code: /OTS[A-Za-z]+/.exec(message)?.[0] ?? '', status: code, message };
  }
  throw new Error('the call succeeded');
}

/** A signed raw request; `headers` replaces signed headers, `signature` the signature. */
export async function rawCall(
  url: string,
  credential: Credential,
  path: string,
  body: Buffer,
  change: { headers?: Record<string, string | undefined>; signature?: string; method?: string; date?: string } = {},
): Promise<{ status: number; headers: Headers; body: Buffer }> {
  const method = change.method ?? 'POST';
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries({
    'x-ots-accesskeyid': credential.accessKeyId,
    'x-ots-apiversion': '2015-12-31',
    'x-ots-contentmd5': createHash('md5').update(body).digest('base64'),
    'x-ots-date': change.date ?? new Date().toISOString(),
    'x-ots-instancename': instanceName,
    ...change.headers,
  }))
    if (value !== undefined) headers[name] = value;
  const canonical = Object.keys(headers)
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  headers['x-ots-signature'] =
    change.signature ??
    createHmac('sha1', credential.accessKeySecret).update(`${path}\n${method}\n\n${canonical}`).digest('base64');
  const answer = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body: new Uint8Array(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}
