import { describe, expect, it } from 'vitest';
import { type AlertInput, evaluateAlert } from '../../../shared/alert/evaluate.ts';
import {
  type AlertSettings,
  type AlertSettingsInput,
  alertSettingsSchema,
  completeSettings,
} from '../../../shared/alert/settings.ts';
import { type AlertChange, type AlertState, newAlertState } from '../../../shared/alert/state.ts';
import type { Observation } from '../../../shared/probe/observation.ts';
import { minute, noRoute, observed, silent, startMs, targetId, unreachable } from './observations.ts';

/** One target, told minute by minute what is seen. */
class Watch {
  state: AlertState = newAlertState(targetId);
  nowMs = startMs;
  changes: AlertChange[] = [];
  readonly settings;

  constructor(settings: AlertSettingsInput = {}) {
    this.settings = alertSettingsSchema.parse(settings);
  }

  see(...what: Partial<Observation>[]): string[] {
    return what.flatMap((other) => {
      this.nowMs += minute;
      return this.feed({ type: 'observation', observation: observed(this.nowMs, other) });
    });
  }

  feed(input: AlertInput): string[] {
    const { state, changes } = evaluateAlert(this.state, input, this.settings, this.nowMs);
    this.state = state;
    this.changes.push(...changes);
    return changes.map(({ type, kind, subject }) => `${type} ${kind}${subject === undefined ? '' : ` ${subject}`}`);
  }
}

const good = {};
const bad = silent('ECS02');
const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);

describe('thresholds', () => {
  it('says nothing of two bad results', () => {
    expect(new Watch().see(good, bad, bad, good, bad, bad, good)).toEqual([]);
  });

  it('names the backend after three in a row', () => {
    const watch = new Watch();
    expect(watch.see(good, bad, bad)).toEqual([]);
    expect(watch.see(bad)).toEqual(['fired backend-down ECS02']);
    expect(watch.changes[0]).toMatchObject({
      sinceMs: startMs + 2 * minute,
      atMs: startMs + 4 * minute,
      evidence: 'none of 20 answers came from ECS02',
    });
  });

  it('ends it after two good results, with how long it lasted', () => {
    const watch = new Watch();
    watch.see(bad, bad, bad, bad, good);
    expect(watch.see(good)).toEqual(['resolved backend-down ECS02']);
    expect(watch.changes[1]).toMatchObject({ durationMs: 4 * minute });
    expect(watch.changes[1]?.alertId).toBe(watch.changes[0]?.alertId);
  });

  it('says it once', () => {
    expect(new Watch().see(...times(60, bad))).toEqual(['fired backend-down ECS02']);
  });

  it('counts five bad of ten', () => {
    expect(new Watch().see(bad, bad, good, bad, good, bad, good)).toEqual([]);
    expect(new Watch().see(bad, bad, good, bad, good, bad, good, bad)).toEqual(['fired backend-down ECS02']);
  });

  it('takes those of the deployment', () => {
    const watch = new Watch({ rules: { 'backend-down': { failures: 1, successes: 1 } } });
    expect(watch.see(bad, good)).toEqual(['fired backend-down ECS02', 'resolved backend-down ECS02']);
  });

  it('leaves out a kind that is turned off', () => {
    const watch = new Watch({ rules: { 'backend-down': { isEnabled: false } } });
    expect(watch.see(...times(20, bad))).toEqual([]);
  });

  it('does not join results that lie far apart', () => {
    const watch = new Watch();
    watch.see(bad, bad);
    watch.nowMs += 60 * minute;
    expect(watch.see(bad)).toEqual([]);
  });
});

