import { isAhead } from '../../shared/ahead.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { frontCalls, lookUpFront } from '../../shared/watch/look-up-front.ts';
import { backendNameOf } from '../../shared/watch/target.ts';
import { type Watched, watchedOnly } from '../../shared/watch/watched.ts';
import type { Watch } from '../../shared/watch/watch.ts';
import type { RateBudget } from './rate-budget.ts';

/** While something is wrong, since a changed list of servers looks like one that is down; else now and then. */
const soonMs = 2 * 60_000;
const seldomMs = 10 * 60_000;

/**
 * What is watched, with its servers, listener and addresses as they are now where it is time to look and the budget allows.
 * What can no longer be found stays as it was known: the probe then says what is wrong with it.
 */
export async function withFreshFront(runtime: Runtime, watched: Watched, budget: RateBudget): Promise<Watched> {
  const { watch } = watched;
  if (watch === undefined || !(await isDue(runtime, watch)) || !budget.take(frontCalls)) return watched;
  const { watchOnly } = watch.spec;
  try {
    const looked = await lookUpFront(runtime.clouds.alb, watchOnly, runtime.clock.nowMs());
    if ('problems' in looked) {
      warn(runtime, watch, looked.problems.map(({ message }) => message).join('; '));
      return watched;
    }
    const { front } = looked;
    const after = await runtime.watches.update(watch.watchId, (current) =>
      current.status === 'watching' && JSON.stringify(current.spec.watchOnly) === JSON.stringify(watchOnly)
        ? { ...current, front }
        : undefined,
    );
    if (after === undefined) return watched;
    await tellChange(runtime, watch, after);
    return watchedOnly(after);
  } catch (error) {
    warn(runtime, watch, error instanceof Error ? error.message : String(error));
    return watched;
  }
}

async function isDue(runtime: Runtime, { watchId, front }: Watch): Promise<boolean> {
  const nowMs = runtime.clock.nowMs();
  const ageMs = isAhead(front.atMs, nowMs) ? seldomMs : nowMs - front.atMs;
  if (ageMs < soonMs || ageMs >= seldomMs) return ageMs >= seldomMs;
  const row = await runtime.alerts.find(watchId);
  return Object.values(row?.state.conditions ?? {}).some(({ results }) => results.endsWith('x'));
}

/** Into the history, so that one can see why shares and addresses are others than before. */
async function tellChange(runtime: Runtime, before: Watch, after: Watch): Promise<void> {
  const [were, are] = [partsOf(before), partsOf(after)];
  const gone = were.filter((part) => !are.includes(part));
  const come = are.filter((part) => !were.includes(part));
  if (gone.length === 0 && come.length === 0) return;
  await runtime.events.append({
    deploymentId: after.watchId,
    identity: `front-${new Date(after.front.atMs).toISOString()}`,
    atMs: after.front.atMs,
    kind: 'front',
    text: [...come.map((part) => `new: ${part}`), ...gone.map((part) => `gone: ${part}`)].join('; '),
    details: {},
  });
}

const partsOf = (watch: Watch): string[] => {
  const { ipv6Addresses, listenerId, serverGroupId, servers, zones = [] } = watch.front;
  return [
    ...ipv6Addresses.map((address) => `address ${address}`),
    `listener ${listenerId}`,
    ...(serverGroupId === undefined ? [] : [`server group ${serverGroupId}`]),
    ...zones.map(({ zoneId, status }) => `zone ${zoneId} ${status}`),
    ...servers.map((server) => `server ${backendNameOf(watch, server)} with weight ${server.weight}`),
  ];
};

const warn = ({ log }: Runtime, { watchId, spec }: Watch, reason: string): void =>
  log('warn', 'what is watched could not be looked at', {
    deploymentId: watchId,
    loadBalancerId: spec.watchOnly.loadBalancerId,
    reason,
  });
