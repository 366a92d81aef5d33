import type { AfterObservation } from '../../shared/probe/after-observation.ts';
import { declaredCalls } from '../../shared/probe/declared.ts';
import { askIpv4 } from '../../shared/probe/ask-ipv4.ts';
import { makeObservation } from '../../shared/probe/make-observation.ts';
import type { Declared, Ipv4Observation, NameFacts, Observation } from '../../shared/probe/observation.ts';
import { nameFactsOf, observeTarget } from '../../shared/probe/observe-target.ts';
import type { RequestLimits } from '../../shared/probe/request-target.ts';
import type { TickShares } from '../../shared/probe/shares.ts';
import type { ProbeState } from '../../shared/probe/state.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import { isByInstance, needsInstance, standsInForMs } from '../../shared/probe/vantage.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import { findWatched } from '../../shared/watch/watched.ts';
import { askInstance } from './ask-instance.ts';
import { declaredNow } from './declared-now.ts';
import { countTick } from './count-tick.ts';
import type { RateBudget } from './rate-budget.ts';
import { recordZones } from './record-zones.ts';
import { withFreshFront } from './refresh-front.ts';

export interface ProbeParts {
  after: AfterObservation;
  budget: RateBudget;
  limits?: RequestLimits | undefined;
}

/** A target with what a probe of it needs to know. */
interface Known {
  target: ProbeTarget;
  state: ProbeState;
  nowMs: number;
  declared: Promise<Declared | undefined>;
}

/**
 * Probes a deployment, or what is only watched, and keeps what was seen.
 *
 * @returns `asked` when an instance looks, whose answer is collected later; undefined when it does not serve.
 */
export async function probeDeployment(
  runtime: Runtime,
  deploymentId: string,
  { after, budget, limits }: ProbeParts,
): Promise<Observation | 'asked' | undefined> {
  const watched = await findWatched(runtime, deploymentId);
  if (watched?.sinceMs === undefined) return undefined;
  const fresh = await withFreshFront(runtime, watched, budget);
  const { target } = fresh;
  if (target === undefined) return undefined;
  const observations = new Observations(runtime.rows);
  const state = await observations.state(deploymentId);
  const nowMs = runtime.clock.nowMs();
  // The view of now where the budget allows, else the last one.
  const declared = budget.take(declaredCalls)
    ? declaredNow(runtime, target, state.declared, nowMs)
    : Promise.resolve(state.declared);
  const known = { target, state, nowMs, declared };
  const made = isByInstance(target, state, nowMs)
    ? await fromInstance(runtime, known, limits)
    : await fromFunction(runtime, known, limits);
  if (made !== 'asked') {
    const { observation, tick } = made;
    await observations.add(observation);
    await countTick(runtime, observation, tick);
    await after(observation);
  }
  await recordZones(runtime, fresh, await declared);
  return made === 'asked' ? made : made.observation;
}

type Made = { observation: Observation; tick: TickShares } | 'asked';

async function fromInstance(runtime: Runtime, known: Known, limits: RequestLimits | undefined): Promise<Made> {
  const { target, state, nowMs } = known;
  // An instance need have no way out to public IPv4 addresses: that side is asked from here.
  const [name, ipv4] = await Promise.all([
    nameFactsOf(runtime.resolver, target),
    askIpv4(partsOf(runtime, limits), target),
  ]);
  const asked = await ask(runtime, known, name, ipv4);
  if ('instanceId' in asked) return 'asked';
  const declared = await known.declared;
  return makeObservation(
    target,
    { vantage: 'instance', scope: 'vpc', name, samples: [], ipv4, declared, ticks: state.ticks, ...asked },
    nowMs,
  );
}

/** Where this function turns out to have no IPv6 route and the vantage is `auto`, an instance looks in its stead, for a while. */
async function fromFunction(runtime: Runtime, known: Known, limits: RequestLimits | undefined): Promise<Made> {
  const { target, state, nowMs, declared } = known;
  const made = await observeTarget(partsOf(runtime, limits), target, { declared, ticks: state.ticks, nowMs });
  const { observation, tick } = made;
  const { fault } = observation;
  if (fault === undefined || !needsInstance(target, observation)) return made;
  const asked = await ask(runtime, known, observation.name, observation.ipv4);
  if ('instanceId' in asked) {
    const instanceUntilMs = nowMs + standsInForMs;
    await new Observations(runtime.rows).putState(target.targetId, { ...state, instanceUntilMs }, nowMs);
    return 'asked';
  }
  const evidence = [fault, asked.unable].flatMap((one) => one?.evidence ?? []).join('; ');
  return { observation: { ...observation, fault: { ...fault, evidence } }, tick };
}

const partsOf = ({ dial, resolver }: Runtime, limits: RequestLimits | undefined) => ({
  dial,
  resolver,
  ...(limits === undefined ? {} : { limits }),
});

async function ask(
  runtime: Runtime,
  { target, declared, nowMs }: Known,
  name: NameFacts,
  ipv4: Ipv4Observation | undefined,
): ReturnType<typeof askInstance> {
  return await askInstance(runtime, target, {
    atMs: nowMs,
    name,
    ipv4,
    declared: await declared,
    isOnDemand: false,
  });
}
