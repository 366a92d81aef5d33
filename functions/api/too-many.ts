import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { HeldKind } from '../../shared/store/quotas.ts';

const minuteMs = 60_000;

/** The sweep, which runs each minute, takes off what is released. */
const releasedMs = minuteMs;

const tooMany = (code: string, detail: string, afterMs: number): Response => {
  const answer = problemResponse(429, code, 'Too Many Requests', detail);
  answer.headers.set('retry-after', String(Math.ceil(afterMs / 1000)));
  return answer;
};

const bounds = {
  deployments: {
    setting: 'MAX_DEPLOYMENTS',
    mostOf: ({ config }: Runtime) => config.maxDeployments,
    what: 'load balancers that are not released',
    way: 'Release one by DELETE /load-balancers/{id}',
  },
  watches: {
    setting: 'MAX_WATCHES',
    mostOf: ({ config }: Runtime) => config.maxWatches,
    what: 'watches',
    way: 'End one by DELETE /load-balancers/{id}',
  },
};

/**
 * Counts what is about to be made among what its caller has.
 *
 * @returns the answer 429 where the caller has as many as it may; undefined: it is counted.
 */
export async function hold(
  runtime: Runtime,
  caller: string,
  kind: HeldKind,
  id: string,
): Promise<Response | undefined> {
  const { setting, mostOf, what, way } = bounds[kind];
  const most = mostOf(runtime);
  if (await runtime.quotas.hold(kind, caller, id, most, runtime.clock.nowMs())) return undefined;
  return tooMany(
    `too-many-${kind}`,
    `You have ${most} ${what}, as many as a caller may. ${way} and repeat the call a minute later, or have the operator raise DUALSTACK_ALB_${setting}.`,
    releasedMs,
  );
}

/** Counts a probe that somebody asks for. @returns the answer 429 where the caller has asked for as many as it may. */
export async function countProbe(runtime: Runtime, caller: string): Promise<Response | undefined> {
  const { maxProbesPerMinute, maxProbesPerHour } = runtime.config;
  const limits = [
    { count: maxProbesPerMinute, perMs: minuteMs },
    { count: maxProbesPerHour, perMs: 60 * minuteMs },
  ];
  const leftMs = await runtime.quotas.countProbe(caller, limits, runtime.clock.nowMs());
  if (leftMs === 0) return undefined;
  return tooMany(
    'too-many-probes',
    `A caller may ask for ${maxProbesPerMinute} probes a minute and ${maxProbesPerHour} an hour. Repeat the call later, read GET /load-balancers/{id}/observations, which has one of each minute, or have the operator raise DUALSTACK_ALB_MAX_PROBES_PER_MINUTE or DUALSTACK_ALB_MAX_PROBES_PER_HOUR.`,
    leftMs,
  );
}
