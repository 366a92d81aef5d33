import { CurlTranscripts } from '../../shared/probe/curl-lines.ts';
import { readDeclared } from '../../shared/probe/declared.ts';
import { observeTarget } from '../../shared/probe/observe-target.ts';
import { onDemandMessage } from '../../shared/probe/pending.ts';
import { isByInstance, needsInstance } from '../../shared/probe/vantage.ts';
import { probeQueue } from '../../shared/pipeline.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import type { Watched } from '../../shared/watch/watched.ts';
import { countProbe } from './too-many.ts';
import { presentObservation } from './present-observation.ts';

/**
 * Probes at once, from here; or has the probe function ask an instance, which takes its time. What is seen is kept and shown,
 * and counts neither for uptime nor for alerts: those look at the ticks of the timer. What the load balancer declares is read
 * at once too, outside the timer's budget of calls: who asks wants to see now. Where the service throttles that, the timer's
 * last view is shown, with its age.
 */
export async function probeNow(runtime: Runtime, caller: string, { sinceMs, target }: Watched): Promise<Response> {
  if (sinceMs === undefined || target === undefined)
    return problemResponse(
      409,
      'not-ready',
      'Conflict',
      'The load balancer does not serve: it is probed from when it is ready until it is released.',
    );
  const tooMany = await countProbe(runtime, caller);
  if (tooMany !== undefined) return tooMany;
  const observations = new Observations(runtime.rows);
  const nowMs = runtime.clock.nowMs();
  const state = await observations.state(target.targetId);
  if (isByInstance(target, state, nowMs)) return await probeLater(runtime, target.targetId, nowMs);
  const transcripts = new CurlTranscripts();
  const { observation } = await observeTarget({ ...runtime, onAnswer: transcripts.note }, target, {
    declared: readDeclared(runtime.clouds.alb, target, nowMs).catch((error: unknown) => {
      runtime.log('warn', 'what the load balancer declares could not be read', {
        deploymentId: target.targetId,
        reason: error instanceof Error ? error.message : String(error),
      });
      return state.declared;
    }),
    ticks: state.ticks,
    nowMs,
  });
  if (needsInstance(target, observation)) return await probeLater(runtime, target.targetId, nowMs);
  const kept = { ...observation, isOnDemand: true, curl: transcripts.lines };
  await observations.add(kept);
  return new Response(JSON.stringify(presentObservation(kept)), {
    status: 200,
    headers: { 'content-type': 'application/json', 'content-location': pathOf(target.targetId, nowMs) },
  });
}

/** Announced before the message goes out, so that whoever follows the address finds it pending. */
async function probeLater(runtime: Runtime, targetId: string, atMs: number): Promise<Response> {
  await new Observations(runtime.rows).announce({ targetId, atMs, isOnDemand: true });
  await runtime.queues.send(probeQueue, onDemandMessage(targetId, atMs));
  const body = { loadBalancer: targetId, at: new Date(atMs).toISOString(), vantage: 'instance', status: 'pending' };
  return new Response(JSON.stringify(body), {
    status: 202,
    headers: { 'content-type': 'application/json', location: pathOf(targetId, atMs), 'retry-after': '5' },
  });
}

const pathOf = (targetId: string, atMs: number): string =>
  `/load-balancers/${targetId}/observations/${new Date(atMs).toISOString()}`;
