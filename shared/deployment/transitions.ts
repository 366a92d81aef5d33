/**
 * The life of a deployment as pure functions: record and event in, record and messages out. No clock, no I/O.
 * Every function leaves its argument as it is and returns a changed copy.
 */
import { firstStages, type StageName, stageNames, successors } from '../pipeline.ts';
import type { StageMessage } from '../messages.ts';
import type { Kept } from './explicit.ts';
import { actionOf, type Change, isFinished, queueReady, withProgress } from './progress.ts';
import type { Condition, DeploymentRecord, Failure, PlannedMessage, Progress, Resource, TokenState } from './record.ts';
import { startRelease } from './requests.ts';

export type Outcome =
  | { kind: 'done' }
  | { kind: 'wait'; reason: string; delayMs: number; isProgress: boolean }
  | { kind: 'retry'; reason: string; delayMs: number }
  /** Release only: something of ours is still there, so all stages release once more. */
  | { kind: 'again'; reason: string }
  | { kind: 'fail'; failure: Omit<Failure, 'stage' | 'action' | 'atMs'> };

/** What a turn has learnt, recorded together with its outcome. */
export interface Learnt {
  outputs?: Record<string, unknown>;
  resources?: Resource[];
  tokens?: Record<string, TokenState>;
  conditions?: Condition[];
  /** What the stage left as it was found, since the request does not write it. */
  kept?: Kept[];
  /** Created in this turn: orphans if the outcome comes too late. */
  created: Resource[];
}

export type Claim =
  | { kind: 'run'; record: DeploymentRecord }
  | { kind: 'drop'; reason: string }
  /** The turn is over, and this very message served it: its messages may not have gone out. */
  | { kind: 'resend'; sends: PlannedMessage[] }
  /** Another message holds the lease, or the other direction may still be acting: come again at `atMs`. */
  | { kind: 'busy'; atMs: number; reason: string };

/** How often a release looks whether the apply that it waits for has ended. */
const lookAtApplyMs = 4000;

/**
 * Decides what becomes of a message.
 *
 * @param settleMs - how long after the end of an apply's lease a call of it may still take effect (the longest read timeout).
 */
export function claim(
  record: DeploymentRecord,
  message: StageMessage,
  messageId: string,
  now: { nowMs: number; leaseMs: number; settleMs: number },
): Claim {
  const { stage, action } = message;
  if (message.epoch !== record.epoch) {
    // The message whose turn began this epoch: what begins it may not have gone out.
    if (record.begunBy?.messageId === messageId) return { kind: 'resend', sends: record.begunBy.sends };
    return { kind: 'drop', reason: `epoch ${message.epoch} is not the deployment's epoch ${record.epoch}` };
  }
  if (action !== actionOf(record)) return { kind: 'drop', reason: `the deployment is to be ${record.desired}` };
  const progress = record.stages[stage][action];
  if (message.turn < progress.turn)
    return progress.claimedBy === messageId && message.turn === progress.turn - 1
      ? { kind: 'resend', sends: progress.sends }
      : { kind: 'drop', reason: `turn ${message.turn} has been served` };
  if (message.turn > progress.turn)
    return { kind: 'drop', reason: `turn ${message.turn} is ahead of the record's ${progress.turn}` };
  if (progress.state === 'pending' || progress.state === 'done' || progress.state === 'failed')
    return { kind: 'drop', reason: `the stage is ${progress.state}` };
  if (progress.lease !== undefined && progress.lease.messageId !== messageId && progress.lease.untilMs > now.nowMs)
    return { kind: 'busy', atMs: progress.lease.untilMs, reason: 'another message holds the lease' };
  const applyingUntilMs = lastSignOf(record.stages[stage].apply) + now.settleMs;
  if (action === 'release' && applyingUntilMs > now.nowMs)
    return {
      kind: 'busy',
      atMs: Math.min(applyingUntilMs, now.nowMs + lookAtApplyMs),
      reason: 'a call of the apply may still take effect',
    };
  // The holder of a lease that stands has not written: crashed, or still at it where one message was delivered twice.
  const overtakenUntilMs = lastSignOf(progress);
  return {
    kind: 'run',
    record: withProgress(record, stage, action, {
      state: 'running',
      lease: { messageId, untilMs: now.nowMs + now.leaseMs },
      overtakenUntilMs: overtakenUntilMs + now.settleMs > now.nowMs ? overtakenUntilMs : undefined,
      ...withoutLateness(progress, now.nowMs),
      dueAtMs: now.nowMs + now.leaseMs,
      startedAtMs: progress.startedAtMs ?? now.nowMs,
    }),
  };
}

