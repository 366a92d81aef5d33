import type { Delivered } from '../../shared/alert/channel.ts';
import { valueAt } from '../../shared/dictionary.ts';
import { retryDelayMs } from '../../shared/retry.ts';
import type { Outcome } from '../../shared/store/alerts.ts';
import type { Delivery } from '../../shared/store/channels.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How long the pauses between tries are. What is about one message must not hold up the others for an hour. */
const pauses = {
  busy: { baseMs: 10_000, capMs: hourMs },
  unanswered: { baseMs: 10_000, capMs: hourMs },
  refused: { baseMs: minuteMs, capMs: hourMs },
  rejected: { baseMs: 10_000, capMs: 10 * minuteMs },
};

/** @param sentAtMs - when its answer came: the channel counts it no later. */
const withSent = (delivery: Delivery, sentAtMs: number): Delivery => ({
  ...delivery,
  sentAtMs: [...delivery.sentAtMs.filter((ms) => ms > sentAtMs - hourMs), sentAtMs],
});

/** Returns what is known of a channel after it took the message with these changes. */
export function afterTaken(delivery: Delivery, changes: string[], nowMs: number): Delivery {
  const { retryAtMs: _retryAtMs, failing: _failing, sending: _sending, ...rest } = withSent(delivery, nowMs);
  return { ...withOutcomes(rest, changes, { atMs: nowMs }), failures: 0, takenAtMs: nowMs };
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
  const after: Delivery = {
    ...before,
    // The same again: it may have been taken.
    ...(failure === 'unanswered' && sending !== undefined ? { sending } : {}),
    ...(failure === 'too-large' ? { most: { ...before.most, load: sent.load / 2 } } : {}),
    // One of them may be what it says no to.
    ...(failure === 'rejected' ? { most: { ...before.most, notices: Math.ceil(sent.changes.length / 2) } } : {}),
  };
  if (failure === 'too-large') return after;
  const failures = before.failures + 1;
  const hintMs = Math.min(answer.retryAfterMs ?? 0, hourMs);
  const [only, ...others] = sent.changes;
  return {
    ...after,
    failures,
    retryAtMs: nowMs + retryDelayMs(failures, { ...pauses[failure], random: () => 1, hintMs }),
    failing: { sinceMs: before.failing?.sinceMs ?? nowMs, lastMs: nowMs, failure, reason },
    ...(failure === 'rejected' && only !== undefined && others.length === 0
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
