/**
 * The life of a deployment as pure functions: record and event in, record and messages out. No clock, no I/O.
 * Every function leaves its argument as it is and returns a changed copy.
 */
import { isAhead, noLater } from '../ahead.ts';
import { firstStages, type StageName, stageNames, successors } from '../pipeline.ts';
import type { StageMessage } from '../messages.ts';
import type { Kept } from './explicit.ts';
import { actionOf, type Change, isFinished, queueReady, withoutLateness, withProgress } from './progress.ts';
import type {
  Condition,
  DeploymentRecord,
  Failure,
  MadeChange,
  Obstacle,
  PlannedMessage,
  Progress,
  Resource,
  TokenState,
} from './record.ts';
import { startRelease } from './requests.ts';

export type Outcome =
  | { kind: 'done' }
  | { kind: 'wait'; reason: string; delayMs: number; isProgress: boolean }
  | { kind: 'retry'; reason: string; delayMs: number }
  /** Its budget ended first. `isProgress`: it had come further than the turn before. */
  | { kind: 'out-of-time'; reason: string; delayMs: number; isProgress: boolean }
  /** Release only: something of ours is still there, so all stages release once more. */
  | { kind: 'again'; reason: string }
  /** Apply only. */
  | { kind: 'fail'; failure: Omit<Failure, 'stage' | 'action' | 'atMs'> }
  /** Release only: it cannot go on, and is tried again for as long as it takes. */
  | {
      kind: 'blocked';
      failure: Omit<Failure, 'stage' | 'action' | 'atMs'>;
      delayMs: number;
      /** It will not pass by itself, or has lasted already: people are shown it at once. */
      isCertain: boolean;
      /** What it still waits for, longer than it may take. */
      waitsFor?: string;
    };

/** What a turn has learnt, recorded together with its outcome. */
export interface Learnt {
  outputs?: Record<string, unknown>;
  resources?: Resource[];
  tokens?: Record<string, TokenState>;
  changes?: Record<string, MadeChange>;
  conditions?: Condition[];
  /** What the stage left as it was found, since the request does not write it. */
  kept?: Kept[];
  /** Created in this turn: orphans if the outcome comes too late. */
  created: Resource[];
}

export type Claim =
  /** `cutOff`: this turn was claimed before, and that claim never came to its end. */
  | { kind: 'run'; record: DeploymentRecord; cutOff?: CutOff }
  | { kind: 'drop'; reason: string }
  /** The turn is over, and this very message served it: its messages may not have gone out. */
  | { kind: 'resend'; sends: PlannedMessage[] }
  /** Another message holds the lease, or the other direction may still be acting: come again at `atMs`. */
  | { kind: 'busy'; atMs: number; reason: string };

/** A claim that never came to its end: the function was killed, by its timeout or otherwise. */
export interface CutOff {
  beganMs: number;
  /** How often this turn was cut off in a row without progress. */
  times: number;
}

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
  const isOver = progress.state === 'done' || (progress.state === 'failed' && action === 'apply');
  if (progress.state === 'pending' || isOver) return { kind: 'drop', reason: `the stage is ${progress.state}` };
  const { lease } = progress;
  // None lasts longer: a clock was ahead, or somebody else has written it.
  const isVoid = lease !== undefined && isAhead(lease.untilMs, now.nowMs + now.leaseMs);
  if (lease !== undefined && lease.messageId !== messageId && lease.untilMs > now.nowMs && !isVoid)
    return { kind: 'busy', atMs: lease.untilMs, reason: 'another message holds the lease' };
  const applyingUntilMs = lastSignOf(record.stages[stage].apply, now) + now.settleMs;
  if (action === 'release' && applyingUntilMs > now.nowMs)
    return {
      kind: 'busy',
      atMs: Math.min(applyingUntilMs, now.nowMs + lookAtApplyMs),
      reason: 'a call of the apply may still take effect',
    };
  const cutOff = cutOffOf(progress, now.leaseMs);
  // The holder of a lease that stands has not written: crashed, or still at it where one message was delivered twice.
  const overtakenUntilMs = lastSignOf(progress, now);
  return {
    kind: 'run',
    record: withProgress(record, stage, action, {
      state: 'running',
      lease: { messageId, untilMs: now.nowMs + now.leaseMs },
      overtakenUntilMs: overtakenUntilMs + now.settleMs > now.nowMs ? overtakenUntilMs : undefined,
      ...withoutLateness(progress, now.nowMs),
      dueAtMs: now.nowMs + now.leaseMs,
      startedAtMs: noLater(progress.startedAtMs ?? now.nowMs, now.nowMs),
      cutOffs: cutOff?.times,
    }),
    ...(cutOff === undefined ? {} : { cutOff }),
  };
}