/** A wait is bounded, but the time in which nobody looked, because the message was late or lost, does not count. */
const withoutLateness = ({ waitingSinceMs, dueAtMs }: Progress, nowMs: number): Change =>
  waitingSinceMs === undefined || dueAtMs === undefined || dueAtMs >= nowMs
    ? {}
    : { waitingSinceMs: waitingSinceMs + nowMs - dueAtMs };

/** Until when a function of this stage may be at work; 0 if none is. */
const lastSignOf = ({ lease, overtakenUntilMs }: Progress): number =>
  Math.max(lease?.untilMs ?? 0, overtakenUntilMs ?? 0);

/** Whether the turn that `messageId` claimed is still this message's. */
export function holdsTurn(record: DeploymentRecord, message: StageMessage, messageId: string): boolean {
  const progress = record.stages[message.stage][message.action];
  return message.epoch === record.epoch && message.turn === progress.turn && progress.lease?.messageId === messageId;
}

/**
 * Ends a turn. The caller must have checked `holdsTurn` on this very record.
 * What it returns as `sends` stands in the record too, for the redelivery after a crash.
 */
export function finishTurn(
  record: DeploymentRecord,
  message: StageMessage,
  messageId: string,
  outcome: Outcome,
  learnt: Learnt,
  nowMs: number,
): { record: DeploymentRecord; sends: PlannedMessage[] } {
  const { stage, action } = message;
  const before = record.stages[stage][action];
  let next = learn(record, stage, learnt);
  const common: Change = { turn: before.turn + 1, lease: undefined, claimedBy: messageId };
  let sends: PlannedMessage[] = [];
  switch (outcome.kind) {
    case 'wait':
      next = withProgress(next, stage, action, {
        ...common,
        state: 'waiting',
        attempts: 0,
        waits: before.waits + 1,
        waitingSinceMs: outcome.isProgress ? nowMs : (before.waitingSinceMs ?? nowMs),
        reason: outcome.reason,
        dueAtMs: nowMs + outcome.delayMs,
      });
      sends = [{ stage, turn: before.turn + 1, delayMs: outcome.delayMs }];
      break;
    case 'retry':
      next = withProgress(next, stage, action, {
        ...common,
        // An unanswered call may still take effect: a release that comes now must wait for that.
        lease: { messageId, untilMs: nowMs },
        state: 'waiting',
        attempts: before.attempts + 1,
        reason: outcome.reason,
        dueAtMs: nowMs + outcome.delayMs,
      });
      sends = [{ stage, turn: before.turn + 1, delayMs: outcome.delayMs }];
      break;
    case 'fail':
      next = withProgress(next, stage, action, {
        ...common,
        state: 'failed',
        finishedAtMs: nowMs,
        reason: outcome.failure.message,
        dueAtMs: undefined,
      });
      ({ record: next, sends } = afterFailure(next, { ...outcome.failure, stage, action, atMs: nowMs }, messageId));
      break;
    case 'again':
      next = withProgress(next, stage, action, { ...common, state: 'waiting', reason: outcome.reason });
      ({ record: next, sends } = startRelease({ ...next, passes: (next.passes ?? 1) + 1 }, nowMs, {
        begunBy: messageId,
      }));
      break;
    case 'done':
      next = withProgress(next, stage, action, {
        ...common,
        state: 'done',
        attempts: 0,
        finishedAtMs: nowMs,
        reason: undefined,
        waitingSinceMs: undefined,
        dueAtMs: undefined,
      });
      // After a failure elsewhere what is under way ends, and nothing new begins: `retry` or the rollback go on from there.
      if (next.status !== 'failed')
        ({ record: next, sends } = queueReady(next, successors(stage, action), action, nowMs));
      next = settle(next, nowMs);
      break;
  }
  // An epoch change (rollback) restarts progress of its own; only the same direction keeps the planned messages.
  if (next.epoch === record.epoch) next = withProgress(next, stage, action, { sends });
  return { record: { ...next, updatedAtMs: nowMs }, sends };
}

function learn(record: DeploymentRecord, stage: StageName, learnt: Learnt): DeploymentRecord {
  const { kept: _kept, ...before } = record.stages[stage];
  return {
    ...record,
    conditions: learnt.conditions ?? record.conditions,
    stages: {
      ...record.stages,
      [stage]: {
        ...before,
        outputs: { ...before.outputs, ...learnt.outputs },
        resources: learnt.resources ?? withCreated(before.resources, learnt.created),
        tokens: { ...before.tokens, ...learnt.tokens },
        ...(learnt.kept === undefined || learnt.kept.length === 0 ? {} : { kept: learnt.kept }),
      },
    },
  };
}

