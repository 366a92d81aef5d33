import { readDeclared } from '../../shared/probe/declared.ts';
import { observeTarget } from '../../shared/probe/observe-target.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import type { Watched } from '../../shared/watch/watched.ts';
import { presentObservation } from './present-observation.ts';

/**
 * Probes at once, from here. What is seen is kept and shown, and counts neither for uptime nor for alerts: those look at
 * the ticks of the timer.
 */
export async function probeNow(runtime: Runtime, { sinceMs, target }: Watched): Promise<Response> {
  if (sinceMs === undefined || target === undefined)
    return problemResponse(
      409,
      'not-ready',
      'Conflict',
      'The load balancer does not serve: it is probed from when it is ready until it is released.',
    );
  const observations = new Observations(runtime.rows);
  const nowMs = runtime.clock.nowMs();
  const { ticks, declared } = await observations.state(target.targetId);
  const { observation } = await observeTarget(runtime, target, {
    declared: readDeclared(runtime.clouds.alb, target, nowMs).catch(() => declared),
    ticks,
    nowMs,
  });
  const kept = { ...observation, isOnDemand: true };
  await observations.add(kept);
  return new Response(JSON.stringify(presentObservation(kept)), {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'content-location': `/load-balancers/${target.targetId}/observations/${new Date(nowMs).toISOString()}`,
    },
  });
}
