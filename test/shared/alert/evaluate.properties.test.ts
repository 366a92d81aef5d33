import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertInput, evaluateAlert } from '../../../shared/alert/evaluate.ts';
import { readObservation } from '../../../shared/alert/readings.ts';
import { type AlertSettings, alertSettingsSchema, ruleFor } from '../../../shared/alert/settings.ts';
import { type AlertChange, type AlertState, keyOf, newAlertState } from '../../../shared/alert/state.ts';
import type { Observation } from '../../../shared/probe/observation.ts';
import { minute, noRoute, observed, silent, startMs, targetId, unreachable } from './observations.ts';

const seen: fc.Arbitrary<Partial<Observation>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.constant(silent('ECS02')) },
  { weight: 1, arbitrary: fc.constant(silent('ECS01')) },
  { weight: 2, arbitrary: fc.constant(unreachable()) },
  { weight: 1, arbitrary: fc.constant(noRoute) },
  { weight: 1, arbitrary: fc.constant({ latency: { p50Ms: 1, p95Ms: 3000, p99Ms: 3000, maxMs: 3000 } }) },
  { weight: 1, arbitrary: fc.constant({ certificateDaysLeft: 3 }) },
  { weight: 1, arbitrary: fc.constant({ certificateDaysLeft: 300 }) },
);

type Step =
  | { type: 'observe'; other: Partial<Observation>; times: number }
  | { type: 'again' }
  | { type: 'tick' }
  | { type: 'silence'; minutes: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('observe' as const), other: seen, times: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'again' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'tick' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('silence' as const), minutes: fc.integer({ min: 3, max: 90 }) }),
  },
);
const story = fc.array(step, { minLength: 1, maxLength: 60 });

const settings: fc.Arbitrary<AlertSettings> = fc
  .record({
    maxSendsPerHour: fc.integer({ min: 2, max: 12 }),
    reminderMs: fc.constantFrom(0, 20 * minute, 240 * minute),
    failures: fc.integer({ min: 1, max: 5 }),
    successes: fc.integer({ min: 1, max: 4 }),
    fires: fc.integer({ min: 2, max: 5 }),
    maintenance: fc.constantFrom(
      [],
      [{ from: new Date(startMs + 20 * minute).toISOString(), to: new Date(startMs + 50 * minute).toISOString() }],
    ),
  })
  .map(({ failures, successes, fires, ...rest }) =>
    alertSettingsSchema.parse({
      ...rest,
      flapping: { fires },
      rules: { 'backend-down': { failures, successes }, 'front-down': { failures, successes } },
    }),
  );

interface Told {
  change: AlertChange;
  /** Results of its condition since the start, with when each was seen. */
  results: { isBad: boolean; atMs: number }[];
}

/** Plays the story, minute by minute. */
function play(steps: Step[], limits: AlertSettings): { told: Told[]; state: AlertState; nowMs: number } {
  let state = newAlertState(targetId);
  let nowMs = startMs;
  let last: Observation | undefined;
  const results = new Map<string, { isBad: boolean; atMs: number }[]>();
  const told: Told[] = [];
  const feed = (input: AlertInput) => {
    const before = JSON.stringify(state);
    const answer = evaluateAlert(state, input, limits, nowMs);
    expect(JSON.stringify(state)).toBe(before);
    // As it comes back from the store.
    state = JSON.parse(JSON.stringify(answer.state)) as AlertState;
    for (const change of answer.changes)
      told.push({ change, results: [...(results.get(keyOf(change.kind, change.subject)) ?? [])] });
  };
  const note = (key: string, isBad: boolean) => results.set(key, [...(results.get(key) ?? []), { isBad, atMs: nowMs }]);
  for (const what of steps)
    switch (what.type) {
      case 'observe':
        for (let time = 0; time < what.times; time += 1) {
          nowMs += minute;
          last = observed(nowMs, what.other);
          for (const { kind, subject, isBad } of readObservation(last, limits)) note(keyOf(kind, subject), isBad);
          feed({ type: 'observation', observation: last });
        }
        break;
      case 'again':
        if (last !== undefined) feed({ type: 'observation', observation: last });
        break;
      case 'tick':
        feed({ type: 'tick' });
        break;
      case 'silence': {
        const sinceMs = nowMs;
        for (let passed = 1; passed <= what.minutes; passed += 1) {
          nowMs += minute;
          if (passed === 3) note('no-observation', true);
          feed(passed < 3 ? { type: 'tick' } : { type: 'silence', sinceMs });
        }
      }
    }
  return { told, state, nowMs };
}