/** A turn that ended in an error lists nothing, and yet what it made before that is there. */
const withCreated = (resources: Resource[], created: Resource[]): Resource[] => [
  ...resources,
  ...created.filter(({ id }) => !resources.some((known) => known.id === id)),
];

/** The status that follows from the stages. */
function settle(record: DeploymentRecord, nowMs: number): DeploymentRecord {
  const action = actionOf(record);
  if (!stageNames.every((name) => isFinished(record, name, action))) return record;
  if (action === 'apply') {
    const { failure: _failure, unsettled: _unsettled, ...rest } = record;
    return { ...rest, status: 'ready', readyAtMs: record.readyAtMs ?? nowMs };
  }
  const { passes: _passes, ...rest } = record;
  if (record.afterRelease === 'failed') return { ...rest, status: 'failed', releasedAtMs: nowMs, orphans: [] };
  const { failure: _failure, ...clean } = rest;
  return { ...clean, status: 'released', releasedAtMs: nowMs, orphans: [] };
}

/** Whether any stage has tried to make or change something: then there is something to roll back. */
const hasTouched = (record: DeploymentRecord): boolean =>
  stageNames.some((name) => {
    const { tokens, outputs, resources } = record.stages[name];
    return (
      name !== 'preflight' &&
      (Object.keys(tokens).length > 0 || Object.keys(outputs).length > 0 || resources.some(({ created }) => created))
    );
  });

/**
 * A deployment that has never been ready is rolled back, unless its request says otherwise or nothing was touched. One
 * that served once is not: a failed repair must not take the service away.
 */
function afterFailure(
  record: DeploymentRecord,
  failure: Failure,
  messageId: string,
): { record: DeploymentRecord; sends: PlannedMessage[] } {
  // The release stays open: the reason stands in the record, and DELETE begins anew.
  if (failure.action === 'release') {
    const rollbackOf = record.failure?.action === 'apply' ? record.failure : record.failure?.rollbackOf;
    return { record: { ...record, failure: { ...failure, ...(rollbackOf && { rollbackOf }) } }, sends: [] };
  }
  if (record.status === 'failed') return { record, sends: [] };
  const failed: DeploymentRecord = { ...record, status: 'failed', failure };
  if (record.spec.onFailure === 'retain' || record.readyAtMs !== undefined) return { record: failed, sends: [] };
  if (!hasTouched(record)) return { record: { ...failed, rolledBack: true }, sends: [] };
  return startRelease({ ...failed, afterRelease: 'failed', liftProtection: true, rolledBack: true }, failure.atMs, {
    begunBy: messageId,
  });
}

/**
 * What a turn created although the deployment has moved on: remembered as orphans, and its lease is given back.
 */
export function recordOvertaken(
  record: DeploymentRecord,
  message: StageMessage,
  messageId: string,
  learnt: Learnt,
  nowMs: number,
): DeploymentRecord {
  const { stage, action } = message;
  const known = new Set(record.orphans.map((orphan) => orphan.id));
  const orphans = learnt.created.filter(({ id }) => !known.has(id)).map((resource) => ({ ...resource, stage }));
  let next: DeploymentRecord = { ...record, updatedAtMs: nowMs, orphans: [...record.orphans, ...orphans] };
  if (next.stages[stage][action].lease?.messageId === messageId)
    next = withProgress(next, stage, action, { lease: { messageId, untilMs: nowMs } });
  return next;
}

/** Queues the first stages of a new record. */
export function begin(record: DeploymentRecord, nowMs: number): { record: DeploymentRecord; sends: PlannedMessage[] } {
  const action = actionOf(record);
  return queueReady(record, firstStages(action), action, nowMs);
}

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
    if (progress.state !== 'queued' && progress.state !== 'waiting' && progress.state !== 'running') continue;
    if ((progress.dueAtMs ?? 0) + lostAfterMs > nowMs) continue;
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
  if (progress.state !== 'queued' && progress.state !== 'waiting' && progress.state !== 'running') return undefined;
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

export const messageOf = (record: DeploymentRecord, planned: PlannedMessage, version: number): StageMessage => ({
  v: version,
  deploymentId: record.deploymentId,
  stage: planned.stage,
  action: actionOf(record),
  epoch: record.epoch,
  turn: planned.turn,
});
