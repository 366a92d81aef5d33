import { type Difference, differencesOf, refusalOf, sameValue } from '../../shared/deployment/changes/differences.ts';
import { writtenAfterPatch, writtenIn } from '../../shared/deployment/explicit.ts';
import { meantFor, unknownFieldsIn } from '../../shared/deployment/fields.ts';
import { noField } from '../../shared/deployment/problems.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { Asked } from '../../shared/deployment/requests.ts';
import { parseSpec, type Problem, type Spec } from '../../shared/deployment/spec.ts';
import { valueAt, without } from '../../shared/dictionary.ts';
import { isRecord } from '../../shared/is-record.ts';
import { mergePatch } from './merge-patch.ts';
import { withKnownServers } from './known-servers.ts';

/**
 * The request after a PATCH (objects are merged, lists replaced, null goes back to the default: RFC 7396; an entry of a known
 * server is merged with it), or what is wrong with it: problems of its form, and fields that cannot change.
 */
export function patchSpec(
  { spec: before, explicit }: Pick<DeploymentRecord, 'spec' | 'explicit'>,
  patch: unknown,
): Required<Asked> | { problems: Problem[] } | { fixed: Problem[] } {
  if (!isRecord(patch)) return { problems: [{ field: '', message: 'must be an object with the fields to change' }] };
  const unknown = unknownFieldsIn(patch);
  if (unknown.length > 0)
    return { problems: unknown.map((field) => ({ field, message: `${noField}${meantFor(field)}` })) };
  if (patch['backends'] === null)
    return { problems: [{ field: 'backends', message: 'must be the list of all servers that are wanted' }] };
  const parsed = parseChanged(mergePatch(before, withKnownServers(before, patch)), writtenIn(patch));
  if ('problems' in parsed) {
    // A fixed field that contradicts others, as another region does: what is wrong is that it is fixed.
    const written = writtenIn(patch);
    const fixed = parsed.problems.some(({ field }) => written.includes(field)) ? [] : refused(alone(before, patch));
    return fixed.length > 0 ? { fixed } : parsed;
  }
  const fixed = refused(differencesOf(before, parsed.spec));
  if (fixed.length > 0) return { fixed };
  return { spec: parsed.spec, explicit: writtenAfterPatch(explicit ?? writtenIn(before), patch) };
}

const refused = (differences: readonly Difference[]): Problem[] =>
  differences.flatMap((difference) => {
    const message = refusalOf(difference);
    return message === undefined ? [] : [{ field: difference.field, message }];
  });

/** What a PATCH changes, each field by itself. */
const alone = (before: Spec, patch: unknown): Difference[] =>
  writtenIn(patch).flatMap((path) => {
    const [old, now] = [before, patch].map((from) => path.split('.').reduce<unknown>(memberOf, from));
    return sameValue(old, now) ? [] : [{ field: path, path, before: old, after: now }];
  });

const memberOf = (from: unknown, key: string): unknown => (isRecord(from) ? valueAt(from, key) : undefined);

/** Reads a changed request. Where a choice is another one now (`by`, `enabled`), what only the form before had goes. */
export function parseChanged(changed: unknown, written: readonly string[]): ReturnType<typeof parseSpec> {
  const parsed = parseSpec(changed);
  if ('spec' in parsed) return parsed;
  const left = parsed.problems.filter(({ field, message }) => message.startsWith(noField) && !written.includes(field));
  return left.length === 0
    ? parsed
    : parseSpec(left.reduce((spec, { field }) => withoutField(spec, field.split('.')), changed));
}

/** The object without the field at a path. */
const withoutField = (value: unknown, [key = '', ...below]: string[]): unknown => {
  if (!isRecord(value)) return value;
  if (below.length === 0) return without(value, key);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? withoutField(inner, below) : inner]),
  );
};
