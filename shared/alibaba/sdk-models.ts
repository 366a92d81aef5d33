/**
 * The vendor's model classes know the wire name of every field. Their files are imported one by one: a typed client
 * imports all of them (VPC: 600 ms), although the requests it sends are the same bytes (see `same-bytes.test.ts`).
 */
import { setAt, valueAt } from '../dictionary.ts';

/** A model class of an official SDK. */
export interface ModelClass<Model> {
  new (fields?: Record<string, unknown>): Model;
  names(): Record<string, string>;
  types(): Record<string, unknown>;
}

export interface SdkModel {
  validate(): void;
  toMap(): Record<string, unknown>;
}

/** The fields of a model without its methods: what the vendor's constructors take untyped. */
export type Fields<T> = T extends readonly (infer Item)[]
  ? Fields<Item>[]
  : T extends object
    ? {
        [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]?:
          | Fields<NonNullable<T[K]>>
          | undefined;
      }
    : T;

const isModelClass = (type: unknown): type is ModelClass<unknown> =>
  typeof type === 'function' && 'names' in type && 'types' in type;

/** An answer with the model's field names. What is missing or of another shape is left out; nothing is refused. */
export function readModel<T>(model: ModelClass<T>, wire: unknown): Fields<T> {
  return (readValue(model, wire) ?? {}) as Fields<T>;
}

function readValue(type: unknown, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (type === 'number') return Number(value);
  if (type === 'boolean') return value === true || value === 'true';
  if (type === 'string')
    return typeof value === 'string' ? value : typeof value === 'object' ? undefined : JSON.stringify(value);
  if (isModelClass(type)) {
    if (typeof value !== 'object') return undefined;
    const types = type.types();
    const fields: Record<string, unknown> = {};
    for (const [name, wireName] of Object.entries(type.names())) {
      const field = readValue(valueAt(types, name), valueAt(value, wireName));
      if (field !== undefined) setAt(fields, name, field);
    }
    return fields;
  }
  const itemType = (type as { itemType?: unknown } | undefined)?.itemType;
  if (itemType !== undefined) return Array.isArray(value) ? value.map((item) => readValue(itemType, item)) : undefined;
  return value;
}
