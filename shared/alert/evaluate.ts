import { createHash } from 'node:crypto';
import { isAhead } from '../ahead.ts';
import type { Observation } from '../probe/observation.ts';
import { inMaintenance } from './maintenance.ts';
import { type Reading, readObservation } from './readings.ts';
import { addResult, isFlapping } from './results.ts';
import { type AlertSettings, byUrgency, ruleFor } from './settings.ts';
import { type AlertChange, type AlertState, type ConditionState, keyOf } from './state.ts';
import { setAt, valueAt, without } from '../dictionary.ts';

/** What an evaluation may begin with. */
export type AlertInput =
  | { type: 'observation'; observation: Observation }
  /** Nothing has been observed since then, for as many ticks as the settings allow. */
  | { type: 'silence'; sinceMs: number }
  /** What differs from the record; empty: nothing does; undefined: it could not be compared. */
  | { type: 'drift'; differences: string[] | undefined; atMs: number }
  /** The channels that keep refusing messages, all of them, and what is wrong with each. */
  | { type: 'channels'; problems: Map<string, string>; atMs: number }
  /** Nothing new: what was put off may be due. */
  | { type: 'tick' }
  /** The target is being released; `blockedBy`: what keeps it from that. */
  | { type: 'release'; blockedBy: string | undefined; atMs: number }
  /** The target is watched no more: its alerts are resolved, that of a blocked release once it is over. */
  | { type: 'closed'; reason: string; isOver: boolean };

const hourMs = 3_600_000;

/**
 * The alerts of one target after what has been seen, and what is to be told. Pure: the same arguments give the same
 * answer, and `state` stays as it is. An observation that is no newer than the newest counts as a `tick`, so that a
 * repeated delivery has no effect.
 */
export function evaluateAlert(
  state: AlertState,
  input: AlertInput,
  settings: AlertSettings,
  nowMs: number,
): { state: AlertState; changes: AlertChange[] } {
  const after = input.type === 'closed' ? close(state, input, nowMs) : judge(state, input, settings, nowMs);
  return tell(after, settings, nowMs, input.type === 'closed');
}

function judge(state: AlertState, input: AlertInput, settings: AlertSettings, nowMs: number): AlertState {
  switch (input.type) {
    case 'observation': {
      const { observation } = input;
      const { atMs } = observation;
      const { observedAtMs } = state;
      if (observedAtMs !== undefined && atMs <= observedAtMs && !isAhead(observedAtMs, nowMs)) return state;
      const readings = readObservation(observation, settings);
      return withReadings({ ...state, observedAtMs: atMs }, [...readings, ...left(state, observation)], atMs, settings);
    }
    case 'silence': {
      const evidence = `no observation since ${new Date(input.sinceMs).toISOString()}`;
      const known = state.conditions['no-observation'];
      // One silence is one bad result, however often it is looked at.
      if (known?.isFiring === true) return state;
      return withReadings(state, [{ kind: 'no-observation', isBad: true, evidence }], input.sinceMs, settings);
    }
    case 'drift': {
      const { differences, atMs } = input;
      const looked = { ...state, driftLookedAtMs: atMs };
      if (differences === undefined) return looked;
      const evidence = differences.join('; ') || 'nothing differs from what was asked for';
      return withReadings(looked, [{ kind: 'drift', isBad: differences.length > 0, evidence }], atMs, settings);
    }
    case 'channels': {
      const { problems, atMs } = input;
      const fine = Object.values(state.conditions).flatMap(({ kind, subject = '' }): Reading[] =>
        problems.has(subject) ? [] : [{ kind, subject, isBad: false, evidence: 'it takes messages again' }],
      );
      const bad = [...problems].map(([subject, evidence]): Reading => ({
        kind: 'channel-failing',
        subject,
        isBad: true,
        evidence,
      }));
      return withReadings(state, [...bad, ...fine], atMs, settings);
    }
    case 'release': {
      const { blockedBy, atMs } = input;
      // As with silence: one block is one bad result, however often it is looked at.
      if (blockedBy !== undefined && state.conditions['release-blocked']?.isFiring === true) return state;
      const evidence = blockedBy ?? 'the release goes on';
      return withReadings(
        state,
        [{ kind: 'release-blocked', isBad: blockedBy !== undefined, evidence }],
        atMs,
        settings,
      );
    }
    default:
      return state;
  }
}

/** Backends and zones that are none any more have nothing wrong. */
function left(state: AlertState, { verdict, shares, fault, configured, zones }: Observation): Reading[] {
  const good = (kind: Reading['kind'], what: string, isLeft: (subject: string) => boolean): Reading[] =>
    Object.values(state.conditions)
      .filter(({ kind: known, subject = '' }) => known === kind && isLeft(subject))
      .map(({ subject = '' }) => ({ kind, subject, isBad: false, evidence: `${subject} is no ${what} any more` }));
  const goneZones =
    zones === undefined
      ? []
      : good('zone-out-of-service', 'zone of the load balancer', (subject) =>
          zones.every(({ zoneId }) => zoneId !== subject),
        );
  if (verdict === 'inconclusive' || shares.length === 0) return goneZones;
  const names = new Set([
    ...shares.map(({ backend }) => backend),
    ...(configured?.backends ?? []).map(({ name }) => name),
  ]);
  return [
    ...goneZones,
    ...good('backend-down', 'backend', (subject) => subject !== fault?.subject && !names.has(subject)),
  ];
}