describe('what is seen', () => {
  const kinds: [string, Partial<Observation>][] = [
    ['fired front-down', unreachable('front-timeout')],
    ['fired front-down', unreachable('cname-elsewhere')],
    ['fired front-down', unreachable('no-aaaa')],
    ['fired front-down', unreachable('tls')],
    ['fired front-down', unreachable('listener-stopped')],
    ['fired slow', { latency: { p50Ms: 900, p95Ms: 1500, p99Ms: 1600, maxMs: 1700 } }],
    ['fired certificate-near-expiry', { certificateDaysLeft: 13.5 }],
    [
      'fired address-count-low',
      {
        addresses: [
          { address: '2408::1', isReached: true },
          { address: '2408::2', isReached: false, reason: 'ETIMEDOUT' },
        ],
      },
    ],
    [
      'fired zone-out-of-service g',
      {
        verdict: 'fault',
        fault: { kind: 'zone-out-of-service', subject: 'g', evidence: 'zone g is Shifted' },
        addresses: [
          { address: '2408::1', isReached: true },
          { address: '2408::2', isReached: false, reason: 'not tried', isExpected: false },
        ],
        zones: [
          { zoneId: 'e', isInService: true },
          { zoneId: 'g', isInService: false, problem: 'zone g is Shifted' },
        ],
      },
    ],
    [
      'fired stranger-answers',
      {
        verdict: 'fault',
        fault: { kind: 'stranger-answers', subject: 'web-1', evidence: '"web-1"' },
        strangers: [{ name: 'web-1', seen: 1 }],
      },
    ],
    [
      'fired declared-observed-differ',
      { verdict: 'fault', fault: { kind: 'healthy-but-failing', subject: 'ECS02', evidence: '500' } },
    ],
    [
      'fired backend-down ECS02',
      { ...bad, fault: { kind: 'declared-unhealthy', subject: 'ECS02', evidence: 'connection refused' } },
    ],
  ];
  it.each(kinds)('is told: %s', (expected, what) => {
    expect(new Watch().see(...times(8, what))).toEqual([expected]);
  });

  const zones = (...out: string[]): Partial<Observation> => ({
    zones: ['e', 'g'].map((zoneId) =>
      out.includes(zoneId)
        ? { zoneId, isInService: false, problem: `zone ${zoneId} is Shifted` }
        : { zoneId, isInService: true },
    ),
  });

  it('is a zone that is back', () => {
    const watch = new Watch();
    watch.see(...times(5, zones('g')));
    expect(watch.see(zones(), zones())).toEqual(['resolved zone-out-of-service g']);
  });

  it('is a zone that the load balancer has no more', () => {
    const watch = new Watch();
    watch.see(...times(5, zones('g')));
    const without = { zones: [{ zoneId: 'e', isInService: true }] };
    expect(watch.see(without, without)).toEqual(['resolved zone-out-of-service g']);
  });

  it('is a zone also where the vantage can tell nothing else', () => {
    expect(new Watch().see(...times(5, { ...noRoute, ...zones('g') }))).toEqual(['fired zone-out-of-service g']);
  });

  it('is nothing of zones that are not known', () => {
    const watch = new Watch();
    watch.see(...times(5, zones('g')));
    expect(watch.see(...times(20, good))).toEqual([]);
  });

  it('is a stranger beside a silent backend, and where it seldom answers', () => {
    const stranger = { strangers: [{ name: 'web-1', seen: 1 }] };
    expect(new Watch().see(...times(3, { ...bad, ...stranger }))).toEqual([
      'fired stranger-answers',
      'fired backend-down ECS02',
    ]);
    const nobody = { strangers: [] };
    const seldom = [stranger, nobody, nobody, stranger, nobody, nobody, stranger];
    expect(new Watch().see(...seldom)).toEqual(['fired stranger-answers']);
    expect(new Watch().see(stranger, ...times(10, nobody))).toEqual([]);
  });

  it('is no stranger any more after five probes without one', () => {
    const watch = new Watch();
    watch.see(...times(2, { strangers: [{ name: 'web-1', seen: 1 }] }));
    expect(watch.see(...times(4, { strangers: [] }))).toEqual([]);
    expect(watch.see({ strangers: [] })).toEqual(['resolved stranger-answers']);
  });

  it('goes by the default for a kind that stored settings do not know', () => {
    const stored = alertSettingsSchema.parse({ slowP95Ms: 7 });
    const { 'zone-out-of-service': _unknown, 'stranger-answers': _other, ...rules } = stored.rules;
    const settings = completeSettings({ ...stored, rules } as AlertSettings);
    expect(settings).toEqual(stored);
  });

  it('takes a few lost requests for what they are', () => {
    const lost: Partial<Observation> = {
      verdict: 'fault',
      fault: { kind: 'healthy-but-failing', evidence: '2 of 20 requests failed' },
      answered: 18,
    };
    expect(new Watch().see(...times(20, lost))).toEqual([]);
    expect(new Watch().see(...times(3, { ...lost, answered: 17 }))).toEqual(['fired declared-observed-differ']);
    expect(new Watch({ lossTolerance: 0 }).see(...times(3, lost))).toEqual(['fired declared-observed-differ']);
  });

  it('takes no wrong answer for a lost one', () => {
    const sample = { address: '2408::1', phases: { totalMs: 1 } };
    const wrong: Partial<Observation> = {
      verdict: 'fault',
      fault: { kind: 'wrong-status', evidence: '20 of 20 requests were answered with 302 to http://elsewhere.example' },
      samples: Array.from({ length: 20 }, () => ({ ...sample, status: 302 })),
    };
    expect(new Watch().see(...times(3, wrong))).toEqual(['fired front-down']);
  });

  it('names each of two silent backends', () => {
    const both = {
      ...bad,
      shares: ['ECS01', 'ECS02', 'ECS03'].map((backend) => ({
        backend,
        seen: backend === 'ECS03' ? 20 : 0,
        share: backend === 'ECS03' ? 1 : 0,
        expected: 1 / 3,
      })),
    };
    expect(new Watch().see(both, both, both)).toEqual(['fired backend-down ECS01', 'fired backend-down ECS02']);
  });

  it('does not blame a backend that may have been missed', () => {
    const missed = { ...observed(0, bad), verdict: 'ok' as const, missProbability: 0.2 };
    const { fault: _fault, targetId: _id, atMs: _at, ...rest } = missed;
    expect(new Watch().see(...times(10, rest))).toEqual([]);
  });

  it('goes on counting when the silence gets another name', () => {
    const named = { ...bad, fault: { kind: 'declared-unhealthy' as const, subject: 'ECS02', evidence: 'refused' } };
    expect(new Watch().see(bad, bad, named)).toEqual(['fired backend-down ECS02']);
  });

  it('keeps an alert about a backend while the front hides it', () => {
    const watch = new Watch();
    watch.see(bad, bad, bad);
    expect(watch.see(...times(5, unreachable()))).toEqual(['fired front-down']);
    expect(watch.see(good, good)).toEqual(['resolved front-down', 'resolved backend-down ECS02']);
  });

  it('ends the alert about a backend that is none any more', () => {
    const watch = new Watch();
    watch.see(bad, bad, bad);
    const without = { shares: [{ backend: 'ECS01', seen: 20, share: 1, expected: 1 }] };
    expect(watch.see(without, without)).toEqual(['resolved backend-down ECS02']);
  });

  it('tells what differs from the record', () => {
    const watch = new Watch();
    expect(watch.feed({ type: 'drift', differences: ['listener: port 81'], atMs: watch.nowMs })).toEqual([
      'fired drift',
    ]);
    expect(watch.feed({ type: 'drift', differences: [], atMs: watch.nowMs })).toEqual(['resolved drift']);
  });
});

