import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readObservation } from '../../../shared/alert/readings.ts';
import { defaultAlertSettings } from '../../../shared/alert/settings.ts';
import { worse } from '../../../shared/probe/certificate.ts';
import { makeObservation, type Seen } from '../../../shared/probe/make-observation.ts';
import type { Sample } from '../../../shared/probe/observation.ts';
import { deviates, type TickShares } from '../../../shared/probe/shares.ts';
import type { ProbeTarget } from '../../../shared/probe/target.ts';

const address = '2408:4005:39a:a00::1';
const target: ProbeTarget = {
  targetId: '01k',
  domainName: 'www.example.com',
  host: 'www.example.com',
  port: 80,
  tls: false,
  method: 'GET',
  path: '/',
  acceptedStatus: [[200, 399]],
  expected: { cname: 'alb.example', addresses: [address] },
  backends: [
    { name: 'ECS01', weight: 100 },
    { name: 'ECS02', weight: 100 },
  ],
  identification: { by: 'header', header: 'X-Backend-Server' },
  scope: 'internet',
  vantage: 'auto',
  isOneServerPerClient: false,
  acceptsAnyIssuer: false,
  mostRequests: 200,
  servers: [],
};
const sample = (backend: string | undefined, totalMs = 2): Sample => ({
  address,
  remoteAddress: address,
  status: 200,
  ...(backend === undefined ? {} : { backend }),
  phases: { connectMs: 1, totalMs },
});
const seen = (more: Partial<Seen> = {}): Seen => ({
  vantage: 'function',
  scope: 'internet',
  name: { code: 'NOERROR', cnames: ['alb.example'], ipv6Addresses: [address], ipv4Addresses: [], dnsMs: 1 },
  samples: Array.from({ length: 20 }, (_, index) => sample(index % 2 === 0 ? 'ECS01' : 'ECS02', index + 1)),
  ticks: [],
  ...more,
});
const nowMs = Date.UTC(2026, 10, 23);

