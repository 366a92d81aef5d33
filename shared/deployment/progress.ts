/** Changes of one stage's progress, and which stages may begin: what all transitions are made of. */
import { type Action, prerequisites, type StageName } from '../pipeline.ts';
import type { DeploymentRecord, PlannedMessage, Progress } from './record.ts';

/** `undefined` removes a field. */
export type Change = { [K in keyof Progress]?: Progress[K] | undefined };

export const withProgress = (
  record: DeploymentRecord,
  stage: StageName,
  action: Action,
  change: Change,
): DeploymentRecord => {
  const stageRecord = record.stages[stage];
  const members = Object.entries({ ...stageRecord[action], ...change });
  const progress = Object.fromEntries(members.filter(([, value]) => value !== undefined));
  return {
    ...record,
    stages: { ...record.stages, [stage]: { ...stageRecord, [action]: progress as unknown as Progress } },
  };
};

/** What `desired` makes of a stage: apply or release. */
export const actionOf = (record: DeploymentRecord): Action => (record.desired === 'ready' ? 'apply' : 'release');

export const isFinished = (record: DeploymentRecord, stage: StageName, action: Action): boolean =>
  record.stages[stage][action].state === 'done';

/** Stages whose needs are met now and that have not begun: each is queued by exactly one write, which also plans its message. */
export function queueReady(
  record: DeploymentRecord,
  candidates: StageName[],
  action: Action,
  nowMs: number,
): { record: DeploymentRecord; sends: PlannedMessage[] } {
  let next = record;
  const sends: PlannedMessage[] = [];
  for (const stage of candidates) {
    const progress = next.stages[stage][action];
    if (progress.state !== 'pending' || !prerequisites(stage, action).every((need) => isFinished(next, need, action)))
      continue;
    next = withProgress(next, stage, action, { state: 'queued', dueAtMs: nowMs });
    sends.push({ stage, turn: progress.turn, delayMs: 0 });
  }
  return { record: next, sends };
}

/** A wait is bounded, but the time in which nobody looked, because the message was late or lost, does not count. */
export const withoutLateness = ({ waitingSinceMs, dueAtMs }: Progress, nowMs: number): Change =>
  waitingSinceMs === undefined || dueAtMs === undefined || dueAtMs >= nowMs
    ? {}
    : { waitingSinceMs: waitingSinceMs + nowMs - dueAtMs };
