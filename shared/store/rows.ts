import './sdk-globals.ts';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import TableStore from 'tablestore';
import { type TableDefinition, type TableName, tables } from './tables.ts';
import { type Budget, OutOfTimeError } from '../budget.ts';
import { setAt } from '../dictionary.ts';
import { wellFormed } from '../text.ts';

export interface StoreSettings {
  endpoint: string;
  instance: string;
  /** Prefix of table names: the installation's name with `_` for `-`. */
  prefix: string;
  credentials: { accessKeyId: string; accessKeySecret: string; securityToken?: string | undefined };
  timeoutMs: number;
  /** No call, and no repeat of one, outlives it. */
  budget: Budget;
  /** Waits between tries of a busy store; injected so that tests need not. */
  pause?: (ms: number) => Promise<void>;
}

export type Value = string | number | boolean;
export type Row = Record<string, Value>;
export type KeyOf<T extends TableName> = Record<(typeof tables)[T]['primaryKey'][number]['name'], string>;

export type RowCondition = { row: 'any' | 'absent' | 'present' } | { row: 'present'; column: string; equals: Value };

/** The store refused or did not answer. `code` is Tablestore's own, or `ConnectionFailed`. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Refused before any effect. */
const busyCodes = new Set([
  'OTSServerBusy',
  'OTSRowOperationConflict',
  'OTSTableNotReady',
  'OTSPartitionUnavailable',
  'OTSNotEnoughCapacityUnit',
  'OTSFlowControl',
]);
/** It is open whether the call took effect. */
const openCodes = new Set(['ConnectionFailed', 'OTSTimeout', 'OTSServerUnavailable', 'OTSInternalServerError']);

/** Whether a failed write may have been applied: read again and compare (P-135). */
export const isOpen = (error: unknown): boolean => error instanceof StoreError && openCodes.has(error.code);

/** The SDK loses the code and leaves raw protobuf text in the message (P-124). */
function storeError(error: unknown, operation: string): StoreError {
  const text = error instanceof Error ? error.message : String(error);
  const code = /OTS[A-Za-z]+/.exec(text)?.[0];
  if (code !== undefined) return new StoreError(code, `Tablestore ${operation}: ${code}`, error);
  return new StoreError(
    'ConnectionFailed',
    `Tablestore ${operation}: ${text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200)}`,
    error,
  );
}

const httpAgent = new HttpAgent({ keepAlive: true });
const httpsAgent = new HttpsAgent({ keepAlive: true });

const clientOf = (settings: StoreSettings): InstanceType<typeof TableStore.Client> =>
  new TableStore.Client({
    accessKeyId: settings.credentials.accessKeyId,
    secretAccessKey: settings.credentials.accessKeySecret,
    ...(settings.credentials.securityToken === undefined ? {} : { stsToken: settings.credentials.securityToken }),
    endpoint: settings.endpoint,
    instancename: settings.instance,
    // Process-wide in the SDK, and 20 by default (P-126).
    maxRetries: 2,
    httpOptions: {
      timeout: settings.timeoutMs,
      agent: settings.endpoint.startsWith('https:') ? httpsAgent : httpAgent,
    },
  });

/** Rows by exact key or by range, with conditions; retries what is safe to repeat. */
export class RowStore {
  readonly #settings: StoreSettings;
  readonly #client: InstanceType<typeof TableStore.Client>;
  readonly pause: (ms: number) => Promise<void>;

  constructor(settings: StoreSettings, client = clientOf(settings)) {
    this.#settings = settings;
    this.pause = settings.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.#client = client;
  }