describe('an observation', () => {
  it('sets the shares that were seen beside those of the weights', () => {
    const { observation } = makeObservation(target, seen(), nowMs);
    expect(observation.shares).toEqual([
      { backend: 'ECS01', seen: 10, share: 0.5, expected: 0.5 },
      { backend: 'ECS02', seen: 10, share: 0.5, expected: 0.5 },
    ]);
    expect(observation).toMatchObject({ verdict: 'ok', asked: 20, answered: 20, wanted: 20 });
    expect(observation.missProbability).toBeLessThan(1e-6);
  });

  it('has the quantiles of its requests', () => {
    const { observation } = makeObservation(target, seen(), nowMs);
    expect(observation.latency).toEqual({ p50Ms: 10, p95Ms: 19, p99Ms: 20, maxMs: 20 });
    expect(observation.phases?.connectMs?.p50Ms).toBe(1);
  });

  it('adds the ticks before to the window, each once and none of long ago', () => {
    const weights = { ECS01: 100, ECS02: 100 };
    const ticks = [
      { atMs: nowMs - 3_600_000, answered: 20, seen: { ECS01: 20 }, weights },
      { atMs: nowMs - 60_000, answered: 20, seen: { ECS01: 10, ECS02: 10 }, weights },
    ];
    const { observation, tick } = makeObservation(target, seen({ ticks }), nowMs);
    expect(observation.window).toMatchObject({ ticks: 2, answered: 40 });
    expect(tick).toEqual({ atMs: nowMs, answered: 20, seen: { ECS01: 10, ECS02: 10 }, weights });
  });

  it.each([
    ['another weight', { ECS01: 100, ECS02: 0 }],
    ['another backend', { ECS01: 100, ECS03: 1 }],
    ['one backend more', { ECS01: 100, ECS02: 1, ECS03: 0 }],
    ['weights that were not noted', undefined],
  ])('counts no tick of %s', (_, weights) => {
    const light = {
      ...target,
      backends: [
        { name: 'ECS01', weight: 100 },
        { name: 'ECS02', weight: 1 },
      ],
    };
    const ticks = Array.from({ length: 9 }, (_tick, index) => ({
      atMs: nowMs - (9 - index) * 60_000,
      answered: 200,
      seen: { ECS01: 200 },
      ...(weights === undefined ? {} : { weights }),
    }));
    const samples = Array.from({ length: 200 }, () => sample('ECS01'));
    const { observation } = makeObservation(light, seen({ samples, ticks }), nowMs);
    expect(observation).toMatchObject({ verdict: 'ok', window: { ticks: 1, answered: 200 } });
    expect(observation.missProbability).toBeCloseTo(0.1367, 3);
    const same = ticks.map((tick) => ({ ...tick, weights: { ECS01: 100, ECS02: 1 } }));
    expect(makeObservation(light, seen({ samples, ticks: same }), nowMs).observation.fault).toMatchObject({
      kind: 'backend-silent',
      subject: 'ECS02',
    });
  });

  it('names no backend silent that chance leaves out more often than once in a million', () => {
    const tickOf = record({
      weights: constantFrom([100, 100], [100, 1], [100, 5], [100, 0], [20, 100]),
      // Mostly as the tick before: weights seldom change.
      keeps: integer({ min: 0, max: 9 }),
      answers: integer({ min: 0, max: 200 }),
      ofSecond: integer({ min: 0, max: 40 }).map((count) => Math.max(0, count - 36)),
    });
    let silent = 0;
    assert(
      property(array(tickOf, { maxLength: 25 }), (story) => {
        let ticks: TickShares[] = [];
        let [weights] = story.map((tick) => tick.weights);
        const history: { weights: number[]; answers: number; ofSecond: number }[] = [];
        for (const [index, { weights: wanted, keeps, answers, ofSecond }] of story.entries()) {
          if (keeps === 0) weights = wanted;
          const [first = 0, second = 0] = weights ?? [];
          const count = Math.min(second === 0 ? 0 : ofSecond, answers);
          history.push({ weights: [first, second], answers, ofSecond: count });
          const backends = [
            { name: 'ECS01', weight: first },
            { name: 'ECS02', weight: second },
          ];
          const samples = Array.from({ length: answers }, (_, one) => sample(one < count ? 'ECS02' : 'ECS01'));
          const atMs = nowMs + index * 60_000;
          const { observation, tick } = makeObservation({ ...target, backends }, seen({ samples, ticks }), atMs);
          ticks = [...ticks, tick];
          if (observation.fault?.kind !== 'backend-silent') continue;
          silent += 1;
          const isSecond = observation.fault.subject === 'ECS02';
          let missed = 1;
          for (const then of [...history].reverse()) {
            if (then.weights[0] !== first || then.weights[1] !== second) continue;
            if ((isSecond ? then.ofSecond : then.answers - then.ofSecond) > 0) break;
            missed *= (1 - (isSecond ? second : first) / (first + second)) ** then.answers;
          }
          expect(missed).toBeLessThanOrEqual(1e-6);
        }
      }),
    );
    expect(silent).toBeGreaterThan(0);
  });

  it('takes no name that is none of the backends for a backend', () => {
    const samples = Array.from({ length: 20 }, () => sample('web-1'));
    const operators = { ...target, identification: { by: 'header', header: 'x-served-by' } as const };
    for (const given of [operators, { ...target, hasMadeUpNames: true }]) {
      const { observation } = makeObservation(given, seen({ samples }), nowMs);
      expect(observation).toMatchObject({ verdict: 'ok', strangers: [] });
      expect(observation.shares).toEqual([{ backend: 'web-1', seen: 20, share: 1, expected: 0.5 }]);
    }
  });

  it('names strangers in our own header, a few and briefly', () => {
    const strangers = Array.from({ length: 20 }, (_, index) => sample(index < 8 ? 'web-1' : `other-${index}`));
    const { observation, tick } = makeObservation(target, seen({ samples: strangers }), nowMs);
    expect(observation).toMatchObject({ verdict: 'fault', fault: { kind: 'stranger-answers' } });
    expect(observation.strangers).toHaveLength(5);
    expect(observation.strangers?.[0]).toEqual({ name: 'web-1', seen: 8 });
    expect(observation.shares.map(({ backend }) => backend)).toEqual(['ECS01', 'ECS02']);
    expect(tick.seen).toEqual({});
  });

  it('finds a silent backend beside a stranger, and in the ticks after one', () => {
    const beside = Array.from({ length: 20 }, (_, index) => sample(index === 3 ? 'web-1' : 'ECS01'));
    const first = makeObservation(target, seen({ samples: beside }), nowMs);
    expect(first.observation.fault).toMatchObject({ kind: 'backend-silent', subject: 'ECS02' });
    expect(first.observation.strangers).toEqual([{ name: 'web-1', seen: 1 }]);
    const samples = Array.from({ length: 20 }, () => sample('ECS01'));
    // As an older version has kept it.
    const kept = { ...first.tick, seen: { ECS01: 19, 'web-1': 1 } };
    for (const tick of [first.tick, kept]) {
      const after = makeObservation(target, seen({ samples, ticks: [tick] }), nowMs + 60_000);
      expect(after.observation.fault).toMatchObject({ kind: 'backend-silent', subject: 'ECS02' });
      expect(after.observation.strangers).toEqual([]);
    }
  });

  it('takes no server for a stranger that leaves the request and still stands', () => {
    const samples = Array.from({ length: 20 }, (_, index) => sample(['ECS01', 'ECS02', 'ECS03'][index % 3]));
    const servers = [{ backend: 'ECS03', serverId: 'i-3', serverIp: '192.168.0.3', port: 80 }];
    const { observation } = makeObservation({ ...target, servers }, seen({ samples }), nowMs);
    expect(observation).toMatchObject({ verdict: 'ok', strangers: [] });
  });

  it('shows the achieved probability where an upper bound cut it short', () => {
    const light = {
      ...target,
      backends: [
        { name: 'ECS01', weight: 100 },
        { name: 'ECS02', weight: 1 },
      ],
    };
    const { observation } = makeObservation(light, seen(), nowMs);
    expect(observation).toMatchObject({ asked: 20, wanted: 1389 });
    expect(observation.missProbability).toBeCloseTo(0.8195, 3);
  });

  it('counts only answers for the chance of a miss', () => {
    const lost: Sample = { address, phases: { totalMs: 1 }, error: { code: 'ETIMEDOUT', phase: 'connect' } };
    const samples = [...Array.from({ length: 2 }, () => sample('ECS01')), ...Array.from({ length: 18 }, () => lost)];
    const { observation } = makeObservation(target, seen({ samples }), nowMs);
    expect(observation).toMatchObject({ asked: 20, answered: 2, missProbability: 0.25 });
  });

  it('shows how old the declared view is, and judges by it only while it is fresh', () => {
    const declared = {
      atMs: nowMs - 6 * 60_000,
      listenerStatus: 'Running',
      unhealthy: [{ backend: 'ECS02', status: 'Unhealthy', reason: 'CONNECT_TIMEOUT' }],
      available: ['ECS01'],
    };
    const { observation } = makeObservation(target, seen({ declared }), nowMs);
    expect(observation).toMatchObject({ verdict: 'ok', declaredAgeMs: 360_000 });
    const fresh = makeObservation(target, seen({ declared: { ...declared, atMs: nowMs - 60_000 } }), nowMs);
    expect(fresh.observation.fault?.kind).toBe('declared-unhealthy');
  });

  it('judges by the worst certificate, and shows one that is accepted', () => {
    const endsAtMs = nowMs + 30 * 86_400_000;
    const certificate = { endsAtMs, chainProblem: 'SELF_SIGNED_CERT_IN_CHAIN' };
    const refused = makeObservation(target, seen({ certificate: worse({ endsAtMs }, certificate) }), nowMs);
    expect(refused.observation.fault?.kind).toBe('tls');
    const accepted = makeObservation({ ...target, acceptsAnyIssuer: true }, seen({ certificate }), nowMs);
    expect(accepted.observation).toMatchObject({ verdict: 'ok', certificateProblem: 'SELF_SIGNED_CERT_IN_CHAIN' });
    expect(worse(undefined, { endsAtMs })).toEqual({ endsAtMs });
    expect(worse({ endsAtMs }, { endsAtMs: endsAtMs - 1 })).toEqual({ endsAtMs: endsAtMs - 1 });
  });

  it('says of every address whether it was reached', () => {
    const name = { ...seen().name, ipv6Addresses: [address, '2408::2'] };
    const samples = [
      ...seen().samples,
      { address: '2408::2', phases: { totalMs: 1 }, error: { code: 'ETIMEDOUT', phase: 'connect' as const } },
    ];
    const { observation } = makeObservation(target, seen({ name, samples }), nowMs);
    expect(observation.addresses).toEqual([
      { address, isReached: true },
      { address: '2408::2', isReached: false, reason: 'ETIMEDOUT' },
    ]);
    expect(observation.fault).toMatchObject({ kind: 'address-unreached', subject: '2408::2' });
  });
});

