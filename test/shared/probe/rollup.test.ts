import { describe, expect, it } from 'vitest';
import type { Observation, Sample } from '../../../shared/probe/observation.ts';
import {
  addToRollup,
  bucketOf,
  durationOf,
  emptyRollup,
  isUp,
  quantileOf,
  type Rollup,
  summaryOf,
} from '../../../shared/probe/rollup.ts';
import { observed, startMs } from '../alert/observations.ts';

const sample = (status: number | undefined, totalMs = 10): Sample => ({
  address: '2408::1',
  ...(status === undefined ? { error: { code: 'ETIMEDOUT', phase: 'connect' } } : { status }),
  phases: { connectMs: 1, totalMs },
});
const samples = (good: number, bad: number, status: number | undefined = 502): Sample[] => [
  ...Array.from({ length: good }, () => sample(200)),
  ...Array.from({ length: bad }, () => sample(status)),
];
const fault: Partial<Observation> = {
  verdict: 'fault',
  fault: { kind: 'backend-silent', subject: 'ECS02', evidence: '' },
};
const inconclusive: Partial<Observation> = {
  verdict: 'inconclusive',
  fault: { kind: 'no-ipv6-route', evidence: '' },
  asked: 0,
  answered: 0,
};
/** One observation a minute, in this order. */
const rolledUp = (...seen: Partial<Observation>[]): Rollup =>
  seen.reduce<Rollup>(
    (rollup, other, minute) => addToRollup(rollup, observed(startMs + minute * 60_000, other)) ?? rollup,
    emptyRollup(),
  );

describe('users are served', () => {
  it.each<[string, Partial<Observation>, boolean]>([
    ['when nothing is wrong', {}, true],
    ['when the vantage cannot tell, as far as is known, not', inconclusive, false],
    ['when one backend is silent and the other answers', { ...fault, samples: samples(20, 0) }, true],
    ['when most requests are answered well', { ...fault, samples: samples(11, 9) }, true],
    ['not when half of them fail', { ...fault, samples: samples(10, 10) }, false],
    ['not when half of them get no answer', { ...fault, samples: samples(10, 10, undefined) }, false],
    ['when all are led elsewhere, which is an answer', { ...fault, samples: samples(0, 20, 302) }, true],
    ['not when no request could be made', { ...fault, asked: 0, answered: 0, samples: [] }, false],
    ['not when nothing is kept of the requests', fault, false],
  ])('%s', (_what, other, expected) => {
    expect(isUp(observed(startMs, other))).toBe(expected);
  });
});

describe('a rollup', () => {
  it('counts each verdict, and the requests', () => {
    expect(rolledUp({}, { ...fault, answered: 15, samples: samples(15, 5) }, inconclusive)).toMatchObject({
      lastAtMs: startMs + 120_000,
      up: 2,
      ok: 1,
      fault: 1,
      inconclusive: 1,
      asked: 40,
      answered: 35,
    });
  });

  it('takes an observation once, and none that is older than its last', () => {
    const rollup = rolledUp({}, {});
    expect(addToRollup(rollup, observed(startMs + 60_000))).toBeUndefined();
    expect(addToRollup(rollup, observed(startMs))).toBeUndefined();
    expect(addToRollup(rollup, observed(startMs + 60_001))).toMatchObject({ ok: 3 });
  });

  it('takes the times of what was answered only', () => {
    const { phases } = rolledUp({ samples: [sample(200, 10), sample(502, 10), sample(undefined, 5000)] });
    expect(phases.totalMs).toEqual({ [bucketOf(10)]: 2 });
    expect(phases.connectMs).toEqual({ [bucketOf(1)]: 2 });
    expect(phases).not.toHaveProperty('tlsMs');
  });

  it('leaves the one that it comes from as it is', () => {
    const before = rolledUp({ samples: [sample(200, 10)] });
    const copy = structuredClone(before);
    addToRollup(before, observed(startMs + 60_000, { samples: [sample(200, 10)] }));
    expect(before).toEqual(copy);
  });
});

describe('a duration in its bucket', () => {
  it.each([0.05, 0.3, 1, 3.7, 12, 99, 850, 5000])('of %d ms is at most 5 %% off', (ms) => {
    expect(Math.abs(durationOf(bucketOf(ms)) / ms - 1)).toBeLessThan(0.05);
  });

  it.each([0, 0.01, -1])('of %d ms is in the first', (ms) => {
    expect(bucketOf(ms)).toBe(0);
  });
});

