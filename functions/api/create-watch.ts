import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { type FrontProblem, lookUpFront } from '../../shared/watch/look-up-front.ts';
import { parseWatchSpec, type WatchSpec } from '../../shared/watch/spec.ts';
import { backendNameOf } from '../../shared/watch/target.ts';
import type { Front, Watch } from '../../shared/watch/watch.ts';
import { bindKey, type CreateRequest } from './bind-key.ts';
import { invalidRequest, sentenceOf } from './invalid-request.ts';
import { presentWatch } from './present-watch.ts';
import { hold } from './too-many.ts';
import { claimName } from './claim-name.ts';

/**
 * Begins to watch a load balancer: binds the key, looks at the load balancer, claims the name where the request gives one, lists it as active, writes its row. It is done
 * with the answer, hence 201. A repeat with the same key finds what the first try left, or looks again where that was refused.
 */
export async function createWatch(runtime: Runtime, request: CreateRequest): Promise<Response> {
  const parsed = parseWatchSpec(request.body);
  if ('problems' in parsed) return invalidRequest(parsed.problems);
  const { spec } = parsed;
  const nowMs = runtime.clock.nowMs();
  const bound = await bindKey(runtime, request, spec, nowMs);
  if ('refusal' in bound) return bound.refusal;
  const known = await runtime.watches.find(bound.id);
  if (known !== undefined) return created(known);
  const looked = await lookUp(runtime, spec);
  if ('refusal' in looked) return looked.refusal;
  const tooMany = await hold(runtime, request.caller, 'watches', bound.id);
  if (tooMany !== undefined) return tooMany;
  const claimed = spec.name === undefined ? undefined : await claimName(runtime, spec.name, bound.id);
  if (claimed !== undefined) {
    await runtime.quotas.letGo('watches', request.caller, bound.id);
    return claimed;
  }
  // Listed first: what has no row is taken off again by the sweep.
  await runtime.active.add(bound.id, nowMs);
  const { front } = looked;
  return created(
    await runtime.watches.create({
      schema: 1,
      watchId: bound.id,
      spec,
      status: 'watching',
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      front,
    }),
  );
}

const created = (watch: Watch): Response =>
  new Response(JSON.stringify(presentWatch(watch)), {
    status: 201,
    headers: { 'content-type': 'application/json', location: `/load-balancers/${watch.watchId}` },
  });

/** What the request names, or the answer that says what of it cannot be watched. */
export async function lookUp(runtime: Runtime, spec: WatchSpec): Promise<{ front: Front } | { refusal: Response }> {
  const looked = await lookUpFront(runtime.clouds.alb, spec.watchOnly, runtime.clock.nowMs());
  const problems = 'problems' in looked ? looked.problems : unknownServers(spec, looked.front);
  const [first] = problems;
  if (first === undefined && 'front' in looked) return looked;
  const { code = '', isMissing = false } = first ?? {};
  const errors = problems.map(({ field, message }) => ({ field, message }));
  return {
    refusal: isMissing
      ? problemResponse(404, code, 'Not Found', sentenceOf(errors), errors)
      : problemResponse(409, code, 'Conflict', sentenceOf(errors), errors),
  };
}

/** Names that would stand for nothing: a misspelt id must not pass for a server that is down. */
function unknownServers(spec: WatchSpec, front: Front): FrontProblem[] {
  const used = new Set(front.servers.map((server) => backendNameOf({ spec }, server)));
  const group = front.serverGroupId ?? 'the default action of the listener';
  return spec.watchOnly.backends.flatMap(({ name, serverId, port }, index) =>
    used.has(name)
      ? []
      : [
          {
            field: `watchOnly.backends.${index}`,
            code: 'server-not-found',
            message: `${group} has no server ${serverId}${port === undefined ? '' : ` at port ${port}`}`,
            isMissing: true,
          },
        ],
  );
}
