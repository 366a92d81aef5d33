import { invalid, refuse } from './errors.ts';
import { primaryKeyTypes } from './messages.ts';
import { checkName, type Table } from './state.ts';
import { type KeyCell, sizeOf, type Value } from './values.ts';

const maxKeyBytes = 1024;
const kinds: Partial<Record<Value['type'], { number: number; variant: string }>> = {
  integer: { number: primaryKeyTypes.INTEGER, variant: 'VT_INTEGER' },
  string: { number: primaryKeyTypes.STRING, variant: 'VT_STRING' },
  binary: { number: primaryKeyTypes.BINARY, variant: 'VT_BLOB' },
};

/** What is wrong with a primary key whatever the table. `isBound`: of a range, so that INF_MIN and INF_MAX are in order. */
export function checkKeyValues(key: KeyCell[], isBound = false): void {
  const names = new Set<string>();
  for (const { name, value } of key) {
    checkName('column', name);
    if (names.has(name)) throw invalid(`Duplicated primary key name: '${name}'.`);
    names.add(name);
    if (value.type === 'auto-increment')
      throw invalid('Auto-increment primary key columns are not emulated by the embedded cloud.');
    if (value.type === 'double') throw invalid('double can not be used as primary key.');
    if (value.type === 'inf-min' || value.type === 'inf-max') {
      if (isBound) continue;
      throw invalid(`${value.type === 'inf-min' ? 'INF_MIN' : 'INF_MAX'} is an invalid type for the primary key.`);
    }
    if (value.type === 'boolean') throw invalid('BOOLEAN is an invalid type for the primary key.');
    if (value.type !== 'integer' && sizeOf(value) > maxKeyBytes)
      throw invalid(
        `The length of primary key column: '${name}' exceeds the MaxLength: ${maxKeyBytes} with CurrentLength: ${sizeOf(value)}.`,
      );
  }
}

/**
 * Whether the key is one of this table, its columns in the table's order.
 *
 * @throws OTSInvalidPK; texts for size and name from the tests of the Python SDK, the one for the type in their manner.
 */
export function checkKeySchema(table: Table, key: KeyCell[]): void {
  if (key.length !== table.schema.length)
    throw refuse('OTSInvalidPK', `Validate PK size fail. Input: ${key.length}, Meta: ${table.schema.length}.`);
  table.schema.forEach((column, index) => {
    const { name, value } = key[index] as KeyCell;
    if (name !== column.name)
      throw refuse('OTSInvalidPK', `Validate PK name fail. Input: ${name}, Meta: ${column.name}.`);
    const kind = kinds[value.type];
    if (kind !== undefined && kind.number !== column.type) {
      const wanted = Object.values(kinds).find(({ number }) => number === column.type)?.variant;
      throw refuse('OTSInvalidPK', `Validate PK type fail. Input: ${kind.variant}, Meta: ${wanted}.`);
    }
  });
}

export const keyText = (key: KeyCell[]): string =>
  key
    .map(({ name, value }) =>
      'value' in value
        ? `${name}=${Buffer.isBuffer(value.value) ? value.value.toString('hex') : String(value.value)}`
        : `${name}=${value.type}`,
    )
    .join(', ');
