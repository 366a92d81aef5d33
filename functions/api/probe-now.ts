import { readDeclared } from '../../shared/probe/declared.ts';
import { observeTarget } from '../../shared/probe/observe-target.ts';
import { targetOf } from '../../shared/probe/target.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import { presentObservation } from './present-observation.ts';

/**
 * Probes at once, from here. What is seen is kept and shown, and counts neither for uptime nor for alerts: those look at
 * the ticks of the timer. What the load balancer declares is read at once too, outside the timer's budget of calls: who asks
 * wants to see now. Where the service throttles that, the timer's last view is shown, with its age.
 */
export async function probeNow(runtime: Runtime, record: DeploymentRecord): Promise<Response> {
  const target = record.status === 'ready' ? targetOf(record) : undefined;
  if (target === undefined)
    return problemResponse(
      409,
      'not-ready',
      'Conflict',
      `The load balancer is ${record.status}; only a ready one is probed.`,
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
