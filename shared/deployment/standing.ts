import { stageNames } from '../pipeline.ts';
import type { DeploymentRecord } from './record.ts';
import type { Spec } from './spec.ts';

type Fields = Record<string, unknown>;

/** The request as it stands in the cloud: with the values that were changed by hand and kept. What is judged goes by it. */
export const standing = (record: Pick<DeploymentRecord, 'spec' | 'stages'>): Spec => {
  const kept = stageNames.flatMap((name) => record.stages[name].kept ?? []);
  return kept.length === 0
    ? record.spec
    : (withValues(record.spec, new Map(kept.map(({ field, found }) => [field, found]))) as unknown as Spec);
};

/** A request with other values, by path; those of a server by its name. */
export function withValues(spec: Spec, values: ReadonlyMap<string, unknown>): Fields {
  let changed: Fields = spec;
  for (const [path, value] of values) {
    const parts = path.split('.');
    const index = spec.backends.findIndex(({ name }) => path === `backends.${name}.${parts.at(-1)}`);
    changed = withValue(changed, index < 0 ? parts : ['backends', String(index), parts.at(-1) ?? ''], value) as Fields;
  }
  return changed;
}

function withValue(target: unknown, [key = '', ...below]: string[], value: unknown): unknown {
  if (Array.isArray(target))
    return target.map((member: unknown, index) => (String(index) === key ? withValue(member, below, value) : member));
  const fields = new Map(Object.entries(target ?? {}));
  const inner: unknown = below.length === 0 ? value : withValue(fields.get(key), below, value);
  if (inner === undefined) fields.delete(key);
  else fields.set(key, inner);
  return Object.fromEntries(fields);
}