describe('a share', () => {
  it('that deviates over the window is shown, and is no fault', () => {
    const weights = { ECS01: 100, ECS02: 100 };
    const ticks = Array.from({ length: 9 }, (_, index) => ({
      atMs: nowMs - (9 - index) * 60_000,
      answered: 20,
      seen: { ECS01: 19, ECS02: 1 },
      weights,
    }));
    const samples = Array.from({ length: 20 }, (_, index) => sample(index === 0 ? 'ECS02' : 'ECS01'));
    const { observation } = makeObservation(target, seen({ samples, ticks }), nowMs);
    expect(observation.window).toEqual({
      ticks: 10,
      answered: 200,
      shares: [
        { backend: 'ECS01', seen: 190, share: 0.95, expected: 0.5, deviates: true },
        { backend: 'ECS02', seen: 10, share: 0.05, expected: 0.5, deviates: true },
      ],
    });
    expect(observation.verdict).toBe('ok');
    const readings = readObservation(observation, { ...defaultAlertSettings, minimumAddresses: 1 });
    expect(readings.filter(({ isBad }) => isBad)).toEqual([]);
  });

  it.each([
    [100, 199, 0.5, false],
    [100, 200, 0.5, false],
    [0, 200, 0.5, true],
    [130, 200, 0.5, false],
    [20, 200, 0.0909, false],
    [120, 200, 0.0909, true],
  ])('of %i in %i beside %f deviates: %s', (count, answered, expected, is) => {
    expect(deviates(count, answered, expected)).toBe(is);
  });
});
