/** What the end of a turn means: whether the stage waits, repeats, fails, or is blocked. Pure. */
import type { Progress } from './deployment/record.ts';
import { attemptsOf, type CutOff, type Outcome } from './deployment/transitions.ts';
import { classify } from './errors.ts';
import type { Action } from './pipeline.ts';
import { blockedDelayMs, lookAgainMs, retryDelayMs } from './retry.ts';
import type { Stage } from './stage.ts';

/** Retryable failures in a row that a stage may have: about ten minutes with back-off. */
const maxAttempts = 14;

/** What to do about a refusal that nothing more is known of. */
const fix: Record<Action, string> = {
  apply: 'Fix what the message says, then retry the deployment or release it.',
  release: 'Fix what the message says: the release goes on by itself.',
};

type Failing = (Outcome & { kind: 'fail' })['failure'];

/** A turn as far as its outcome depends on it. */
export interface Turn {
  stage: Stage;
  action: Action;
  /** As it was when the turn began. */
  progress: Progress;
  waitedMs: number;
  random: () => number;
}

/**
 * Ends an apply in failure. A release never ends so: what blocks it may pass, be it that somebody fixes it, so it is tried
 * again with growing pauses for as long as there is something to release.
 *
 * @param more - `isCertain`: false where the very next try may succeed; `waitsFor`: of a wait that takes too long.
 */
export function failed(
  { action, progress, random }: Turn,
  failure: Omit<Failing, 'remedy'> & { remedy?: string | undefined },
  more: { isCertain?: boolean; waitsFor?: string; hintMs?: number | undefined } = {},
): Outcome {
  const { isCertain = true, waitsFor, hintMs } = more;
  const known = { ...failure, remedy: failure.remedy ?? fix[action] };
  if (action === 'apply') return { kind: 'fail', failure: known };
  return {
    kind: 'blocked',
    failure: known,
    isCertain,
    delayMs: blockedDelayMs((progress.obstacle?.times ?? 0) + 1, { isCertain, hintMs, random }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
  };
}

/** The outcome of a turn that ended in an error, by what the error means. */
export function outcomeOfError(turn: Turn, error: unknown): Outcome {
  const { kind, code, message, requestId, remedy, retryAfterMs: hintMs } = classify(error);
  const details = { code, message, ...(requestId === undefined ? {} : { requestId }), remedy };
  const attempts = attemptsOf(turn.progress) + 1;
  if (kind === 'permanent') return failed(turn, details, { isCertain: false, hintMs });
  if (kind === 'wait') return waiting(turn, message, { details });
  if (attempts < maxAttempts)
    return { kind: 'retry', reason: message, delayMs: retryDelayMs(attempts, { hintMs, random: turn.random }) };
  return failed(
    turn,
    {
      ...details,
      message: `${message} (tried ${attempts} times)`,
      remedy:
        remedy ??
        (turn.action === 'apply' ? 'Look at the state of the service, then retry the deployment.' : undefined),
    },
    { hintMs },
  );
}

/**
 * The outcome of a turn whose budget ended first: it goes on with another, as often as after errors.
 *
 * @param reason - how far it has come.
 * @param ending - its own, where that is certain whatever there was no time for.
 */
export function outOfTime(
  turn: Turn,
  reason: string,
  { isProgress = false, ending }: { isProgress?: boolean; ending?: Outcome } = {},
): Outcome {
  const attempts = attemptsOf(turn.progress) + 1;
  if (isProgress || attempts < maxAttempts) {
    const delayMs = retryDelayMs(isProgress ? 1 : attempts, { random: turn.random });
    return { kind: 'out-of-time', reason: `the time of the turn ended: ${reason}`, delayMs, isProgress };
  }
  return (
    ending ??
    failed(turn, {
      code: `${turn.stage.name}.out-of-time`,
      message: `the time of ${attempts} turns in a row ended: ${reason}`,
      remedy: turn.action === 'apply' ? `${slow}, then retry the deployment or release it.` : `${slow}.`,
    })
  );
}

const slow = 'Look at what is slow to answer: the servers, the name servers, or the service';

/** The outcome in place of a turn that was cut off too often to be tried once more; undefined where it is tried. */
export function cutOffTooOften(turn: Turn, { times }: CutOff): Outcome | undefined {
  const attempts = attemptsOf(turn.progress);
  if (attempts < maxAttempts) return undefined;
  return failed(turn, {
    code: `${turn.stage.name}.cut-off`,
    message: `the function was cut off ${times} times in a row before its turn had ended (tried ${attempts} times)`,
    remedy:
      turn.action === 'apply'
        ? 'Look at the log of the function (its timeout, its memory), then retry the deployment or release it.'
        : 'Look at the log of the function (its timeout, its memory): the release goes on by itself.',
  });
}

/** The outcome of a turn that waits: within the bounds of its stage another look. */
export function waiting(
  turn: Turn,
  reason: string,
  more: {
    isProgress?: boolean;
    afterMs?: number | undefined;
    details?: Pick<Failing, 'code' | 'requestId'> & { remedy: string | undefined };
  } = {},
): Outcome {
  const { stage, action } = turn;
  const { isProgress = false, afterMs, details } = more;
  const waitedMs = isProgress ? 0 : turn.waitedMs;
  if (waitedMs <= stage.longestWaitMs)
    return { kind: 'wait', reason, isProgress, delayMs: afterMs ?? lookAgainMs(waitedMs) };
  const then = action === 'apply' ? ', then retry the deployment or release it.' : ': the release goes on by itself.';
  return failed(
    turn,
    {
      code: `${stage.name}.timeout`,
      ...details,
      message: `waited ${Math.round(waitedMs / 1000)} s, longer than ${stage.name} may take: ${reason}`,
      remedy: details?.remedy ?? `Look at the resource in the console${then}`,
    },
    { waitsFor: reason },
  );
}
