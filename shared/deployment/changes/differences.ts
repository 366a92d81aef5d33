import { valueAt } from '../../dictionary.ts';
import { isRecord } from '../../is-record.ts';
import type { Spec } from '../spec.ts';
import { changeOf, changeTable } from './table.ts';

/** A field in which two requests differ. */
export interface Difference {
  /** As the request counts its lists: `backends.0.weight`. */
  field: string;
  /** As the record names it, also when the list is in another order: `backends.ECS01.weight`. */
  path: string;
  before: unknown;
  after: unknown;
}

export const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Fields in which two requests differ: leaves, a list as a whole but for the members of `backends`, which go by their names. */
export const differencesOf = (before: Spec, after: Spec): Difference[] => [...compare('', before, after)];

function* compare(path: string, before: unknown, after: unknown): Iterable<Difference> {
  if (sameValue(before, after)) return;
  if (path === 'backends') return yield* compareBackends(before as Spec['backends'], after as Spec['backends']);
  const isGiven = before !== undefined && after !== undefined;
  const isWhole = Object.hasOwn(changeTable, `${path}.**`) || (Object.hasOwn(changeTable, path) && !isGiven);
  const [old, now] = [before ?? {}, after ?? {}];
  if (isWhole || !isRecord(old) || !isRecord(now)) return yield { field: path, path, before, after };
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)]))
    yield* compare(path === '' ? key : `${path}.${key}`, valueAt(old, key), valueAt(now, key));
}

function* compareBackends(before: Spec['backends'], after: Spec['backends']): Iterable<Difference> {
  const names = (list: Spec['backends']) => list.map(({ name }) => name);
  if (!sameValue(names(before), names(after))) yield { field: 'backends', path: 'backends', before, after };
  for (const [index, backend] of after.entries()) {
    const known = before.find(({ name }) => name === backend.name);
    if (known === undefined) continue;
    for (const { field, ...rest } of compare(`backends.${backend.name}`, known, backend))
      yield { ...rest, field: field.replace(`backends.${backend.name}`, `backends.${index}`) };
  }
}

/** Why a field cannot be another one once what it names stands, and what to do instead; undefined where it can. */
export function refusalOf({ path, before, after }: Difference): string | undefined {
  const change = changeOf(path);
  if (change === undefined) return 'is not a field of the request';
  if (change.kind === 'in-place') return change.refuses?.(before, after);
  return `cannot change in place: ${change.why}. Instead ${change.instead}.`;
}
