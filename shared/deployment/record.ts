import type { Action, StageName } from '../pipeline.ts';
import { stageNames } from '../pipeline.ts';
import type { ZoneState } from '../zones-in-service.ts';
import type { Kept } from './explicit.ts';
import type { StageOutputs } from './outputs.ts';
import type { Problem, Spec } from './spec.ts';

/** Something in the cloud that a stage uses. `created`: it bears our mark, so release deletes it. */
export interface Resource {
  type: string;
  id: string;
  created: boolean;
}

export interface Failure {
  stage: StageName;
  action: Action;
  code: string;
  /** A sentence a person can act on. */
  message: string;
  remedy?: string;
  /** The vendor's request id, for its support. */
  requestId?: string;
  problems?: (Problem & { code: string; remedy: string; requestId?: string })[];
  /** What was being rolled back when this went wrong. */
  rollbackOf?: Failure;
  atMs: number;
}

/** What keeps a stage from releasing. It is tried again, with growing pauses, until that has passed. */
export interface Obstacle {
  code: string;
  message: string;
  remedy?: string;
  requestId?: string;
  /** When it was met first in a row. */
  sinceMs: number;
  atMs: number;
  /** How often it was met in a row. */
  times: number;
  /** It is more than a passing refusal: people are shown it. */
  isShown: boolean;
}

/** A message that goes out once the write that planned it has succeeded. */
export interface PlannedMessage {
  stage: StageName;
  turn: number;
  delayMs: number;
}

/**
 * pending: its needs are not met. queued: its first message is out. running: a turn holds the lease.
 * waiting: the next turn's message is out, delayed.
 */
export type ProgressState = 'pending' | 'queued' | 'running' | 'waiting' | 'done' | 'failed';

/** How far one stage is in one direction. */
export interface Progress {
  state: ProgressState;
  turn: number;
  lease?: { messageId: string; untilMs: number };
  /** Claims of this turn that never came to their end, in a row and without progress: the function was killed. */
  cutOffs?: number;
  /** Until when a function may still be at it whose lease another one took over. */
  overtakenUntilMs?: number;
  /** The message that served the turn before this one: its redelivery sends `sends` again. */
  claimedBy?: string;
  sends: PlannedMessage[];
  /** When the message of this turn is due; the sweep looks at it. */
  dueAtMs?: number;
  /** Turns that ended in a retryable error since the last that did not. */
  attempts: number;
  /** All turns that ended in a wait. */
  waits: number;
  startedAtMs?: number;
  finishedAtMs?: number;
  /** Since when it has been waiting without progress: the bound of `longestWaitMs` counts from here. */
  waitingSinceMs?: number;
  /** Why it waits or what went wrong last. */
  reason?: string;
  /** Of a release that was kept from going on when it was tried last. */
  obstacle?: Obstacle;
}

/** What makes a client token: frozen parameters, and which generation of them. */
export interface TokenState {
  generation: number;
  hash: string;
  /** The id that the create of this generation answered. */
  resultId?: string;
  /** It made nothing that is still there: refused for good, or gone since. The next create takes the next generation. */
  isSpent?: boolean;
  /** In which epoch and when its create answered, and how often in that epoch one before it was not there afterwards. */
  made?: { epoch: number; atMs: number; lost: number };
}

/** A change that was answered with success, and that the looks since then still ask for. */
export interface MadeChange {
  /** When it was counted last. */
  atMs: number;
  /** How often it had no effect. */
  failures: number;
}

export interface StageRecord {
  apply: Progress;
  /** `failed` is in records of former versions only: it is tried again like anything that waits. */
  release: Progress;
  /** What later stages and the release know of this one; grows turn by turn. */
  outputs: Partial<Record<string, unknown>>;
  resources: Resource[];
  tokens: Record<string, TokenState>;
  /** What the last apply found changed by hand and left so. */
  kept?: Kept[];
  /** By purpose and parameters; absent where the stage has made none since it began. */
  changes?: Record<string, MadeChange>;
}

/** `repairing`: it has been ready, and its stages look again; it serves meanwhile. */
export type DeploymentStatus = 'provisioning' | 'ready' | 'repairing' | 'failed' | 'releasing' | 'released';

