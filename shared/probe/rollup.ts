import { answeredWellOf, type Observation, type Phases } from './observation.ts';
import { setAt, valueAt } from '../dictionary.ts';

/** Counts by the bucket of a duration; eight buckets for each doubling, so a quantile is at most 5 % off. */
export type Histogram = Record<string, number>;

export interface Rollup {
  /** Epoch milliseconds of the last observation in it; an older one is in it already. */
  lastAtMs: number;
  /** Ticks in which most requests were answered well, healthy or not. */
  up: number;
  ok: number;
  fault: number;
  inconclusive: number;
  asked: number;
  answered: number;
  phases: Partial<Record<keyof Phases, Histogram>>;
  /** Ticks in which IPv4 was asked and could be judged; absent in what an older version wrote, until the next. */
  ipv4?: { ok: number; fault: number };
}

const bucketsPerDoubling = 8;
const smallestMs = 0.05;

export const bucketOf = (ms: number): number =>
  Math.max(0, Math.round(bucketsPerDoubling * Math.log2(Math.max(ms, smallestMs) / smallestMs)));
/** The duration that stands for a bucket. */
export const durationOf = (bucket: number): number => smallestMs * 2 ** (bucket / bucketsPerDoubling);

export const emptyRollup = (): Rollup => ({
  lastAtMs: 0,
  up: 0,
  ok: 0,
  fault: 0,
  inconclusive: 0,
  asked: 0,
  answered: 0,
  phases: {},
});

/** Whether users were served, though perhaps not by every backend. */
export function isUp(observation: Observation): boolean {
  const { verdict, asked } = observation;
  if (verdict !== 'fault') return verdict === 'ok';
  return asked > 0 && answeredWellOf(observation) * 2 > asked;
}

/** @returns undefined when the observation is in the sums already. */
export function addToRollup(rollup: Rollup, observation: Observation): Rollup | undefined {
  if (observation.atMs <= rollup.lastAtMs) return undefined;
  const phases: Rollup['phases'] = structuredClone(rollup.phases);
  for (const { phases: times, error } of observation.samples ?? []) {
    if (error !== undefined) continue;
    for (const [phase, ms] of Object.entries(times) as [keyof Phases, number][]) {
      const histogram = (phases[phase] ??= {});
      const bucket = String(bucketOf(ms));
      setAt(histogram, bucket, (valueAt(histogram, bucket) ?? 0) + 1);
    }
  }
  return {
    lastAtMs: observation.atMs,
    up: rollup.up + (isUp(observation) ? 1 : 0),
    ok: rollup.ok + (observation.verdict === 'ok' ? 1 : 0),
    fault: rollup.fault + (observation.verdict === 'fault' ? 1 : 0),
    inconclusive: rollup.inconclusive + (observation.verdict === 'inconclusive' ? 1 : 0),
    asked: rollup.asked + observation.asked,
    answered: rollup.answered + observation.answered,
    phases,
    ...ipv4Of(rollup, observation),
  };
}

function ipv4Of({ ipv4 }: Rollup, { ipv4: side }: Observation): Pick<Rollup, 'ipv4'> {
  if (side === undefined || (side.verdict !== 'ok' && side.verdict !== 'fault'))
    return ipv4 === undefined ? {} : { ipv4 };
  const { ok = 0, fault = 0 } = ipv4 ?? {};
  return { ipv4: side.verdict === 'ok' ? { ok: ok + 1, fault } : { ok, fault: fault + 1 } };
}

export interface Summary {
  /** Part of the conclusive ticks in which users were served; undefined without any. */
  uptime?: number;
  /** Part of the conclusive ticks without any fault. */
  healthy?: number;
  ticks: number;
  inconclusive: number;
  phases: Partial<Record<keyof Phases, { p50Ms: number; p95Ms: number; p99Ms: number }>>;
  /** Of the IPv4 side alone: part of the ticks in which it answered; absent where it was not asked. */
  ipv4?: { uptime: number; ticks: number };
}

export function summaryOf(rollups: Rollup[]): Summary {
  const sum = emptyRollup();
  for (const rollup of rollups) {
    for (const key of ['up', 'ok', 'fault', 'inconclusive'] as const) sum[key] += rollup[key];
    for (const [phase, histogram] of Object.entries(rollup.phases) as [keyof Phases, Histogram][]) {
      const total = (sum.phases[phase] ??= {});
      for (const [bucket, count] of Object.entries(histogram))
        setAt(total, bucket, (valueAt(total, bucket) ?? 0) + count);
    }
  }
  const conclusive = sum.ok + sum.fault;
  const ipv4 = { ok: 0, ticks: 0 };
  for (const { ipv4: { ok, fault } = { ok: 0, fault: 0 } } of rollups) {
    ipv4.ok += ok;
    ipv4.ticks += ok + fault;
  }
  const phases: Summary['phases'] = {};
  for (const [phase, histogram] of Object.entries(sum.phases) as [keyof Phases, Histogram][])
    phases[phase] = {
      p50Ms: quantileOf(histogram, 0.5),
      p95Ms: quantileOf(histogram, 0.95),
      p99Ms: quantileOf(histogram, 0.99),
    };
  return {
    ...(conclusive === 0 ? {} : { uptime: sum.up / conclusive, healthy: sum.ok / conclusive }),
    ticks: conclusive + sum.inconclusive,
    inconclusive: sum.inconclusive,
    phases,
    ...(ipv4.ticks === 0 ? {} : { ipv4: { uptime: ipv4.ok / ipv4.ticks, ticks: ipv4.ticks } }),
  };
}

export function quantileOf(histogram: Histogram, q: number): number {
  const buckets = Object.entries(histogram)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((a, b) => a.bucket - b.bucket);
  const rank = q * buckets.reduce((total, { count }) => total + count, 0);
  let below = 0;
  for (const { bucket, count } of buckets) {
    below += count;
    if (below >= rank) return Math.round(durationOf(bucket) * 1000) / 1000;
  }
  return 0;
}
