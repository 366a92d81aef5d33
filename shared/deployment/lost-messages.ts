/** Turns whose message has been lost, found by what is due. Pure, like all transitions. */
import { isAhead } from '../ahead.ts';
import type { StageMessage } from '../messages.ts';
import { type Action, stageNames } from '../pipeline.ts';
import { actionOf, withoutLateness, withProgress } from './progress.ts';
import type { DeploymentRecord, PlannedMessage, Progress } from './record.ts';

/** No turn is planned for later: the pauses of a blocked release are 15 minutes at most. */
const longestDelayMs = 3_600_000;

/** Whether a turn of the stage is due, now or later. */
const isOpen = ({ state }: Progress, action: Action): boolean =>
  state === 'queued' || state === 'waiting' || state === 'running' || (state === 'failed' && action === 'release');

/**
 * Messages that must have been lost: a turn is due, and nothing has been heard of it for `lostAfterMs`. Sending one too
 * many is harmless; the lease and the turn make it so.
 */
export function lostMessages(record: DeploymentRecord, nowMs: number, lostAfterMs: number): PlannedMessage[] {
  if (record.status === 'released' || record.status === 'ready' || record.status === 'failed') return [];
  const action = actionOf(record);
  const lost: PlannedMessage[] = [];
  for (const stage of stageNames) {
    const progress = record.stages[stage][action];
    if (!isOpen(progress, action)) continue;
    const { dueAtMs = 0 } = progress;
    if (dueAtMs + lostAfterMs > nowMs && !isAhead(dueAtMs, nowMs + longestDelayMs)) continue;
    lost.push({ stage, turn: progress.turn, delayMs: 0 });
  }
  return lost;
}

/** Makes the turn that a message stood for count as lost, so that the next sweep sends it again; undefined if it is over. */
export function makeDue(
  record: DeploymentRecord,
  message: StageMessage,
  lostAfterMs: number,
  nowMs: number,
): DeploymentRecord | undefined {
  const progress = record.stages[message.stage][message.action];
  if (message.epoch !== record.epoch || message.turn !== progress.turn || message.action !== actionOf(record))
    return undefined;
  if (!isOpen(progress, message.action)) return undefined;
  return withProgress(record, message.stage, message.action, { dueAtMs: nowMs - lostAfterMs });
}

/** Marks lost messages as sent again at `nowMs`, so that the next sweep does not send them once more. */
export function resent(record: DeploymentRecord, lost: PlannedMessage[], nowMs: number): DeploymentRecord {
  const action = actionOf(record);
  let next = record;
  for (const { stage } of lost)
    next = withProgress(next, stage, action, {
      ...withoutLateness(next.stages[stage][action], nowMs),
      dueAtMs: nowMs,
    });
  return next;
}