const calm: Step[] = [{ type: 'observe', other: { certificateDaysLeft: 300 }, times: 200 }];
const runs = { numRuns: 150 };

// Pure arithmetic, which a busy machine makes slow.
describe('whatever is seen', { timeout: 120_000 }, () => {
  it('nothing is told without its threshold', () => {
    fc.assert(
      fc.property(story, settings, (steps, limits) => {
        const { told } = play(steps, limits);
        for (const { change, results } of told.filter((one) => one.change.type === 'fired')) {
          const { failures, mOfN } = ruleFor(limits, change.kind);
          const bads = results.map(({ isBad }) => isBad);
          const isReached = bads.some((_, end) => {
            const until = bads.slice(0, end + 1);
            const row = until.length >= failures && until.slice(-failures).every(Boolean);
            return row || (mOfN !== undefined && until.slice(-mOfN.of).filter(Boolean).length >= mOfN.bad);
          });
          expect(isReached).toBe(true);
        }
      }),
      runs,
    );
  });

  it('what cannot be told from here is never a fault of the front or a backend', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), settings, (times, limits) => {
        const { told } = play([{ type: 'observe', other: noRoute, times }], limits);
        expect(new Set(told.map(({ change }) => change.kind)).size).toBeLessThanOrEqual(1);
        for (const { change } of told) expect(change.kind).toBe('vantage-without-ipv6');
      }),
      runs,
    );
  });

  it('every alert that was told is taken back, or still so', () => {
    fc.assert(
      fc.property(story, settings, (steps, limits) => {
        const { told, state } = play(steps, limits);
        const open = new Set<string>();
        for (const { change } of told)
          if (change.type === 'fired') open.add(change.alertId);
          else if (change.type === 'resolved') expect(open.delete(change.alertId)).toBe(true);
          else expect(open.has(change.alertId)).toBe(true);
        // What is open is on record as told; it is still so, or waits for the bound per hour.
        const onRecord = Object.values(state.conditions).flatMap(({ told: said }) =>
          said === undefined ? [] : [said.id],
        );
        expect([...open].sort()).toEqual(onRecord.sort());
        const isFull = state.sentAtMs.length >= limits.maxSendsPerHour;
        for (const condition of Object.values(state.conditions))
          if (condition.told !== undefined) expect(condition.isFiring || isFull).toBe(true);

        const later = play([...steps, ...calm], limits);
        expect(later.told.filter(({ change }) => change.type === 'resolved')).toHaveLength(
          later.told.filter(({ change }) => change.type === 'fired').length,
        );
      }),
      { numRuns: 80 },
    );
  });

  it('no change is told twice', () => {
    fc.assert(
      fc.property(story, settings, (steps, limits) => {
        const { told } = play(steps, limits);
        const ids = told.map(({ change }) => change.id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      runs,
    );
  });

  it('no hour has more messages than the bound', () => {
    fc.assert(
      fc.property(story, settings, (steps, limits) => {
        const sent = play(steps, limits).told.map(({ change }) => change.atMs);
        for (const atMs of sent)
          expect(sent.filter((other) => other >= atMs && other < atMs + 60 * minute).length).toBeLessThanOrEqual(
            limits.maxSendsPerHour,
          );
      }),
      runs,
    );
  });

  it('nothing begins within maintenance', () => {
    fc.assert(
      fc.property(story, settings, (steps, limits) => {
        const [window] = limits.maintenance;
        if (window === undefined || !('from' in window)) return;
        for (const { change } of play(steps, limits).told)
          if (change.type !== 'resolved')
            expect(change.atMs >= Date.parse(window.from) && change.atMs < Date.parse(window.to)).toBe(false);
      }),
      runs,
    );
  });

  it('the state of a calm target is small', () => {
    fc.assert(
      fc.property(story, settings, (steps, limits) => {
        expect(play([...steps, ...calm], limits).state.conditions).toEqual({});
      }),
      { numRuns: 60 },
    );
  });
});