  /** Returns the same rows for work that must end earlier. */
  within(budget: Budget): RowStore {
    return new RowStore({ ...this.#settings, budget }, this.#client);
  }

  /** @returns undefined when there is no such row. */
  async get<T extends TableName>(table: T, key: KeyOf<T>): Promise<Row | undefined> {
    const { row } = await this.#try(`GetRow ${table}`, true, () =>
      this.#client.getRow({ tableName: this.#name(table), primaryKey: this.#key(table, key), maxVersions: 1 }),
    );
    return readRow(row);
  }

  /**
   * Writes a whole row. Repeats by itself only what the store refused as busy; a lost answer is the caller's to judge (P-135).
   *
   * @returns false when the condition did not hold.
   * @throws StoreError for which `isOpen` holds when the row may have been written.
   */
  async put<T extends TableName>(table: T, key: KeyOf<T>, row: Row, condition: RowCondition): Promise<boolean> {
    const attributeColumns = Object.entries(row).map(([name, value]) => ({ [name]: encode(value) }));
    return await this.#write(`PutRow ${table}`, () =>
      this.#client.putRow({
        tableName: this.#name(table),
        condition: encodeCondition(condition),
        primaryKey: this.#key(table, key),
        attributeColumns,
      }),
    );
  }

  /** A row that is not there counts as deleted. */
  async delete<T extends TableName>(table: T, key: KeyOf<T>): Promise<void> {
    await this.#try(`DeleteRow ${table}`, true, () =>
      this.#client.deleteRow({
        tableName: this.#name(table),
        condition: encodeCondition({ row: 'any' }),
        primaryKey: this.#key(table, key),
      }),
    );
  }

  /**
   * One page of rows between two keys, `from` included, `to` excluded; `undefined` parts of a key are open ends.
   *
   * @returns the rows with their key columns, and where to go on.
   */
  async range<T extends TableName>(
    table: T,
    range: {
      from: Partial<KeyOf<T>>;
      to: Partial<KeyOf<T>>;
      direction: 'forward' | 'backward';
      limit: number;
      /** Of the others nothing is read; default: all. */
      columns?: string[];
    },
  ): Promise<{ rows: Row[]; next: KeyOf<T> | undefined }> {
    const isForward = range.direction === 'forward';
    const bound = (key: Partial<Record<string, string>>, open: unknown) =>
      tables[table].primaryKey.map(({ name }) => ({ [name]: key[name] ?? open }));
    const answer = await this.#try(`GetRange ${table}`, true, () =>
      this.#client.getRange({
        tableName: this.#name(table),
        direction: isForward ? TableStore.Direction.FORWARD : TableStore.Direction.BACKWARD,
        inclusiveStartPrimaryKey: bound(range.from, isForward ? TableStore.INF_MIN : TableStore.INF_MAX),
        exclusiveEndPrimaryKey: bound(range.to, isForward ? TableStore.INF_MAX : TableStore.INF_MIN),
        limit: range.limit,
        maxVersions: 1,
        ...(range.columns === undefined ? {} : { columnsToGet: range.columns }),
      }),
    );
    const next = answer.nextStartPrimaryKey;
    return {
      rows: answer.rows.map(readRow).filter((row) => row !== undefined),
      next:
        next === null || next === undefined || next.length === 0
          ? undefined
          : (Object.fromEntries(next.map(({ name, value }) => [name, String(value)])) as KeyOf<T>),
    };
  }

  /** @returns false when the table exists already with the same keys, perhaps from a call whose answer was lost. @throws StoreError when its keys are others: they can never be changed (P-138). */
  async createTable(definition: TableDefinition): Promise<boolean> {
    const tableName = this.#name(definition.name as TableName);
    try {
      await this.#try(`CreateTable ${definition.name}`, true, () =>
        this.#client.createTable({
          tableMeta: { tableName, primaryKey: definition.primaryKey },
          reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
          tableOptions: { timeToLive: definition.timeToLiveSeconds, maxVersions: 1 },
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'OTSObjectAlreadyExist') throw error;
      await this.#describe(definition);
      return false;
    }
  }

  /**
   * In what the table differs, one sentence each; undefined: there is no such table.
   *
   * @throws StoreError when its keys are others: they can never be changed (P-138).
   */
  async tableDifferences(definition: TableDefinition): Promise<string[] | undefined> {
    try {
      const { timeToLive } = await this.#describe(definition);
      const wanted = definition.timeToLiveSeconds;
      return timeToLive === wanted ? [] : [`its rows live ${lifeOf(timeToLive)}, not ${lifeOf(wanted)}`];
    } catch (error) {
      if (error instanceof StoreError && error.code === 'OTSObjectNotExist') return undefined;
      throw error;
    }
  }

  /** Gives an existing table the time to live of its definition. */
  async updateTable({ name, timeToLiveSeconds }: TableDefinition): Promise<void> {
    await this.#try(`UpdateTable ${name}`, true, () =>
      this.#client.updateTable({
        tableName: this.#name(name as TableName),
        tableOptions: { timeToLive: timeToLiveSeconds, maxVersions: 1 },
      }),
    );
  }

  /** Deletes the table with its rows; one that is gone counts as deleted. */
  async deleteTable(table: TableName): Promise<void> {
    try {
      await this.#client.deleteTable({ tableName: this.#name(table) });
    } catch (error) {
      const failure = storeError(error, `DeleteTable ${table}`);
      if (failure.code !== 'OTSObjectNotExist') throw failure;
    }
  }

  async #describe({ name, primaryKey }: TableDefinition): Promise<{ timeToLive: number }> {
    const tableName = this.#name(name as TableName);
    const { tableMeta, tableOptions } = await this.#try(`DescribeTable ${name}`, true, () =>
      this.#client.describeTable({ tableName }),
    );
    const found = tableMeta.primaryKey.map((key) => `${key.name} ${keyTypes.get(key.type) ?? key.type}`).join(', ');
    const wanted = primaryKey.map((key) => `${key.name} ${key.type}`).join(', ');
    if (found !== wanted)
      throw new StoreError(
        'OTSInvalidPK',
        `Tablestore table ${tableName} exists with the primary key ${found}, which can never be changed; needed is ${wanted}. Choose another name for the installation, or remove the table.`,
      );
    return tableOptions;
  }

  async #write(operation: string, call: () => Promise<unknown>): Promise<boolean> {
    try {
      await this.#try(operation, false, call);
      return true;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'OTSConditionCheckFail') return false;
      throw error;
    }
  }

  /** Tries again what the store refused as busy; and, when `repeatable`, what it did not answer. */
  async #try<R>(operation: string, repeatable: boolean, call: () => Promise<R>): Promise<R> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#settings.budget.within(`Tablestore ${operation}`, call);
      } catch (error) {
        if (error instanceof OutOfTimeError) throw error;
        const failure = storeError(error, operation);
        const again = busyCodes.has(failure.code) || (repeatable && openCodes.has(failure.code));
        if (!again || attempt >= 5) throw failure;
        await this.pause(50 * 2 ** attempt);
      }
    }
  }

  #name(table: TableName): string {
    return `${this.#settings.prefix}_${tables[table].name}`;
  }

  #key(table: TableName, key: Record<string, string>): Record<string, unknown>[] {
    return tables[table].primaryKey.map(({ name }) => ({ [name]: key[name] }));
  }
}