export type ConditionStatus = 'True' | 'False' | 'Unknown';
export interface Condition {
  type: 'HealthyByApi' | 'AnswersOverIpv6' | 'AnswersOverIpv4' | 'NameResolves' | 'ZonesInService';
  status: ConditionStatus;
  reason: string;
  message: string;
  vantage?: string;
  scope?: string;
  /** Of `ZonesInService`: as the load balancer declares them. The probe keeps them up to date. */
  zones?: ZoneState[];
  atMs: number;
}

/** The state of a deployment: one row, changed by compare-and-swap on `version` only. */
export interface DeploymentRecord {
  schema: 1;
  deploymentId: string;
  /** Counts the writes. */
  version: number;
  spec: Spec;
  /** Fields that the request wrote, by path; absent in records of versions that did not keep it: all count as written. */
  explicit?: string[];
  /** Fields that a change of the request has made others, until it is ready again with them. */
  unsettled?: string[];
  status: DeploymentStatus;
  desired: 'ready' | 'released';
  epoch: number;
  /** What `status` becomes when a release is finished: a rolled back deployment is `failed`. */
  afterRelease: 'released' | 'failed';
  /** Its failure was answered by a release of everything. */
  rolledBack?: boolean;
  /** The release may lift deletion protection. */
  liftProtection?: boolean;
  /** Its release was shown as blocked: the sweep takes the alert back. */
  wasBlocked?: true;
  /** Times that the release has gone through all stages, while it runs more than once. */
  passes?: number;
  /** The message whose turn began this epoch, and the messages that begin it. */
  begunBy?: { messageId: string; sends: PlannedMessage[] };
  createdAtMs: number;
  updatedAtMs: number;
  readyAtMs?: number;
  releasedAtMs?: number;
  failure?: Failure;
  conditions: Condition[];
  /** Created by a turn that an epoch change overtook: the release must find them gone. */
  orphans: (Resource & { stage: StageName })[];
  stages: Record<StageName, StageRecord>;
}

export const freshProgress = (): Progress => ({ state: 'pending', turn: 0, sends: [], attempts: 0, waits: 0 });

export function newRecord(deploymentId: string, spec: Spec, nowMs: number, explicit?: string[]): DeploymentRecord {
  const stages = {} as Record<StageName, StageRecord>;
  for (const name of stageNames)
    stages[name] = { apply: freshProgress(), release: freshProgress(), outputs: {}, resources: [], tokens: {} };
  return {
    schema: 1,
    deploymentId,
    version: 0,
    spec,
    ...(explicit === undefined ? {} : { explicit }),
    status: 'provisioning',
    desired: 'ready',
    epoch: 0,
    afterRelease: 'released',
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    conditions: [],
    orphans: [],
    stages,
  };
}

/**
 * It has been ready and is to stay: it serves, also while a repair is under way and when one has failed. So long it is
 * probed, and must be.
 */
export const isServing = (record: DeploymentRecord): boolean =>
  record.readyAtMs !== undefined && record.desired === 'ready' && record.rolledBack !== true;

/** Zones of the load balancer as they were declared last; undefined where nobody has looked yet. */
export const knownZones = ({ conditions }: DeploymentRecord): ZoneState[] | undefined =>
  conditions.find(({ type }) => type === 'ZonesInService')?.zones;

/** Nothing is left in the cloud and nothing is under way: the sweep need not look at it. */
export const isOver = (record: DeploymentRecord): boolean =>
  record.status === 'released' || (record.status === 'failed' && record.rolledBack === true);

/** Outputs of a stage as far as they are known: complete once its apply is done. */
export const outputsOf = <N extends StageName>(record: DeploymentRecord, stage: N): Partial<StageOutputs[N]> =>
  record.stages[stage].outputs as Partial<StageOutputs[N]>;

/** Outputs of a stage that is done; a stage may read them of those it needs, directly or through others. */
export const doneOutputsOf = <N extends StageName>(record: DeploymentRecord, stage: N): StageOutputs[N] =>
  record.stages[stage].outputs as unknown as StageOutputs[N];
