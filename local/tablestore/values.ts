/** A value as Tablestore types it; the last three occur in primary keys of requests only. */
export type Value =
  | { type: 'integer'; value: bigint }
  | { type: 'double'; value: number }
  | { type: 'boolean'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'binary'; value: Buffer }
  | { type: 'inf-min' }
  | { type: 'inf-max' }
  | { type: 'auto-increment' };

export interface KeyCell {
  name: string;
  value: Value;
}

/** Bytes that a value counts for in limits and capacity units. */
export function sizeOf(value: Value): number {
  switch (value.type) {
    case 'string':
      return Buffer.byteLength(value.value);
    case 'binary':
      return value.value.length;
    case 'boolean':
      return 1;
    default:
      return 8;
  }
}

function sortableBytes(value: Value): string {
  switch (value.type) {
    case 'inf-min':
      return '\x01';
    case 'inf-max':
      return '\x03';
    case 'integer': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt.asUintN(64, value.value + 0x8000_0000_0000_0000n));
      return `\x02${bytes.toString('latin1')}`;
    }
    case 'string':
    case 'binary': {
      const bytes = Buffer.from(value.value as string);
      // An end mark below every escaped byte puts a prefix before what it begins.
      return `\x02${bytes.toString('latin1').replaceAll('\0', '\0\xff')}\0\x01`;
    }
    default:
      throw new Error(`${value.type} is not a type of primary keys`);
  }
}

/** A string that sorts as the primary key does: integers by value, strings by UTF-8 bytes. */
export const sortKey = (cells: KeyCell[]): string => cells.map((cell) => sortableBytes(cell.value)).join('');

/** Negative, zero or positive; undefined when the two have different types and so no order. */
export function compareValues(a: Value, b: Value): number | undefined {
  if (a.type === 'boolean' && b.type === 'boolean') return Number(a.value) - Number(b.value);
  if (a.type === 'double' && b.type === 'double') return a.value < b.value ? -1 : Number(a.value > b.value);
  if (a.type === 'integer' && b.type === 'integer') return a.value < b.value ? -1 : Number(a.value > b.value);
  if (a.type === 'string' && b.type === 'string') return Buffer.compare(Buffer.from(a.value), Buffer.from(b.value));
  if (a.type === 'binary' && b.type === 'binary') return Buffer.compare(a.value, b.value);
  return undefined;
}

export type Plain = string | number | bigint | boolean | Buffer;

/** For tests, logs and snapshots: an integer that a number cannot hold stays a bigint. */
export function plain(value: Value): Plain {
  switch (value.type) {
    case 'inf-min':
    case 'inf-max':
    case 'auto-increment':
      return value.type;
    case 'integer':
      return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value;
    default:
      return value.value;
  }
}