/** The claim before this one, where it has written nothing. A lease that was given back tells of none. */
function cutOffOf({ state, lease, cutOffs = 0 }: Progress, leaseMs: number): CutOff | undefined {
  if (state !== 'running' || lease === undefined) return undefined;
  return { beganMs: lease.untilMs - leaseMs, times: cutOffs + 1 };
}

/** Tries of a stage since the last that went on: turns that ended in an error, and those that were cut off. */
export const attemptsOf = ({ attempts, cutOffs = 0 }: Progress): number => attempts + cutOffs;

/** Until when a function of this stage may be at work; 0 if none is. */
const lastSignOf = ({ lease, overtakenUntilMs }: Progress, now: { nowMs: number; leaseMs: number }): number => {
  const signs = [lease?.untilMs ?? 0, overtakenUntilMs ?? 0];
  return Math.max(0, ...signs.filter((untilMs) => !isAhead(untilMs, now.nowMs + now.leaseMs)));
};

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
  let next = learn(record, stage, learnt, outcome.kind === 'done');
  const common: Change = { turn: before.turn + 1, lease: undefined, claimedBy: messageId, cutOffs: undefined };
  let sends: PlannedMessage[] = [];
  switch (outcome.kind) {
    case 'wait':
      next = withProgress(next, stage, action, {
        ...common,
        state: 'waiting',
        attempts: 0,
        waits: before.waits + 1,
        waitingSinceMs: outcome.isProgress ? nowMs : noLater(before.waitingSinceMs ?? nowMs, nowMs),
        reason: outcome.reason,
        obstacle: undefined,
        dueAtMs: nowMs + outcome.delayMs,
      });
      sends = [{ stage, turn: before.turn + 1, delayMs: outcome.delayMs }];
      break;
    case 'blocked': {
      const obstacle = obstacleOf(before.obstacle, outcome, nowMs);
      next = withProgress(next, stage, action, {
        ...common,
        state: 'waiting',
        attempts: attemptsOf(before) + 1,
        reason: outcome.waitsFor ?? outcome.failure.message,
        // Once it goes on, what it waits for then has its own time.
        waitingSinceMs: outcome.waitsFor === undefined ? undefined : before.waitingSinceMs,
        obstacle,
        dueAtMs: nowMs + outcome.delayMs,
      });
      if (obstacle.isShown) next = { ...next, wasBlocked: true };
      sends = [{ stage, turn: before.turn + 1, delayMs: outcome.delayMs }];
      break;
    }
    case 'retry':
    case 'out-of-time':
      next = withProgress(next, stage, action, {
        ...common,
        // An unanswered call may still take effect: a release that comes now must wait for that.
        lease: { messageId, untilMs: nowMs },
        state: 'waiting',
        attempts: (outcome.kind === 'out-of-time' && outcome.isProgress ? 0 : attemptsOf(before)) + 1,
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
      // It is not gone by beginning once more.
      next = withProgress(next, stage, action, { obstacle: before.obstacle });
      break;
    case 'done':
      next = withProgress(next, stage, action, {
        ...common,
        state: 'done',
        attempts: 0,
        finishedAtMs: nowMs,
        reason: undefined,
        waitingSinceMs: undefined,
        obstacle: undefined,
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

/** People are shown what has been refused so often. */
const shownAfter = 3;

function obstacleOf(
  before: Obstacle | undefined,
  { failure, isCertain }: Outcome & { kind: 'blocked' },
  nowMs: number,
): Obstacle {
  const { code, message, remedy, requestId } = failure;
  const times = (before?.times ?? 0) + 1;
  return {
    code,
    message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(requestId === undefined ? {} : { requestId }),
    sinceMs: before?.sinceMs ?? nowMs,
    atMs: nowMs,
    times,
    isShown: isCertain || times >= shownAfter || before?.isShown === true,
  };
}

function learn(record: DeploymentRecord, stage: StageName, learnt: Learnt, isDone: boolean): DeploymentRecord {
  const { changes, kept: _kept, ...before } = record.stages[stage];
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
        ...(isDone || (changes === undefined && learnt.changes === undefined)
          ? {}
          : { changes: { ...changes, ...learnt.changes } }),
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
  if (record.afterRelease === 'failed') {
    // A former version put the failure of the release in the place of what was being rolled back.
    const failure = record.failure?.rollbackOf ?? record.failure;
    return { ...rest, ...(failure && { failure }), status: 'failed', releasedAtMs: nowMs, orphans: [] };
  }
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

export const messageOf = (record: DeploymentRecord, planned: PlannedMessage, version: number): StageMessage => ({
  v: version,
  deploymentId: record.deploymentId,
  stage: planned.stage,
  action: actionOf(record),
  epoch: record.epoch,
  turn: planned.turn,
});