describe('a quantile', () => {
  /** Of `count` durations of each length. */
  const histogram = (...counts: [ms: number, count: number][]) =>
    Object.fromEntries(counts.map(([ms, count]) => [bucketOf(ms), count]));
  const near = (ms: number): number => Math.round(durationOf(bucketOf(ms)) * 1000) / 1000;

  it.each<[number, number]>([
    [0.5, 10],
    [0.9, 10],
    [0.95, 100],
    [0.99, 1000],
    [1, 1000],
  ])('%d of 90 short, 8 longer and 2 long ones is near %d ms', (q, ms) => {
    expect(quantileOf(histogram([10, 90], [100, 8], [1000, 2]), q)).toBe(near(ms));
  });

  it('is told from the lengths, in whatever order they are counted', () => {
    // As text, 100 comes before 20.
    expect(bucketOf(0.3)).toBeLessThan(100);
    expect(bucketOf(2000)).toBeGreaterThan(100);
    expect(quantileOf(histogram([2000, 1], [0.3, 9]), 0.5)).toBe(near(0.3));
  });

  it('of one is that one', () => {
    for (const q of [0.01, 0.5, 0.99]) expect(quantileOf(histogram([10, 1]), q)).toBe(near(10));
  });

  it('of none is 0', () => {
    expect(quantileOf({}, 0.5)).toBe(0);
  });
});

describe('a summary', () => {
  it('is the part of the conclusive ticks in which users were served, and in which nothing was wrong', () => {
    const bad = { ...fault, samples: samples(0, 20) };
    const degraded = { ...fault, samples: samples(20, 0) };
    expect(
      summaryOf([rolledUp({}, {}, {}, {}, {}, degraded, degraded, bad, inconclusive, inconclusive)]),
    ).toMatchObject({
      uptime: 7 / 8,
      healthy: 5 / 8,
      ticks: 10,
      inconclusive: 2,
    });
  });

  it('adds up hours', () => {
    const bad = { ...fault, samples: samples(0, 20) };
    expect(summaryOf([rolledUp({}, {}), rolledUp(bad), rolledUp({})])).toMatchObject({
      uptime: 3 / 4,
      healthy: 3 / 4,
      ticks: 4,
    });
  });

  it('has quantiles over all hours', () => {
    const fast = rolledUp({ samples: Array.from({ length: 98 }, () => sample(200, 10)) });
    const slow = rolledUp({ samples: [sample(200, 1000), sample(200, 1000)] });
    const { totalMs } = summaryOf([fast, slow]).phases;
    expect(totalMs?.p50Ms).toBeCloseTo(10, 0);
    expect(totalMs?.p95Ms).toBeCloseTo(10, 0);
    expect(totalMs?.p99Ms).toBeGreaterThan(950);
  });

  it.each<[string, Rollup[]]>([
    ['without any tick', []],
    ['where no tick was conclusive', [rolledUp(inconclusive)]],
  ])('%s has no uptime', (_what, rollups) => {
    const summary = summaryOf(rollups);
    expect(summary).not.toHaveProperty('uptime');
    expect(summary).not.toHaveProperty('healthy');
  });
});

describe('the IPv4 side', () => {
  const ipv4 = (verdict: 'ok' | 'fault' | 'inconclusive' | 'off'): Partial<Observation> => ({
    ipv4: { verdict, evidence: '', addresses: [], samples: [] },
  });

  it('has an uptime of its own, and none over ticks that could not tell', () => {
    const rollup = rolledUp(ipv4('ok'), ipv4('fault'), ipv4('inconclusive'), ipv4('off'), ipv4('ok'), {}, ipv4('ok'));
    expect(summaryOf([rollup])).toMatchObject({ uptime: 1, healthy: 1, ticks: 7, ipv4: { uptime: 0.75, ticks: 4 } });
  });

  it('is up while IPv6 is down', () => {
    const rollup = rolledUp(
      { ...fault, samples: samples(0, 4), ...ipv4('ok') },
      { ...fault, samples: samples(0, 4), ...ipv4('ok') },
    );
    expect(summaryOf([rollup])).toMatchObject({ healthy: 0, ipv4: { uptime: 1, ticks: 2 } });
  });

  it('is left out where it was never asked', () => {
    expect(summaryOf([rolledUp({})])).not.toHaveProperty('ipv4');
  });
});
