import { chooser, type Kept } from './deployment/explicit.ts';
import { doneOutputsOf, outputsOf, type DeploymentRecord, type TokenState } from './deployment/record.ts';
import { holdsTurn, type Learnt } from './deployment/transitions.ts';
import { classify, OvertakenError } from './errors.ts';
import { lostCreates, nextChange } from './made-changes.ts';
import { clientTokenOf, fingerprint, markOf, markText } from './marks.ts';
import type { StageMessage } from './messages.ts';
import { type Action, type StageName, stageNames } from './pipeline.ts';
import type { Runtime } from './runtime.ts';
import type { Stage, StageContext } from './stage.ts';
import { valueAt } from './dictionary.ts';

/** The token of the next call: another generation for other parameters, after a refusal, and when what the last one made is gone. */
export function nextToken(before: TokenState | undefined, hash: string): TokenState {
  if (before === undefined) return { generation: 0, hash };
  if (before.hash !== hash || before.isSpent === true || before.resultId !== undefined)
    return { generation: before.generation + 1, hash };
  return before;
}

/** What a stage can see, without the means to change anything; clients are built when first used. */
export function readContext(
  stage: StageName,
  action: Action,
  record: DeploymentRecord,
  runtime: Runtime,
  { waitedMs = 0, keep = () => undefined }: { waitedMs?: number; keep?: (kept: Kept) => void } = {},
): Omit<StageContext<StageName>, 'create' | 'change' | 'mend' | 'show' | 'remember'> {
  const { deploymentId } = record;
  const { config, clouds, clock } = runtime;
  const nowMs = clock.nowMs();
  return {
    vpc: clouds.vpc,
    ecs: clouds.ecs,
    alb: clouds.alb,
    dns: clouds.dns,
    certificates: clouds.certificates,
    resourceManager: clouds.resourceManager,
    spec: record.spec,
    record,
    config,
    outputs: Object.fromEntries(stageNames.map((name) => [name, doneOutputsOf(record, name)])) as never,
    isBlocked: record.stages[stage].release.obstacle !== undefined && action === 'release',
    own: outputsOf(record, stage) as never,
    nowMs,
    waitedMs,
    elapsedMs: nowMs - (record.stages[stage][action].startedAtMs ?? nowMs),
    log: runtime.log,
    budget: runtime.budget,
    dial: runtime.dial,
    resolver: runtime.resolver,
    groups: runtime.groups,
    choose: chooser(record, keep),
    mark: (part) => markOf(config.name, deploymentId, stage, part),
    markText: markText(config.name, deploymentId, stage),
  };
}

/** The context of one turn: every change first makes sure that the deployment still wants it. */
export function createContext(
  stage: Stage,
  message: StageMessage,
  messageId: string,
  record: DeploymentRecord,
  learnt: Learnt & { latest: DeploymentRecord },
  runtime: Runtime,
  waitedMs: number,
): StageContext<StageName> {
  const { deploymentId } = record;
  const nowMs = runtime.clock.nowMs();

  /** Freezes the parameters in the record; the read is also the check that the deployment still wants this. */
  const freeze = async (purpose: string, hash: string | undefined): Promise<TokenState | undefined> => {
    let token: TokenState | undefined;
    const after = await runtime.deployments.update(
      deploymentId,
      (current) => {
        if (!holdsTurn(current, message, messageId))
          throw new OvertakenError(`deployment ${deploymentId} has moved on`);
        if (hash === undefined) return undefined;
        const known = current.stages[stage.name];
        // A second create of one purpose within a turn goes by what this turn has learnt.
        const before = valueAt(learnt.tokens ?? {}, purpose) ?? valueAt(known.tokens, purpose);
        token = nextToken(before, hash);
        if (token === valueAt(known.tokens, purpose)) return undefined;
        return {
          ...current,
          stages: { ...current.stages, [stage.name]: { ...known, tokens: { ...known.tokens, [purpose]: token } } },
        };
      },
      learnt.latest,
    );
    learnt.latest = after ?? learnt.latest;
    return token;
  };

  const change: StageContext<StageName>['change'] = async (purpose, params, call, { isEffectOpen = false } = {}) => {
    await freeze(purpose, undefined);
    const hash = fingerprint(params);
    const generation = `${message.action} ${purpose} ${message.epoch} ${hash}`;
    const key = `${purpose} ${hash}`;
    const known = valueAt(record.stages[stage.name].changes ?? {}, key);
    const { made, failure } = nextChange(isEffectOpen ? undefined : known, { purpose, params, nowMs });
    // A release goes on trying.
    if (failure !== undefined && message.action === 'apply') throw failure;
    const result = await call(clientTokenOf(deploymentId, stage.name, generation, message.turn));
    if (!isEffectOpen && result !== false) learnt.changes = { ...learnt.changes, [key]: made };
    if (failure !== undefined) throw failure;
    return result;
  };

  return {
    ...readContext(stage.name, message.action, record, runtime, {
      waitedMs,
      keep: (kept) => learnt.kept?.push(kept),
    }),
    change,
    show: () => undefined,
    async mend([first]) {
      if (first === undefined) return undefined;
      await change(first.purpose, first.params, first.call);
      return first.reason;
    },
    async create(purpose, resource, params, call) {
      const hash = fingerprint(params);
      const { epoch } = message;
      const known = valueAt(record.stages[stage.name].tokens, purpose);
      const lost = lostCreates(known, { purpose, params, epoch, nowMs });
      const token = (await freeze(purpose, hash)) as TokenState;
      try {
        const id = await call(clientTokenOf(deploymentId, stage.name, purpose, token.generation));
        const made = { epoch, atMs: nowMs, lost };
        learnt.tokens = { ...learnt.tokens, [purpose]: { ...token, resultId: id, made } };
        learnt.created.push({ type: resource, id, created: true });
        return id;
      } catch (error) {
        if (classify(error).rotatesToken) learnt.tokens = { ...learnt.tokens, [purpose]: { ...token, isSpent: true } };
        throw error;
      }
    },
    async remember(own) {
      learnt.outputs = { ...learnt.outputs, ...own };
      const after = await runtime.deployments.update(
        deploymentId,
        (current) => {
          if (!holdsTurn(current, message, messageId))
            throw new OvertakenError(`deployment ${deploymentId} has moved on`);
          const known = current.stages[stage.name];
          return {
            ...current,
            stages: { ...current.stages, [stage.name]: { ...known, outputs: { ...known.outputs, ...own } } },
          };
        },
        learnt.latest,
      );
      learnt.latest = after ?? learnt.latest;
    },
  };
}
