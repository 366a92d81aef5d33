import type { Clock } from '../../shared/clock.ts';
import { invalid, refuse } from './errors.ts';
import type { CapacityUnit, DefinedColumnSchema, PrimaryKeySchema } from './messages.ts';
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

export interface TableSettings {
  /** Seconds; -1 = for ever. */
  timeToLive: number;
  maxVersions: number;
  maxDeviationSeconds: number;
  allowUpdate: boolean;
}

/** A table: rows by primary key, in its order. What has outlived the time to live is gone as soon as it is looked at. */
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
  #rows = new Map<string, Row>();
  #order: string[] = [];

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

  find(key: KeyCell[]): Row | undefined {
    return this.#live(sortKey(key));
  }

  put(key: KeyCell[], columns: Map<string, Column>, bornAtMs: number): void {
    const sort = sortKey(key);
    if (!this.#rows.has(sort)) this.#order.splice(this.#position(sort), 0, sort);
    this.#rows.set(sort, { key, columns, bornAtMs });
  }

  delete(key: KeyCell[]): void {
    this.#drop(sortKey(key));
  }

  /** Live rows from `begin` on and before `end`, both as sort keys; `backward` from the greater to the lesser. */
  *range(begin: string, end: string, backward: boolean): Generator<Row> {
    const lower = backward ? end : begin;
    const upper = backward ? begin : end;
    // Backward the greater bound is included and the lesser is not.
    const within = this.#order.filter((sort) =>
      backward ? sort > lower && sort <= upper : sort >= lower && sort < upper,
    );
    for (const sort of backward ? within.reverse() : within) {
      const row = this.#live(sort);
      if (row !== undefined) yield row;
    }
  }

  /** All live rows in order. */
  rows(): Row[] {
    return [...this.#order].map((sort) => this.#live(sort)).filter((row) => row !== undefined);
  }

  #live(sort: string): Row | undefined {
    const row = this.#rows.get(sort);
    if (row === undefined || this.settings.timeToLive === -1) return row;
    const oldestMs = this.#clock.nowMs() - this.settings.timeToLive * 1000;
    for (const [name, column] of row.columns) if (column.timestampMs <= oldestMs) row.columns.delete(name);
    if (row.columns.size > 0 || row.bornAtMs > oldestMs) return row;
    this.#drop(sort);
    return undefined;
  }

  #drop(sort: string): void {
    if (this.#rows.delete(sort)) this.#order.splice(this.#position(sort), 1);
  }

  /** Index of `sort` in the order, or where it belongs. */
  #position(sort: string): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#order[middle] as string) < sort) low = middle + 1;
      else high = middle;
    }
    return low;
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
