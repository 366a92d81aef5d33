import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { parseWatchSpec } from '../../shared/watch/spec.ts';
import type { Watch } from '../../shared/watch/watch.ts';
import { lookUp } from './create-watch.ts';
import { invalidRequest } from './invalid-request.ts';
import { mergePatch } from './merge-patch.ts';
import { presentWatch } from './present-watch.ts';
import { claimName } from './claim-name.ts';

/**
 * PATCH of a load balancer that is only watched: everything may change but which one it is, since its history is of that
 * one. It is looked at again as at the beginning.
 */
export async function changeWatch(runtime: Runtime, before: Watch, patch: unknown): Promise<Response> {
  if (before.status === 'ended') return conflict('ended', 'The load balancer is watched no more. Ask for it anew.');
  const parsed = parseWatchSpec(mergePatch(before.spec, patch));
  if ('problems' in parsed) return invalidRequest(parsed.problems);
  const { spec } = parsed;
  const { loadBalancerId } = before.spec.watchOnly;
  if (spec.watchOnly.loadBalancerId !== loadBalancerId)
    return problemResponse(
      409,
      'field-fixed',
      'Conflict',
      `watchOnly.loadBalancerId: what was observed is of ${loadBalancerId}: watch the other one beside it`,
      [{ field: 'watchOnly.loadBalancerId', message: `what was observed is of ${loadBalancerId}` }],
    );
  const looked = await lookUp(runtime, spec);
  if ('refusal' in looked) return looked.refusal;
  const { front } = looked;
  const claimed =
    spec.name === undefined || spec.name === before.spec.name
      ? undefined
      : await claimName(runtime, spec.name, before.watchId);
  if (claimed !== undefined) return claimed;
  let isChanged = false;
  const after = await runtime.watches.update(before.watchId, (current) => {
    isChanged = current.status === 'watching' && JSON.stringify(current.spec) === JSON.stringify(before.spec);
    return isChanged ? { ...current, spec, front, updatedAtMs: runtime.clock.nowMs() } : undefined;
  });
  return after !== undefined && isChanged
    ? Response.json(presentWatch(after))
    : conflict('changed-meanwhile', 'Somebody else has changed the load balancer. Look at it and repeat the call.');
}

const conflict = (code: string, detail: string): Response => problemResponse(409, code, 'Conflict', detail);