describe('a vantage without IPv6', () => {
  it('is no fault of the front or a backend', () => {
    expect(new Watch().see(...times(9, noRoute))).toEqual([]);
  });

  it('is told as itself after a while', () => {
    const watch = new Watch();
    expect(watch.see(...times(30, noRoute))).toEqual(['fired vantage-without-ipv6']);
    expect(watch.see(good, good)).toEqual(['resolved vantage-without-ipv6']);
  });

  it('is told with the vantage that cannot tell, and why', () => {
    const watch = new Watch();
    const fault = { kind: 'no-instance' as const, evidence: 'no instance has IPv6' };
    watch.see(...times(10, { ...noRoute, vantage: 'instance' as const, fault }));
    expect(watch.changes[0]?.evidence).toBe('vantage instance cannot tell: no instance has IPv6');
  });

  it('neither ends nor begins what was seen before', () => {
    const watch = new Watch();
    watch.see(bad, bad, bad);
    expect(watch.see(...times(5, noRoute))).toEqual([]);
    expect(watch.see(good, good)).toEqual(['resolved backend-down ECS02']);
  });
});

describe('no observation', () => {
  it('is told once, until there is one', () => {
    const watch = new Watch();
    watch.see(good);
    const sinceMs = watch.nowMs;
    watch.nowMs += 4 * minute;
    expect(watch.feed({ type: 'silence', sinceMs })).toEqual(['fired no-observation']);
    watch.nowMs += minute;
    expect(watch.feed({ type: 'silence', sinceMs })).toEqual([]);
    expect(watch.see(noRoute)).toEqual(['resolved no-observation']);
    expect(watch.changes[1]).toMatchObject({ durationMs: 6 * minute });
  });
});

