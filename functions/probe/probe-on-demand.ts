import { askIpv4 } from '../../shared/probe/ask-ipv4.ts';
import { makeObservation } from '../../shared/probe/make-observation.ts';
import { nameFactsOf } from '../../shared/probe/observe-target.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import { findTarget } from '../../shared/watch/watched.ts';
import { askInstance, sendCommand } from './ask-instance.ts';
import { declaredNow } from './declared-now.ts';
import type { OnDemandMessage } from './messages.ts';

export type OnDemandReport = { asked: string } | { dropped: string };

/** Lets an instance look since somebody has asked for it over the API, where the observation is awaited. */
export async function probeOnDemand(
  runtime: Runtime,
  { deploymentId, atMs }: OnDemandMessage,
): Promise<OnDemandReport> {
  const observations = new Observations(runtime.rows);
  const pending = await observations.pending(deploymentId, new Date(atMs).toISOString());
  const target = await findTarget(runtime, deploymentId);
  if (pending === undefined || target === undefined) return { dropped: 'nobody waits for it' };
  if (pending.command !== undefined) {
    await sendCommand(runtime, pending, pending.command);
    return { asked: pending.command.instanceId };
  }
  const [name, ipv4, { ticks, declared: before }] = await Promise.all([
    nameFactsOf(runtime.resolver, target),
    askIpv4(runtime, target),
    observations.state(deploymentId),
  ]);
  const declared = await declaredNow(runtime, target, before, runtime.clock.nowMs());
  const asked = await askInstance(runtime, target, { atMs, name, ipv4, declared, isOnDemand: true });
  if ('instanceId' in asked) return { asked: asked.instanceId };
  const { observation } = makeObservation(
    target,
    { vantage: 'instance', scope: 'vpc', name, samples: [], ipv4, declared, ticks, ...asked },
    atMs,
  );
  await observations.settle({ ...observation, isOnDemand: true });
  return { asked: 'nobody' };
}
