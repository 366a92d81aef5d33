import { seededRandom } from '../../local/faults.ts';
import { evaluateAlert } from '../../shared/alert/evaluate.ts';
import { type AlertSettings, alertSettingsSchema } from '../../shared/alert/settings.ts';
import { type AlertState, newAlertState } from '../../shared/alert/state.ts';
import { VirtualClock } from '../../shared/clock.ts';
import type { Observation } from '../../shared/probe/observation.ts';
import { BenchTarget, type Trouble } from './target.ts';

const minuteMs = 60_000;
const ticksPerDay = 1440;
/** How long a probe takes, and how long notices are gathered before they are sent; see shared/alert/record-change.ts. */
const gatherMs = 5000;

const everyRule = (rule: object) =>
  Object.fromEntries(
    ['front-down', 'backend-down', 'declared-observed-differ', 'address-count-low', 'slow'].map((kind) => [kind, rule]),
  );
export const settings: Record<string, AlertSettings> = {
  'default: 3 in a row or 5 of 10, 10 % may be lost': alertSettingsSchema.parse({}),
  'strict: 3 in a row or 5 of 10, nothing may be lost': alertSettingsSchema.parse({ lossTolerance: 0 }),
  'hasty: 1 bad result, nothing may be lost': alertSettingsSchema.parse({
    rules: everyRule({ failures: 1, successes: 1, mOfN: { bad: 1, of: 1 } }),
    lossTolerance: 0,
  }),
};
export const losses = [0, 0.001, 0.01];
export const troubles: Trouble[] = ['backend-stopped', 'front-silent', 'cname-broken'];

/** Alerts that begin though nothing is wrong, for each of the settings, over the same observations. */
export function falseAlarms(days: number, loss: number, seed: number): number[] {
  const clock = new VirtualClock();
  const target = new BenchTarget(seed, loss);
  const whole = target.draw().map(() => false);
  const fine = target.observe(clock.nowMs(), whole);
  const states = Object.values(settings).map(() => newAlertState(fine.targetId));
  const counts = states.map(() => 0);
  for (let tick = 0; tick < days * ticksPerDay; tick += 1) {
    clock.advance(minuteMs);
    const lost = target.draw();
    const isWhole = !lost.includes(true);
    const observation: Observation = isWhole ? { ...fine, atMs: clock.nowMs() } : target.observe(clock.nowMs(), lost);
    for (const [index, limits] of Object.values(settings).entries()) {
      const state = states[index] as AlertState;
      // A good result changes nothing where nothing is known.
      if (isWhole && Object.keys(state.conditions).length === 0) continue;
      const { state: after, changes } = evaluateAlert(
        state,
        { type: 'observation', observation },
        limits,
        clock.nowMs(),
      );
      states[index] = after;
      counts[index] = (counts[index] ?? 0) + changes.filter(({ type }) => type === 'fired').length;
    }
  }
  return counts;
}

/** Milliseconds from the fault to the message, and from its end to the message; undefined: never. */
export function detect(trouble: Trouble, loss: number, limits: AlertSettings, seed: number) {
  const clock = new VirtualClock();
  const target = new BenchTarget(seed, loss);
  const random = seededRandom(seed + 1_000_003);
  let state = newAlertState('');
  let firedMs: number | undefined;
  let resolvedMs: number | undefined;
  const look = (now: Trouble, sinceMs: number): void => {
    clock.advance(minuteMs);
    const observation = target.observe(clock.nowMs(), target.draw(), now, sinceMs);
    const answer = evaluateAlert(state, { type: 'observation', observation }, limits, clock.nowMs());
    state = answer.state;
    for (const { type, kind } of answer.changes) {
      if (kind !== 'backend-down' && kind !== 'front-down') continue;
      if (type === 'fired') firedMs ??= clock.nowMs() + gatherMs;
      if (type === 'resolved') resolvedMs ??= clock.nowMs() + gatherMs;
    }
  };
  for (let tick = 0; tick < 10; tick += 1) look('none', 0);
  firedMs = undefined;
  resolvedMs = undefined;
  const sinceMs = clock.nowMs() + random() * minuteMs;
  for (let tick = 0; tick < 30 && firedMs === undefined; tick += 1) look(trouble, sinceMs);
  const endMs = clock.nowMs() + random() * minuteMs;
  for (let tick = 0; tick < 60 && resolvedMs === undefined; tick += 1) look('none', 0);
  return {
    noticedMs: firedMs === undefined ? undefined : firedMs - sinceMs,
    overMs: resolvedMs === undefined ? undefined : resolvedMs - endMs,
  };
}