function withReadings(state: AlertState, readings: Reading[], atMs: number, settings: AlertSettings): AlertState {
  let conditions = { ...state.conditions };
  for (const { kind, subject, isBad, evidence } of readings) {
    const rule = ruleFor(settings, kind);
    const key = keyOf(kind, subject);
    const before = valueAt(conditions, key);
    // What was told before it was turned off still ends.
    if (!rule.isEnabled && before?.told === undefined) conditions = without(conditions, key);
    else if (before !== undefined || isBad)
      setAt(
        conditions,
        key,
        addResult(
          before ?? fresh(kind, subject, atMs),
          { isBad: isBad && rule.isEnabled, evidence, atMs },
          rule,
          settings,
        ),
      );
  }
  return { ...state, conditions };
}

const fresh = (kind: ConditionState['kind'], subject: string | undefined, atMs: number): ConditionState => ({
  kind,
  ...(subject === undefined ? {} : { subject }),
  results: '',
  lastResultMs: atMs,
  isFiring: false,
  firesMs: [],
  evidence: '',
});

function close(state: AlertState, { reason, isOver }: { reason: string; isOver: boolean }, nowMs: number): AlertState {
  const conditions: AlertState['conditions'] = {};
  for (const [key, condition] of Object.entries(state.conditions))
    if (condition.kind === 'release-blocked' && !isOver) setAt(conditions, key, condition);
    else if (condition.told !== undefined)
      setAt(conditions, key, { ...condition, isFiring: false, endedAtMs: nowMs, evidence: reason });
  return { ...state, conditions };
}

/** What is to be said now: what has begun, what has ended, what lasts; within the bound per hour, the most urgent first. */
function tell(
  state: AlertState,
  settings: AlertSettings,
  nowMs: number,
  isUnbounded: boolean,
): { state: AlertState; changes: AlertChange[] } {
  const sentAtMs = state.sentAtMs.filter((ms) => ms > nowMs - hourMs && !isAhead(ms, nowMs));
  const conditions = { ...state.conditions };
  const changes: AlertChange[] = [];
  const isQuiet = inMaintenance(settings.maintenance, nowMs);
  const due = Object.entries(conditions).flatMap(([key, condition]) => {
    const type = dueOf(condition, settings, nowMs, isQuiet);
    return type === undefined ? [] : [{ key, condition, type }];
  });
  // Reminders last: they must not use up what news needs.
  due.sort(
    (a, b) =>
      Number(a.type === 'reminder') - Number(b.type === 'reminder') ||
      byUrgency.indexOf(a.condition.kind) - byUrgency.indexOf(b.condition.kind),
  );
  for (const { key, condition, type } of due) {
    const spare = settings.maxSendsPerHour - sentAtMs.length - (type === 'reminder' ? 2 : 0);
    if (spare <= 0 && !isUnbounded) continue;
    const { change, after } = said(state.targetId, condition, type, settings, nowMs);
    changes.push(change);
    setAt(conditions, key, after);
    sentAtMs.push(nowMs);
  }
  const remembered = Object.entries(conditions).filter(([, condition]) => !isForgotten(condition, settings, nowMs));
  return { state: { ...state, conditions: Object.fromEntries(remembered), sentAtMs }, changes };
}

/** Returns whether so much time has gone by since; also where a clock was ahead then. */
const isPast = (sinceMs: number, ms: number, nowMs: number): boolean =>
  nowMs - sinceMs >= ms || isAhead(sinceMs, nowMs);

function dueOf(
  { isFiring, told }: ConditionState,
  { reminderMs }: AlertSettings,
  nowMs: number,
  isQuiet: boolean,
): AlertChange['type'] | undefined {
  if (told === undefined) return isFiring && !isQuiet ? 'fired' : undefined;
  if (!isFiring) return 'resolved';
  return reminderMs > 0 && !isQuiet && isPast(told.lastSentAtMs, reminderMs, nowMs) ? 'reminder' : undefined;
}

function said(
  targetId: string,
  condition: ConditionState,
  type: AlertChange['type'],
  settings: AlertSettings,
  nowMs: number,
): { change: AlertChange; after: ConditionState } {
  const { kind, subject, told, evidence } = condition;
  const sinceMs = told?.sinceMs ?? condition.badSinceMs ?? condition.firedAtMs ?? nowMs;
  const alertId = told?.id ?? alertIdOf(targetId, keyOf(kind, subject), condition.firedAtMs ?? nowMs);
  const reminders = (told?.reminders ?? 0) + (type === 'reminder' ? 1 : 0);
  const { told: _told, ...untold } = condition;
  return {
    change: {
      type,
      id: `${alertId}-${type}${type === 'reminder' ? reminders : ''}`,
      alertId,
      kind,
      ...(subject === undefined ? {} : { subject }),
      atMs: nowMs,
      sinceMs,
      ...(type === 'resolved' ? { durationMs: Math.max(0, (condition.endedAtMs ?? nowMs) - sinceMs) } : {}),
      isFlapping: isFlapping(condition, settings),
      evidence,
    },
    after:
      type === 'resolved' ? untold : { ...condition, told: { id: alertId, sinceMs, lastSentAtMs: nowMs, reminders } },
  };
}

/** Twelve hexadecimal digits that stand for one alert of one target. */
const alertIdOf = (targetId: string, key: string, firedAtMs: number): string =>
  createHash('sha256').update(`${targetId} ${key} ${firedAtMs}`).digest('hex').slice(0, 12);

/** Nothing bad among its results, nothing told, and its beginnings no longer count for flapping. */
const isForgotten = (condition: ConditionState, { flapping }: AlertSettings, nowMs: number): boolean =>
  !condition.isFiring &&
  condition.told === undefined &&
  !condition.results.includes('x') &&
  condition.firesMs.every((ms) => ms <= nowMs - flapping.withinMs);
