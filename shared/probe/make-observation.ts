import { type Certificate, certificateProblem } from './certificate.ts';
import type { Declared, Fault, Ipv4Observation, NameFacts, Observation, Phases, Sample } from './observation.ts';
import { areNamesOurs } from './identify.ts';
import { latencyOf } from './quantiles.ts';
import { missProbabilityOf, sampleSize } from './sample-size.ts';
import {
  addUp,
  deviates,
  mostStrangers,
  recentTicks,
  sharesOf,
  strangersAmong,
  type TickShares,
  weightsOf,
} from './shares.ts';
import type { ProbeTarget } from './target.ts';
import { judge } from './verdict.ts';
import { isWell, statusWords } from './well.ts';
import { setAt, valueAt } from '../dictionary.ts';
import { refusedBlock } from '../net/special-blocks.ts';
import { addressesOutOfService, isInService, zoneProblem, type ZoneState } from '../zones-in-service.ts';

export interface Seen {
  vantage: Observation['vantage'];
  scope: Observation['scope'];
  instanceId?: string | undefined;
  name: NameFacts;
  samples: Sample[];
  /** Why this vantage could make no request, where that is known. */
  unable?: Fault | undefined;
  certificate?: Certificate | undefined;
  /** What was seen over IPv4: it is handed on, and judged apart. */
  ipv4?: Ipv4Observation | undefined;
  declared?: Declared | undefined;
  /** Ticks before this one. */
  ticks: TickShares[];
}

/** A view older than this no longer tells what is so now. */
const oldestDeclaredMs = 5 * 60_000;
const phaseNames = ['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs', 'totalMs'] as const satisfies (keyof Phases)[];

