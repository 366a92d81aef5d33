import type { Observation } from './observation.ts';
import { setAt, valueAt } from '../dictionary.ts';

/** What one tick saw, as far as later ticks need it. */
export interface TickShares {
  atMs: number;
  answered: number;
  seen: Record<string, number>;
  /** Of each backend when it was made; absent in what an older version wrote. */
  weights?: Record<string, number>;
}

/** Ticks that shares are judged over. */
export const windowTicks = 10;
/** Older ticks say nothing of now. */
const longestWindowMs = 30 * 60_000;

type Weights = { name: string; weight: number }[];

/**
 * Whether this share is hardly explained by chance. A load balancer of several nodes runs one weighted round robin in each,
 * so its answers are neither independent nor strictly in turn: a deviation counts only beyond six standard deviations of
 * independent draws with twice their variance, and beyond a quarter of the expected share, over 200 answers at least.
 */
export function deviates(seen: number, answered: number, expected: number): boolean {
  if (answered < 200 || expected <= 0 || expected >= 1) return false;
  const difference = Math.abs(seen / answered - expected);
  return difference > 6 * Math.sqrt((2 * expected * (1 - expected)) / answered) && difference > expected / 4;
}

/** Shares by weight; answers that are told apart without names are matched to the weights in order of their frequency. */
export function sharesOf(seen: Record<string, number>, weights: Weights, areNamed: boolean): Observation['shares'] {
  const weighing = weights.filter(({ weight }) => weight > 0);
  const sum = weighing.reduce((total, { weight }) => total + weight, 0);
  const total = Object.values(seen).reduce((count, one) => count + one, 0);
  const shareOf = (count: number): number => (total === 0 ? 0 : count / total);
  if (!areNamed) {
    const byWeight = weighing.map(({ weight }) => weight / sum).sort((a, b) => b - a);
    return Object.entries(seen)
      .sort(([, a], [, b]) => b - a)
      .map(([backend, count], index) => ({
        backend,
        seen: count,
        share: shareOf(count),
        expected: byWeight[index] ?? 0,
      }));
  }
  return weights.map(({ name, weight }) => ({
    backend: name,
    seen: valueAt(seen, name) ?? 0,
    share: shareOf(valueAt(seen, name) ?? 0),
    expected: sum === 0 ? 0 : Math.max(0, weight) / sum,
  }));
}

/** Strangers that are kept and shown: whoever answers may give any number of names. */
export const mostStrangers = 5;

/** Who answered by a name that is none of `names`, the most frequent first. */
export const strangersAmong = (
  seen: Record<string, number>,
  names: ReadonlySet<string>,
): NonNullable<Observation['strangers']> =>
  Object.entries(seen)
    .filter(([name]) => !names.has(name))
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => ({ name, seen: count }));

export const weightsOf = (backends: Weights): Record<string, number> =>
  Object.fromEntries(backends.map(({ name, weight }) => [name, weight]));

/** The ticks that count together with one at `nowMs`: recent, and over the same weights. */
export const recentTicks = (ticks: TickShares[], nowMs: number, backends: Weights): TickShares[] =>
  ticks
    .filter(({ atMs, weights = {} }) => atMs < nowMs && atMs > nowMs - longestWindowMs && isSame(weights, backends))
    .slice(1 - windowTicks);

const isSame = (weights: Record<string, number>, backends: Weights): boolean =>
  Object.keys(weights).length === backends.length &&
  backends.every(({ name, weight }) => valueAt(weights, name) === weight);

/** Answers of others since this backend's last one, in whole ticks. */
export function answeredWithout(backend: string, ticks: Pick<TickShares, 'answered' | 'seen'>[]): number {
  const last = ticks.findLastIndex(({ seen }) => (valueAt(seen, backend) ?? 0) > 0);
  return addUp(ticks.slice(last + 1)).answered;
}

export function addUp(ticks: Pick<TickShares, 'answered' | 'seen'>[]): {
  answered: number;
  seen: Record<string, number>;
} {
  const sum = { answered: 0, seen: {} as Record<string, number> };
  for (const { answered, seen } of ticks) {
    sum.answered += answered;
    for (const [backend, count] of Object.entries(seen))
      setAt(sum.seen, backend, (valueAt(sum.seen, backend) ?? 0) + count);
  }
  return sum;
}