/** How long rows live, in words. */
export const lifeOf = (seconds: number): string =>
  seconds < 0 ? 'for ever' : `${seconds / 86_400} day${seconds === 86_400 ? '' : 's'}`;

/** PrimaryKeyType of the protocol. */
const keyTypes = new Map<string | number, string>([
  [1, 'INTEGER'],
  [2, 'STRING'],
  [3, 'BINARY'],
]);

/** Half of a surrogate pair is no UTF-8, which strings of the store are. */
const encode = (value: Value): unknown =>
  typeof value === 'number' ? TableStore.Long.fromNumber(value) : typeof value === 'string' ? wellFormed(value) : value;

function encodeCondition(condition: RowCondition): unknown {
  const { IGNORE, EXPECT_EXIST, EXPECT_NOT_EXIST } = TableStore.RowExistenceExpectation;
  const existence = { any: IGNORE, present: EXPECT_EXIST, absent: EXPECT_NOT_EXIST }[condition.row];
  const column =
    'column' in condition
      ? // The last argument is passIfMissing, true by default (P-127).
        new TableStore.SingleColumnCondition(
          condition.column,
          encode(condition.equals),
          TableStore.ComparatorType.EQUAL,
          false,
        )
      : null;
  return new TableStore.Condition(existence, column);
}

const isLong = (value: unknown): value is { toNumber(): number } =>
  typeof value === 'object' && value !== null && 'toNumber' in value;

const decode = (value: unknown): Value => (isLong(value) ? value.toNumber() : (value as Value));

/** A missing row comes as an empty object (P-129). */
function readRow(row: {
  primaryKey?: { name: string; value: unknown }[];
  attributes?: { columnName: string; columnValue: unknown }[];
}): Row | undefined {
  if (row.primaryKey === undefined) return undefined;
  const values: Row = {};
  for (const { name, value } of row.primaryKey) setAt(values, name, decode(value));
  for (const { columnName, columnValue } of row.attributes ?? []) setAt(values, columnName, decode(columnValue));
  return values;
}
