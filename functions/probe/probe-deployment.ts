import type { AfterObservation } from '../../shared/probe/after-observation.ts';
import { declaredCalls, readDeclared } from '../../shared/probe/declared.ts';
import type { Declared, Observation } from '../../shared/probe/observation.ts';
import { observeTarget } from '../../shared/probe/observe-target.ts';
import type { RequestLimits } from '../../shared/probe/request-target.ts';
import { recentTicks } from '../../shared/probe/shares.ts';
import type { ProbeState } from '../../shared/probe/state.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import { Rollups } from '../../shared/store/rollups.ts';
import { findWatched } from '../../shared/watch/watched.ts';
import type { RateBudget } from './rate-budget.ts';
import { withFreshFront } from './refresh-front.ts';

export interface ProbeParts {
  after: AfterObservation;
  budget: RateBudget;
  limits?: RequestLimits | undefined;
}

/** Probes a deployment, or what is only watched, and keeps what was seen. @returns undefined when it does not serve. */
export async function probeDeployment(
  runtime: Runtime,
  deploymentId: string,
  { after, budget, limits }: ProbeParts,
): Promise<Observation | undefined> {
  const watched = await findWatched(runtime, deploymentId);
  if (watched?.sinceMs === undefined) return undefined;
  const { target } = await withFreshFront(runtime, watched, budget);
  if (target === undefined) return undefined;
  const observations = new Observations(runtime.rows);
  const state = await observations.state(deploymentId);
  const nowMs = runtime.clock.nowMs();
  const { observation, tick } = await observeTarget(
    { dial: runtime.dial, resolver: runtime.resolver, ...(limits === undefined ? {} : { limits }) },
    target,
    { declared: declaredNow(runtime, target, state, budget, nowMs), ticks: state.ticks, nowMs },
  );
  await keep(runtime, observation, {
    ...state,
    ticks: [...recentTicks(state.ticks, nowMs), tick],
    ...(observation.declared === undefined ? {} : { declared: observation.declared }),
  });
  await after(observation);
  return observation;
}

/** The view of now where the budget allows, else the last one. */
async function declaredNow(
  runtime: Runtime,
  target: ProbeTarget,
  state: ProbeState,
  budget: RateBudget,
  nowMs: number,
): Promise<Declared | undefined> {
  if (!budget.take(declaredCalls)) return state.declared;
  try {
    return await readDeclared(runtime.clouds.alb, target, nowMs);
  } catch (error) {
    runtime.log('warn', 'what the load balancer declares could not be read', {
      deploymentId: target.targetId,
      reason: error instanceof Error ? error.message : String(error),
    });
    return state.declared;
  }
}

async function keep(runtime: Runtime, observation: Observation, state: ProbeState): Promise<void> {
  const observations = new Observations(runtime.rows);
  await observations.add(observation);
  await new Rollups(runtime.rows).add(observation);
  await observations.putState(observation.targetId, state, observation.atMs);
}
