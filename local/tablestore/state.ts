import type { Clock } from '../../shared/clock.ts';
import { invalid, refuse } from './errors.ts';
import type { CapacityUnit, DefinedColumnSchema, PrimaryKeySchema } from './messages.ts';
import { SortedKeys } from './sorted-keys.ts';
import { type KeyCell, plain, type Plain, sortKey, type Value } from './values.ts';

export interface Column {
  value: Value;
  /** The cell's version, in milliseconds: time to live counts from here. */
  timestampMs: number;
}

export interface Row {
  readonly key: KeyCell[];
  columns: Map<string, Column>;
  /** When the row came to be; a row without columns exists until this is too old. */
  bornAtMs: number;
}

interface StoredRow extends Row {
  /** Instant of the last write. */
  writtenAtMs: number;
}

export interface TableSettings {
  /** Seconds; -1 = for ever. */
  timeToLive: number;
  maxVersions: number;
  maxDeviationSeconds: number;
  allowUpdate: boolean;
}

/** Rows that one request frees at most in each table: as many as one BatchWriteRow can add. */
const freedAtOnce = 200;

/**
 * A table: rows by primary key, in its order. What has outlived the time to live is not answered any more; its memory is given
 * back in small steps with the requests that follow, whichever table they are about (`free`).
 */
export class Table {
  readonly name: string;
  readonly schema: PrimaryKeySchema[];
  readonly definedColumns: DefinedColumnSchema[];
  readonly createdAtMs: number;
  /** Reads and writes are refused before. */
  readonly readyAtMs: number;
  settings: TableSettings;
  capacityUnit: CapacityUnit;
  readonly #clock: Clock;
  /** In order of the last write, so that what may have expired stands first. */
  #rows = new Map<string, StoredRow>();
  readonly #keys = new SortedKeys();

  constructor(
    clock: Clock,
    definition: Pick<Table, 'name' | 'schema' | 'definedColumns' | 'settings' | 'capacityUnit'>,
    readyMs: number,
  ) {
    this.#clock = clock;
    this.name = definition.name;
    this.schema = definition.schema;
    this.definedColumns = definition.definedColumns;
    this.settings = definition.settings;
    this.capacityUnit = definition.capacityUnit;
    this.createdAtMs = clock.nowMs();
    this.readyAtMs = this.createdAtMs + readyMs;
  }

  get isReady(): boolean {
    return this.#clock.nowMs() >= this.readyAtMs;
  }

  /** Rows in memory, those included that have expired and are not freed yet. */
  get stored(): number {
    return this.#rows.size;
  }

  find(key: KeyCell[]): Row | undefined {
    return this.#live(sortKey(key));
  }

  put(key: KeyCell[], columns: Map<string, Column>, bornAtMs: number): void {
    this.#set(sortKey(key), { key, columns, bornAtMs });
  }

  delete(key: KeyCell[]): void {
    this.#drop(sortKey(key));
  }

  /** Live rows from `begin` on and before `end`, both as sort keys; `backward` from the greater to the lesser. */
  *range(begin: string, end: string, backward: boolean): Generator<Row> {
    for (const sort of backward ? this.#keys.backward(begin, end) : this.#keys.forward(begin, end)) {
      const row = this.#live(sort);
      if (row !== undefined) yield row;
    }
  }

  /** All live rows in order. */
  rows(): Row[] {
    return this.#keys.all().flatMap((sort) => this.#live(sort) ?? []);
  }

  /** Frees rows that have expired. Costs nothing but a look where there is none. */
  free(): void {
    const { timeToLive } = this.settings;
    if (timeToLive === -1) return;
    const oldestMs = this.#clock.nowMs() - timeToLive * 1000;
    let left = freedAtOnce;
    for (const [sort, row] of this.#rows) {
      if (row.writtenAtMs > oldestMs || left === 0) return;
      left -= 1;
      // A cell may have been written with a version of tomorrow: the row is looked at again one time to live later.
      if (this.#live(sort) === undefined) this.#drop(sort);
      else this.#set(sort, row);
    }
  }

  #set(sort: string, row: Row): void {
    if (!this.#rows.delete(sort)) this.#keys.add(sort);
    this.#rows.set(sort, { ...row, writtenAtMs: this.#clock.nowMs() });
  }

  #live(sort: string): Row | undefined {
    const row = this.#rows.get(sort);
    if (row === undefined || this.settings.timeToLive === -1) return row;
    const oldestMs = this.#clock.nowMs() - this.settings.timeToLive * 1000;
    for (const [name, column] of row.columns) if (column.timestampMs <= oldestMs) row.columns.delete(name);
    return row.columns.size > 0 || row.bornAtMs > oldestMs ? row : undefined;
  }

  #drop(sort: string): void {
    if (this.#rows.delete(sort)) this.#keys.remove(sort);
  }
}

export type PlainRow = Record<string, Plain>;

export const plainRow = (row: Row): PlainRow => ({
  ...Object.fromEntries(row.key.map(({ name, value }) => [name, plain(value)])),
  ...Object.fromEntries([...row.columns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([n, c]) => [n, plain(c.value)])),
});

export const clusterTypes = ['SSD', 'HYBRID'] as const;
export type ClusterType = (typeof clusterTypes)[number];

/** One instance with its tables. */
export class Instance {
  /** As given; names that differ in case only are the same. */
  readonly name: string;
  readonly clusterType: ClusterType;
  readonly description: string;
  readonly createdAtMs: number;
  readonly tables = new Map<string, Table>();

  constructor({ name, clusterType, description, createdAtMs }: Omit<Instance, 'tables' | 'table' | 'readyTable'>) {
    this.name = name;
    this.clusterType = clusterType;
    this.description = description;
    this.createdAtMs = createdAtMs;
  }

  /** @throws OTSObjectNotExist */
  table(name: string): Table {
    checkName('table', name);
    const table = this.tables.get(name);
    if (table === undefined) throw refuse('OTSObjectNotExist');
    return table;
  }

  /** @throws OTSObjectNotExist, OTSTableNotReady */
  readyTable(name: string): Table {
    const table = this.table(name);
    if (!table.isReady) throw refuse('OTSTableNotReady');
    return table;
  }
}

/**
 * Names of instances: 3 to 16 letters, digits and hyphens, a letter first, no hyphen last, and none of the vendor's words.
 *
 * @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-createinstance (read 2026-11-29)
 */
export const isInstanceName = (name: string): boolean =>
  /^[a-z][a-z0-9-]{1,14}[a-z0-9]$/i.test(name) && !/ali|ay|ots|taobao|admin/i.test(name);

/**
 * Names of tables and columns: letters, digits and `_`, not a digit first, up to 255.
 *
 * @see https://www.alibabacloud.com/help/en/tablestore/naming-conventions-and-data-types (read 2026-11-22)
 */
export function checkName(what: 'table' | 'column', name: string): void {
  if (what === 'column' && name === '') throw invalid('invalid name of column: empty name.');
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name)) throw invalid(`Invalid ${what} name: '${name}'.`);
}
