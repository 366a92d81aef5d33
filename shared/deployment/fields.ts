import type * as z from 'zod';
import { isRecord } from '../is-record.ts';
import { specSchema } from './spec.ts';
import { didYouMean } from '../nearest.ts';

interface Field {
  path: string;
  isLeaf: boolean;
}

/** Every field of a schema in every form that it may have; `*` is a member of a list. */
function* fieldsIn(schema: z.ZodType, path: string): Iterable<Field> {
  const inner = formsOf(schema);
  const isLeaf = inner.every((form) => form.def.type !== 'object');
  if (path !== '') yield { path, isLeaf };
  for (const form of inner) {
    const { shape, element } = form.def as { shape?: Record<string, z.ZodType>; element?: z.ZodType };
    for (const [key, field] of Object.entries(shape ?? {}))
      yield* fieldsIn(field, path === '' ? key : `${path}.${key}`);
    if (element === undefined) continue;
    for (const field of fieldsIn(element, `${path}.*`)) if (field.path !== `${path}.*`) yield field;
  }
}

/** What is within wrappers such as defaults; several for a choice. */
function formsOf(schema: z.ZodType): z.ZodType[] {
  const { innerType, out, options } = schema.def as {
    innerType?: z.ZodType;
    out?: z.ZodType;
    options?: z.ZodType[];
  };
  // A choice of ours is a transformation that names its forms.
  const { forms } = schema as { forms?: z.ZodType[] };
  const within = forms ?? options ?? [innerType ?? out].filter((one) => one !== undefined);
  return within.length === 0 ? [schema] : within.flatMap(formsOf);
}

const fields: Field[] = [...fieldsIn(specSchema, '')];
const known = new Set(fields.map(({ path }) => path));

/** Fields that hold a value or a list, each once. */
export const leafFields: string[] = [...new Set(fields.filter(({ isLeaf }) => isLeaf).map(({ path }) => path))];

/** The field beside it that was probably meant, as a clause; empty where none is near. */
export function meantFor(path: string): string {
  const above = path.slice(0, path.lastIndexOf('.') + 1);
  const beside = [...known].flatMap((one) => {
    const name = one.startsWith(above) ? one.slice(above.length) : '.';
    return name.includes('.') ? [] : [name];
  });
  return didYouMean(path.slice(above.length), beside);
}

/** Whether the request has such a field, in one of its forms; lists are not looked into. */
export const isField = (path: string): boolean => known.has(path);

/** Keys of a partial request that are no fields, by path; lists are not looked into. */
export const unknownFieldsIn = (body: Record<string, unknown>, path = ''): string[] =>
  Object.entries(body).flatMap(([key, value]) => {
    const field = path === '' ? key : `${path}.${key}`;
    if (!isField(field)) return [field];
    return isRecord(value) ? unknownFieldsIn(value, field) : [];
  });
