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
  const changed = structuredClone(spec) as unknown as Fields & Pick<Spec, 'backends'>;
  for (const [path, value] of values) {
    const parts = path.split('.');
    const last = parts.pop() ?? '';
    const server = changed.backends.find(({ name }) => path === `backends.${name}.${last}`) as Fields | undefined;
    const target = server ?? parts.reduce<Fields>((above, key) => (above[key] ??= {}) as Fields, changed);
    if (value === undefined) delete target[last];
    else target[last] = value;
  }
  return changed;
}