describe('flapping', () => {
  it('faster than the thresholds is one alert', () => {
    const watch = new Watch();
    for (let flap = 0; flap < 10; flap += 1) watch.see(bad, bad, good, good);
    expect(watch.changes.map(({ type }) => type)).toEqual(['fired']);
  });

  it('slower than the thresholds is at most two alerts in an hour', () => {
    const watch = new Watch();
    for (let flap = 0; flap < 10; flap += 1) watch.see(bad, bad, bad, good, good, good);
    expect(watch.changes.map(({ type, isFlapping }) => `${type}${isFlapping ? ', flapping' : ''}`)).toEqual([
      'fired',
      'resolved',
      'fired, flapping',
    ]);
  });

  it('is over when it has been calm for a while', () => {
    const watch = new Watch();
    for (let flap = 0; flap < 4; flap += 1) watch.see(bad, bad, bad, good, good, good);
    expect(watch.see(...times(20, good))).toEqual(['resolved backend-down ECS02']);
  });
});

describe('the bound per hour', () => {
  it('puts off what is too much', () => {
    const watch = new Watch({ maxSendsPerHour: 2, flapping: { fires: 20 } });
    for (let flap = 0; flap < 8; flap += 1) watch.see(bad, bad, bad, good, good, good);
    expect(watch.changes.map(({ type }) => type)).toEqual(['fired', 'resolved']);
    watch.see(bad, bad, bad);
    expect(watch.changes).toHaveLength(2);
    watch.see(...times(15, bad));
    expect(watch.changes.map(({ type }) => type)).toEqual(['fired', 'resolved', 'fired']);
  });

  it('tells the most urgent first', () => {
    const watch = new Watch({ maxSendsPerHour: 2 });
    const slow = { ...bad, certificateDaysLeft: 2, latency: { p50Ms: 1, p95Ms: 5000, p99Ms: 1, maxMs: 1 } };
    expect(watch.see(slow, slow, slow, slow, slow)).toEqual([
      'fired backend-down ECS02',
      'fired certificate-near-expiry',
    ]);
  });
});

describe('reminders', () => {
  it('come every four hours while it lasts', () => {
    const watch = new Watch();
    watch.see(...times(9 * 60, bad));
    expect(watch.changes.map(({ type, atMs }) => [type, (atMs - startMs) / minute])).toEqual([
      ['fired', 3],
      ['reminder', 243],
      ['reminder', 483],
    ]);
    expect(new Set(watch.changes.map(({ id }) => id)).size).toBe(3);
  });

  it('do not come when they are not wanted', () => {
    expect(new Watch({ reminderMs: 0 }).see(...times(600, bad))).toHaveLength(1);
  });
});

