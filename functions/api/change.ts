import { isRecord } from '../../shared/either.ts';
import { changeable, changedServers } from '../../shared/deployment/made-already.ts';
import { parseSpec, type Problem, type Spec } from '../../shared/deployment/spec.ts';
import { mergePatch } from './merge-patch.ts';
import { valueAt } from '../../shared/dictionary.ts';

/** The request after a PATCH (objects are merged, lists replaced: RFC 7396), or what is wrong with it. */
export function patchSpec(
  before: Spec,
  patch: unknown,
): { spec: Spec } | { problems: Problem[] } | { fixed: Problem[] } {
  if (!isRecord(patch)) return { problems: [{ field: '', message: 'must be an object with the fields to change' }] };
  const fixed: Problem[] = [];
  for (const [field, value] of Object.entries(patch)) {
    const parts = valueAt(changeable, field);
    if (value === null && field === 'backends')
      return { problems: [{ field, message: 'must be the list of all servers that are wanted' }] };
    if (parts === undefined || value === null)
      fixed.push({ field, message: 'cannot be changed in place: release the load balancer and ask for another' });
    else if (parts !== 'whole' && isRecord(value))
      for (const part of Object.keys(value))
        if (!parts.includes(part))
          fixed.push({
            field: `${field}.${part}`,
            message: 'cannot be changed in place: release the load balancer and ask for another',
          });
  }
  if (fixed.length > 0) return { fixed };
  const parsed = parseSpec(mergePatch(before, patch));
  if ('problems' in parsed) return parsed;
  const changed = changedServers(before, parsed.spec);
  return changed.length > 0 ? { fixed: changed } : parsed;
}
