import type { Observation } from '../../shared/probe/observation.ts';
import { type TickShares, windowTicks } from '../../shared/probe/shares.ts';
import type { ProbeState } from '../../shared/probe/state.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import { Rollups } from '../../shared/store/rollups.ts';

/**
 * What an observation of a tick counts for besides itself: uptime, and what later probes remember of it.
 *
 * @param change - what else of the state is new.
 */
export async function countTick(
  runtime: Runtime,
  observation: Observation,
  tick: TickShares,
  change: Partial<ProbeState> = {},
): Promise<void> {
  const { targetId, declared } = observation;
  await new Rollups(runtime.rows).add(observation);
  const observations = new Observations(runtime.rows);
  // Read again: what an instance saw may come in beside a later tick.
  const state = await observations.state(targetId);
  const ticks = [...state.ticks.filter(({ atMs }) => atMs !== tick.atMs), tick].sort((a, b) => a.atMs - b.atMs);
  await observations.putState(
    targetId,
    { ...state, ...change, ticks: ticks.slice(-windowTicks), ...(declared === undefined ? {} : { declared }) },
    runtime.clock.nowMs(),
  );
}