describe('maintenance', () => {
  const at = (minutes: number) => new Date(startMs + minutes * minute).toISOString();

  it('keeps quiet, and tells afterwards what is still so', () => {
    const watch = new Watch({ maintenance: [{ from: at(0), to: at(30) }] });
    expect(watch.see(...times(29, bad))).toEqual([]);
    expect(watch.see(bad)).toEqual(['fired backend-down ECS02']);
  });

  it('forgets what was over before it ended', () => {
    const watch = new Watch({ maintenance: [{ from: at(0), to: at(30) }] });
    expect(watch.see(...times(20, bad), ...times(20, good))).toEqual([]);
  });

  it('lets the end of an alert be told', () => {
    const watch = new Watch({ maintenance: [{ from: at(4), to: at(30) }] });
    expect(watch.see(bad, bad, bad, bad, good, good)).toEqual([
      'fired backend-down ECS02',
      'resolved backend-down ECS02',
    ]);
  });
});

describe('a target that is watched no more', () => {
  it('has its alerts taken back', () => {
    const watch = new Watch();
    watch.see(bad, bad, bad);
    expect(watch.feed({ type: 'closed', reason: 'it is being released', isOver: true })).toEqual([
      'resolved backend-down ECS02',
    ]);
    expect(watch.feed({ type: 'closed', reason: 'it is being released', isOver: true })).toEqual([]);
  });
});

describe('an observation that comes twice', () => {
  it('counts once', () => {
    const watch = new Watch();
    const observation = observed(startMs, bad);
    for (let delivery = 0; delivery < 5; delivery += 1)
      expect(watch.feed({ type: 'observation', observation })).toEqual([]);
  });

  it('counts not at all when newer ones are known', () => {
    const watch = new Watch();
    watch.see(bad, bad, good, good);
    expect(watch.feed({ type: 'observation', observation: observed(startMs + 1, bad) })).toEqual([]);
  });
});

describe('the IPv4 side', () => {
  const ipv4 = (verdict: 'ok' | 'fault' | 'inconclusive' | 'off', evidence = 'seen'): Partial<Observation> => ({
    ipv4: { verdict, evidence, addresses: [], samples: [] },
  });

  it('has an alert of its own, with its own evidence', () => {
    const watch = new Watch();
    const down = ipv4('fault', 'the load balancer does not answer over IPv4 at 47.100.1.1 (ETIMEDOUT)');
    expect(watch.see(good, down, down)).toEqual([]);
    expect(watch.see(down)).toEqual(['fired ipv4-down']);
    expect(watch.changes[0]?.evidence).toContain('47.100.1.1');
    expect(watch.see(ipv4('ok'), ipv4('ok'))).toEqual(['resolved ipv4-down']);
  });

  it('says nothing for or against the IPv6 side', () => {
    const watch = new Watch();
    expect(watch.see(...times(3, { ...bad, ...ipv4('ok') }))).toEqual(['fired backend-down ECS02']);
    expect(watch.see(...times(3, { ...unreachable(), ...ipv4('ok') }))).toEqual(['fired front-down']);
  });

  it('is heard where the vantage has no IPv6', () => {
    expect(new Watch().see(...times(3, { ...noRoute, ...ipv4('fault') }))).toEqual(['fired ipv4-down']);
  });

  it('has nothing wrong where this vantage cannot tell, or an older version has not looked', () => {
    expect(new Watch().see(...times(12, ipv4('inconclusive')), ...times(3, good))).toEqual([]);
  });

  it('has nothing wrong any more once it is not asked', () => {
    const watch = new Watch();
    expect(watch.see(...times(3, ipv4('fault')), ...times(2, ipv4('off')))).toEqual([
      'fired ipv4-down',
      'resolved ipv4-down',
    ]);
  });
});

describe('a clock that jumped back by a day', () => {
  it('does not keep observations from being heard, nor messages from being sent', () => {
    const watch = new Watch();
    watch.nowMs += 86_400_000;
    expect(watch.see(...times(3, bad))).toEqual(['fired backend-down ECS02']);
    const full = Array.from({ length: 200 }, () => watch.nowMs);
    watch.state = { ...watch.state, sentAtMs: full };
    watch.nowMs -= 86_400_000;
    // A reminder comes early, once: when the last was sent is not known.
    expect(watch.see(...times(2, good))).toEqual(['reminder backend-down ECS02', 'resolved backend-down ECS02']);
    expect(watch.see(...times(3, bad))).toEqual(['fired backend-down ECS02']);
  });
});