/** Puts together what a probe saw, judges it, and gives the tick that the next ones remember. */
export function makeObservation(
  target: ProbeTarget,
  seen: Seen,
  nowMs: number,
): { observation: Observation; tick: TickShares } {
  const { name, certificate, declared } = seen;
  const declaredAgeMs = declared === undefined ? undefined : Math.max(0, nowMs - declared.atMs);
  const isFresh = declaredAgeMs !== undefined && declaredAgeMs <= oldestDeclaredMs;
  const zones = isFresh ? declared?.zones : undefined;
  const outOfService = zones === undefined ? (target.expected.outOfService ?? []) : addressesOutOfService(zones);
  const samples = countedSamples(seen.samples, outOfService);
  const answered = samples.filter(({ status, error }) => status !== undefined && error === undefined);
  const counts: Record<string, number> = {};
  for (const { backend } of answered)
    if (backend !== undefined) setAt(counts, backend, (valueAt(counts, backend) ?? 0) + 1);
  const names = new Set(target.backends.map(({ name: backend }) => backend));
  // A server that leaves the request answers until it is released.
  const known = new Set([...names, ...target.servers.map(({ backend }) => backend)]);
  const isOurs = areNamesOurs(target);
  const strangers = isOurs ? strangersAmong(counts, known) : [];
  const tick: TickShares = {
    atMs: nowMs,
    answered: answered.length,
    seen: isOurs ? Object.fromEntries(Object.entries(counts).filter(([backend]) => known.has(backend))) : counts,
    weights: weightsOf(target.backends),
  };
  const earlier = recentTicks(seen.ticks, nowMs, target.backends);
  const told = [...Object.keys(counts), ...Object.keys(addUp(earlier).seen)];
  // Names that are not ours to give may be other ones: then answers are only told apart.
  const areBackendsNamed =
    target.identification.by !== 'answers' &&
    told.length > 0 &&
    (isOurs || told.every((backend) => names.has(backend)));
  const weights = target.backends.map(({ weight }) => weight);
  const { endsAtMs } = certificate ?? {};
  const certificateDaysLeft = endsAtMs === undefined ? undefined : Math.floor((endsAtMs - nowMs) / 86_400_000);
  const problem = certificate === undefined ? undefined : certificateProblem(certificate, target);
  // One that is accepted is shown too.
  const shownProblem = problem ?? certificate?.chainProblem;
  const judgement = judge({
    name,
    samples,
    asked: target,
    ...(declared !== undefined && isFresh ? { declared } : {}),
    backends: target.backends,
    areBackendsNamed,
    strangers,
    isOneServerPerClient: target.isOneServerPerClient,
    expected: target.expected,
    isPrivate: target.scope === 'vpc',
    before: earlier,
    ...(certificateDaysLeft === undefined ? {} : { certificateDaysLeft }),
    ...(problem === undefined ? {} : { certificateProblem: problem }),
    ...(seen.unable === undefined ? {} : { unable: seen.unable }),
  });
  const latency = latencyOf(answered.map(({ phases }) => phases.totalMs));
  const all = addUp([...earlier, tick]);
  const phases: NonNullable<Observation['phases']> = {};
  for (const phase of phaseNames) {
    const quantiles = latencyOf(answered.flatMap((sample) => sample.phases[phase] ?? []));
    if (quantiles !== undefined) phases[phase] = quantiles;
  }
  const observation: Observation = {
    targetId: target.targetId,
    atMs: nowMs,
    vantage: seen.vantage,
    scope: seen.scope,
    ...(seen.instanceId === undefined ? {} : { instanceId: seen.instanceId }),
    ...judgement,
    name,
    addresses: [...new Set([...name.ipv6Addresses, ...seen.samples.map(({ address }) => address)])].map((address) => ({
      ...addressOf(address, seen.samples, target.scope),
      ...(outOfService.includes(address) ? { isExpected: false as const } : {}),
    })),
    ...(zones === undefined ? {} : { zones: zones.map(zoneOf) }),
    shares: sharesOf(counts, target.backends, areBackendsNamed),
    strangers: strangers.slice(0, mostStrangers),
    answered: answered.length,
    asked: samples.length,
    answeredWell: answered.filter((sample) => isWell(target, sample)).length,
    wanted: sampleSize(weights).wanted,
    missProbability: missProbabilityOf(weights, answered.length),
    ...(latency === undefined ? {} : { latency }),
    ...(seen.ipv4 === undefined ? {} : { ipv4: seen.ipv4 }),
    ...(declared === undefined || declaredAgeMs === undefined ? {} : { declared, declaredAgeMs }),
    ...(certificateDaysLeft === undefined ? {} : { certificateDaysLeft }),
    ...(shownProblem === undefined ? {} : { certificateProblem: shownProblem }),
    samples,
    phases,
    window: {
      ticks: earlier.length + 1,
      answered: all.answered,
      shares: sharesOf(all.seen, target.backends, areBackendsNamed).map((share) => ({
        ...share,
        deviates:
          areBackendsNamed && !target.isOneServerPerClient && deviates(share.seen, all.answered, share.expected),
      })),
    },
    configured: {
      port: target.port,
      backends: target.backends,
      identifiedBy: target.identification.by,
      well: {
        method: target.method,
        host: target.host,
        path: target.path,
        acceptedStatus: statusWords(target.acceptedStatus),
        ...(target.redirectTo === undefined ? {} : { redirectTo: target.redirectTo }),
      },
    },
  };
  return { observation, tick };
}

/** What is asked of an address of a zone out of service counts for nothing, unless nothing else was asked. */
function countedSamples(samples: Sample[], outOfService: string[]): Sample[] {
  const counted = samples.filter(({ address }) => !outOfService.includes(address));
  return counted.length > 0 ? counted : samples;
}

function zoneOf(zone: ZoneState): NonNullable<Observation['zones']>[number] {
  const problem = zoneProblem(zone);
  return {
    zoneId: zone.zoneId,
    isInService: isInService(zone),
    ...(problem === undefined ? {} : { problem }),
  };
}

function addressOf(address: string, samples: Sample[], scope: ProbeTarget['scope']): Observation['addresses'][number] {
  const own = samples.filter((sample) => sample.address === address);
  if (own.some(({ status, error }) => status !== undefined && error === undefined)) return { address, isReached: true };
  const block = own.length === 0 ? refusedBlock(address, scope) : undefined;
  const reason =
    block === undefined
      ? (own.find(({ error }) => error !== undefined)?.error?.code ?? 'not tried')
      : `not asked: ${block}`;
  return { address, isReached: false, reason };
}
