import type { AlbClient } from './alibaba/alb-client.ts';
import type { CertificatesClient } from './alibaba/certificates-client.ts';
import type { DnsClient } from './alibaba/dns-client.ts';
import type { EcsClient } from './alibaba/ecs-client.ts';
import type { ResourceManagerClient } from './alibaba/resource-manager-client.ts';
import type { VpcClient } from './alibaba/vpc-client.ts';
import type { Budget } from './budget.ts';
import type { Config } from './config.ts';
import type { StageOutputs } from './deployment/outputs.ts';
import type { Condition, DeploymentRecord, Resource } from './deployment/record.ts';
import type { Problem, Spec } from './deployment/spec.ts';
import type { Log } from './log.ts';
import type { Mark } from './marks.ts';
import type { Dial } from './net/dial.ts';
import type { Resolver } from './net/resolver.ts';
import type { StageName } from './pipeline.ts';
import type { Groups } from './store/groups.ts';

/** The clients of the cloud's services, each built when first used. */
export interface Clouds {
  vpc: VpcClient;
  ecs: EcsClient;
  alb: AlbClient;
  dns: DnsClient;
  certificates: CertificatesClient;
  resourceManager: ResourceManagerClient;
}

export interface StageProblem extends Problem {
  code: string;
  remedy: string;
  /** The vendor's, where an answer was the problem. */
  requestId?: string;
}

export type StageResult<Outputs> =
  | { kind: 'done'; outputs: Outputs; resources: Resource[]; conditions?: Condition[] }
  /** `own` is recorded now, so that the next turn knows what this one made. */
  | {
      kind: 'wait';
      reason: string;
      own?: Partial<Outputs>;
      resources?: Resource[];
      afterMs?: number;
      conditions?: Condition[];
    }
  | { kind: 'fail'; code: string; reason: string; remedy?: string; problems?: StageProblem[]; requestId?: string }
  /** Release only: nothing of ours is left. */
  | { kind: 'gone'; own?: Partial<Outputs> }
  /** Release only: something of ours has turned up again, so all stages must release once more. */
  | { kind: 'again'; reason: string; own?: Partial<Outputs> };

/** One of several things to put right in what takes one change at a time. */
export interface Mending {
  purpose: string;
  params: unknown;
  call: (clientToken: string) => Promise<unknown>;
  /** What there is to wait for then. */
  reason: string;
}

/** A difference that nothing here repairs. */
export interface Shown {
  message: string;
  remedy: string;
  /** An alert of its own reports it: the drift alert does not repeat it. */
  hasOwnAlert?: boolean;
}

/**
 * Everything a stage gets. It reads no environment, no clock of its own, and builds no client. Whatever talks to a network (the
 * clients, `dial`, `resolver`, `groups`) is bound to the budget of the turn: when that ends, a call under way is given up and
 * none is begun, with an `OutOfTimeError`, which a stage leaves alone. The turn then ends by itself and counts as an attempt.
 */
export interface StageContext<N extends StageName> extends Clouds {
  readonly spec: Spec;
  readonly record: DeploymentRecord;
  readonly config: Config;
  /** Outputs of the stages that are done. */
  readonly outputs: { readonly [K in StageName]: StageOutputs[K] };
  /** The release of this stage was kept from going on when it was tried last. */
  readonly isBlocked: boolean;
  /** What earlier turns of this stage have recorded. */
  readonly own: Partial<StageOutputs[N]>;
  readonly nowMs: number;
  /** How long this stage has been waiting without progress; 0 on its first turn. */
  readonly waitedMs: number;
  /** How long ago the first turn of this stage began. */
  readonly elapsedMs: number;
  readonly log: Log;
  /** How much time is left, for loops that would rather end with what they have. */
  readonly budget: Budget;
  readonly dial: Dial;
  readonly resolver: Resolver;
  /** Who shares rules of groups that others own. It is written within `change` only. */
  readonly groups: Groups;
  /**
   * Decides which value of a field is to stand: the request's, or the one that was found where the request does not write
   * the field and somebody has changed it by hand. What is left so is reported as kept.
   *
   * @param field - its path in the request, which docs/changes.md lists; of a server `backends.NAME.weight`.
   */
  choose<T>(field: string, found: T, wanted: T): T;
  /** Tags that prove a resource to be this stage's, of this deployment; `part` tells several apart. */
  mark(part?: string): Mark;
  /** The mark for what takes only a description. */
  readonly markText: string;
  /**
   * Creates something once: freezes `params` to a client token, checks that the deployment still wants it, then calls.
   * The same purpose with the same parameters gets the same token until the call is refused for good or its result is
   * found gone.
   *
   * @param resource - type of what is created, for the record.
   * @throws OvertakenError when a release was asked for in between; NotShownError while the one that was made last may still
   * show; PermanentError when two did not.
   */
  create(
    purpose: string,
    resource: string,
    params: unknown,
    call: (clientToken: string) => Promise<string>,
  ): Promise<string>;
  /**
   * A changing call other than a create, with a client token of its own per turn and parameters. That it is asked for again
   * means that it had no effect: after two times it fails. A call that answers `false` has changed nothing yet.
   *
   * @param options - `isEffectOpen`: whether it had an effect cannot be seen, or does not matter.
   * @throws as `create`.
   */
  change<T>(
    purpose: string,
    params: unknown,
    call: (clientToken: string) => Promise<T>,
    options?: { isEffectOpen?: boolean },
  ): Promise<T>;
  /**
   * The first of several changes; the others have their turn when they are looked at again. All of them are told where
   * drift is looked for.
   *
   * @returns what there is to wait for; undefined where there is nothing to put right.
   */
  mend(mendings: Mending[]): Promise<string | undefined>;
  /**
   * Says of a difference that an apply leaves as it is, since it is for people to end it: shown where drift is looked for.
   */
  show(difference: Shown): void;
  /** Records outputs at once, before a call that could not be made out afterwards. @throws OvertakenError as `create`. */
  remember(own: Partial<StageOutputs[N]>): Promise<void>;
}

export interface Stage<N extends StageName = StageName> {
  readonly name: N;
  /** Waiting longer than this without progress fails the stage. */
  readonly longestWaitMs: number;
  apply(context: StageContext<N>): Promise<StageResult<StageOutputs[N]>>;
  release(context: StageContext<N>): Promise<StageResult<StageOutputs[N]>>;
}

export const defineStage = <N extends StageName>(stage: Stage<N>): Stage<N> => stage;

export const done = <Outputs>(
  outputs: Outputs,
  resources: Resource[],
  conditions?: Condition[],
): StageResult<Outputs> => ({
  kind: 'done',
  outputs,
  resources,
  ...(conditions === undefined ? {} : { conditions }),
});

/** Not ready yet; `own` is recorded, so that the next turn knows what this one made. */
export const wait = <Own extends object = never>(
  reason: string,
  more: { own?: Own; resources?: Resource[]; afterMs?: number; conditions?: Condition[] } = {},
): { kind: 'wait'; reason: string; own?: Own; resources?: Resource[]; afterMs?: number; conditions?: Condition[] } => ({
  kind: 'wait',
  reason,
  ...more,
});

export const fail = (
  code: string,
  reason: string,
  more: { remedy?: string; problems?: StageProblem[]; requestId?: string } = {},
): StageResult<never> => ({
  kind: 'fail',
  code,
  reason,
  ...more,
});

export const gone = <Own extends object = never>(own?: Own): { kind: 'gone'; own?: Own } => ({
  kind: 'gone',
  ...(own === undefined ? {} : { own }),
});
