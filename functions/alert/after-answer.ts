import type { Delivered } from '../../shared/alert/channel.ts';
import { valueAt } from '../../shared/dictionary.ts';
import { retryDelayMs } from '../../shared/retry.ts';
import type { Outcome } from '../../shared/store/alerts.ts';
import type { Delivery } from '../../shared/store/channels.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A channel is left alone no longer than this, whatever its `Retry-After` says. */
export const longestRetryMs = hourMs;

/** Pauses between tries grow to this: what is repaired is noticed, and what is new is not held up for long. */
const longestPauseMs = 10 * minuteMs;
const firstPauseMs = { busy: 10_000, unanswered: 10_000, refused: minuteMs, rejected: 10_000 };
/** So many tries of one message without an answer: it may be the message. */
const patience = 3;

/** @param sentAtMs - when its answer came: the channel counts it no later. */
const withSent = (delivery: Delivery, sentAtMs: number): Delivery => ({
  ...delivery,
  sentAtMs: [...delivery.sentAtMs.filter((ms) => ms > sentAtMs - hourMs), sentAtMs],
});

/** Returns what is known of a channel after it took the message with these changes. */
export function afterTaken(delivery: Delivery, changes: string[], nowMs: number): Delivery {
  const { retryAtMs: _retryAtMs, failing: _failing, sending: _sending, most, ...rest } = withSent(delivery, nowMs);
  return {
    ...withOutcomes(rest, changes, { atMs: nowMs }),
    failures: 0,
    takenAtMs: nowMs,
    // Twice as many next time, as it was half as many before.
    ...(most === undefined ? {} : { most: most.notices === undefined ? most : { ...most, notices: most.notices * 2 } }),
  };
}

function withOutcomes(delivery: Delivery, changes: string[], outcome: Outcome): Delivery {
  const rejected = Object.entries(delivery.rejected ?? {}).filter(([change]) => !changes.includes(change));
  return {
    ...delivery,
    outcomes: { ...delivery.outcomes, ...Object.fromEntries(changes.map((change) => [change, outcome])) },
    rejected: Object.fromEntries(rejected),
  };
}

/**
 * Returns what is known of a channel after it did not take the message that was under way: when to try again, and
 * whether with less. Too large is no failure of the channel: less goes out at once.
 *
 * @param sent - what it was: its load, and its changes.
 */
export function afterFailure(
  delivery: Delivery,
  answer: Delivered & { ok: false },
  sent: { load: number; changes: string[] },
  nowMs: number,
): Delivery {
  const { failure, reason } = answer;
  const { sending, ...before } = withSent(delivery, nowMs);
  const failures = before.failures + 1;
  const isOpen = failure === 'unanswered' && failures < patience;
  // One of its notices may be what it says no to, or breaks at.
  const isSuspect = failure === 'rejected' || (failure === 'unanswered' && !isOpen);
  const after: Delivery = {
    ...before,
    // The same again: it may have been taken.
    ...(isOpen && sending !== undefined ? { sending } : {}),
    ...(failure === 'too-large' ? { most: { ...before.most, load: sent.load / 2 } } : {}),
    ...(isSuspect ? { most: { ...before.most, notices: Math.ceil(sent.changes.length / 2) } } : {}),
  };
  if (failure === 'too-large') return after;
  const hintMs = Math.min(answer.retryAfterMs ?? 0, longestRetryMs);
  const [only, ...others] = sent.changes;
  return {
    ...after,
    failures,
    retryAtMs:
      nowMs + retryDelayMs(failures, { baseMs: firstPauseMs[failure], capMs: longestPauseMs, random: () => 1, hintMs }),
    failing: { sinceMs: before.failing?.sinceMs ?? nowMs, lastMs: nowMs, failure, reason },
    ...(isSuspect && only !== undefined && others.length === 0
      ? { rejected: { ...before.rejected, [only]: (valueAt(before.rejected ?? {}, only) ?? 0) + 1 } }
      : {}),
  };
}

/** Returns what is known of a channel once it will never get these changes. */
export const afterLoss = (delivery: Delivery, changes: string[], reason: string, nowMs: number): Delivery => ({
  ...withOutcomes(delivery, changes, { atMs: nowMs, lost: reason }),
  lost: { count: (delivery.lost?.count ?? 0) + changes.length, lastMs: nowMs, reason },
});

/** Returns what is known of a channel once the rows of the notices say what became of them. */
export function afterNoting(delivery: Delivery, noted: Record<string, Outcome>): Delivery {
  const outcomes = Object.entries(delivery.outcomes ?? {}).filter(([change]) => !Object.hasOwn(noted, change));
  return { ...delivery, outcomes: Object.fromEntries(outcomes) };
}
