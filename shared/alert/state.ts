import type { AlertKind } from './settings.ts';

/** What was said about a condition and not yet taken back. */
export interface Told {
  /** The same in all messages about one alert: who gets one twice knows it by this. */
  id: string;
  /** When it broke. */
  sinceMs: number;
  lastSentAtMs: number;
  reminders: number;
}

/** One thing that can be wrong with a target. */
export interface ConditionState {
  kind: AlertKind;
  /** Backend or address that it is about. */
  subject?: string;
  /** The last results, newest last: `x` bad, `.` good. */
  results: string;
  lastResultMs: number;
  isFiring: boolean;
  /** First bad result of those that count now. */
  badSinceMs?: number;
  lastBadMs?: number;
  firedAtMs?: number;
  /** Fired by `mOfN`: good results in a row alone do not end it. */
  isPatchy?: boolean;
  /** First good result of those that ended it. */
  endedAtMs?: number;
  /** Beginnings, newest last, as far as they count for flapping. */
  firesMs: number[];
  /** What was seen last that speaks for it. */
  evidence: string;
  told?: Told;
}

/** All that is known of the alerts of one target; one row of the store. */
export interface AlertState {
  schema: 1;
  targetId: string;
  /** When the newest observation was made. */
  observedAtMs?: number;
  /** When the target was compared with its record last. */
  driftLookedAtMs?: number;
  /** By kind and subject. */
  conditions: Record<string, ConditionState>;
  /** When something was told, as far as it counts for the bound per hour. */
  sentAtMs: number[];
}

/** Something to tell. */
export interface AlertChange {
  type: 'fired' | 'resolved' | 'reminder';
  /** Of this very message; the same however often it is sent. */
  id: string;
  /** Of the alert: shared by all messages about it. */
  alertId: string;
  kind: AlertKind;
  subject?: string;
  atMs: number;
  sinceMs: number;
  /** How long it lasted; of a resolved one. */
  durationMs?: number;
  /** It comes and goes: nothing more is said until it is calm. */
  isFlapping: boolean;
  evidence: string;
}

export const newAlertState = (targetId: string): AlertState => ({
  schema: 1,
  targetId,
  conditions: {},
  sentAtMs: [],
});

export const keyOf = (kind: AlertKind, subject?: string): string =>
  subject === undefined ? kind : `${kind}:${subject}`;
