import { invalid } from './errors.ts';
import {
  columnPaginationFilter,
  compositeColumnValueFilter,
  filterMessage,
  singleColumnValueFilter,
} from './messages.ts';
import { readValue } from './plain-buffer.ts';
import { compareValues, plain, type Value } from './values.ts';

/** A condition on columns, of a write or of a read. Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/filter */
export type Filter =
  | { kind: 'column'; name: string; comparator: keyof typeof comparators; value: Value; failsIfMissing: boolean }
  | { kind: 'not' | 'and' | 'or'; parts: Filter[] }
  | { kind: 'pagination'; offset: number; limit: number };

/** `order` is undefined where the types differ: such values are unequal and neither is greater. Undocumented; the careful reading. */
const comparators = {
  '==': (order: number | undefined) => order === 0,
  '!=': (order: number | undefined) => order !== 0,
  '>': (order: number | undefined) => order !== undefined && order > 0,
  '>=': (order: number | undefined) => order !== undefined && order >= 0,
  '<': (order: number | undefined) => order !== undefined && order < 0,
  '<=': (order: number | undefined) => order !== undefined && order <= 0,
};
const comparatorNumbers = ['==', '!=', '>', '>=', '<', '<='] as const;
const combinators = ['not', 'and', 'or'] as const;
const maxFilters = 10;

function parse(message: { type: number; filter: Buffer }, count: { left: number }): Filter {
  if (message.type === 1) {
    const single = singleColumnValueFilter.decode(message.filter);
    const comparator = comparatorNumbers[single.comparator - 1];
    if (comparator === undefined) throw invalid(`Invalid relation operator: ${single.comparator}.`);
    count.left -= 1;
    if (count.left < 0) throw invalid(`The count of filter exceeds the max:${maxFilters}.`);
    const value = readValue(single.column_value);
    if (value.type.startsWith('inf') || value.type === 'auto-increment')
      throw invalid('data format is invalid, unknown variant type occured.');
    return {
      kind: 'column',
      name: single.column_name,
      comparator,
      value,
      failsIfMissing: single.filter_if_missing,
    };
  }
  if (message.type === 2) {
    const composite = compositeColumnValueFilter.decode(message.filter);
    const kind = combinators[composite.combinator - 1];
    if (kind === undefined) throw invalid(`Invalid type of filter: ${composite.combinator}.`);
    const parts = composite.sub_filters.map((part) => parse(part, count));
    if (kind === 'not' && parts.length !== 1)
      throw invalid('Invalid NOT operator: the number of sub-filters must be 1.');
    // The vendor's page says exactly 2.
    if (kind !== 'not' && parts.length !== 2)
      throw invalid('Invalid AND/OR operator: the number of sub-filters must be 2.');
    if (parts.some((part) => part.kind === 'pagination'))
      throw invalid('Invalid type of sub-filter: FT_COLUMN_PAGINATION.');
    return { kind, parts };
  }
  if (message.type === 3) {
    const { offset, limit } = columnPaginationFilter.decode(message.filter);
    if (offset < 0) throw invalid('Offset in ColumnPaginationFilter must be greater than or equal to 0.');
    if (limit <= 0) throw invalid('Limit in ColumnPaginationFilter must be greater than 0.');
    return { kind: 'pagination', offset, limit };
  }
  throw invalid(`Invalid type of filter: ${message.type}.`);
}

/** @throws OTSParameterInvalid */
export const readFilter = (data: Buffer): Filter => parse(filterMessage.decode(data), { left: maxFilters });

/** Whether a row with these columns passes. */
export function passes(filter: Filter, columns: ReadonlyMap<string, { value: Value }>): boolean {
  switch (filter.kind) {
    case 'column': {
      const column = columns.get(filter.name);
      if (column === undefined) return !filter.failsIfMissing;
      return comparators[filter.comparator](compareValues(column.value, filter.value));
    }
    case 'not':
      return !filter.parts.every((part) => passes(part, columns));
    case 'and':
      return filter.parts.every((part) => passes(part, columns));
    case 'or':
      return filter.parts.some((part) => passes(part, columns));
    case 'pagination':
      return true;
  }
}

/** For the wire log: `v == 3`, with `?` behind a comparison that a missing column passes. */
export function filterText(filter: Filter): string {
  switch (filter.kind) {
    case 'column':
      return `${filter.name} ${filter.comparator} ${String(plain(filter.value))}${filter.failsIfMissing ? '' : ' ?'}`;
    case 'not':
      return `not (${filter.parts.map(filterText).join('')})`;
    case 'pagination':
      return `columns ${filter.offset} to ${filter.offset + filter.limit - 1}`;
    default:
      return filter.parts.map((part) => `(${filterText(part)})`).join(` ${filter.kind} `);
  }
}
