import { classify, OvertakenError } from './errors.ts';
import {
  doneOutputsOf,
  outputsOf,
  type DeploymentRecord,
  type PlannedMessage,
  type TokenState,
} from './deployment/record.ts';
import {
  claim,
  finishTurn,
  holdsTurn,
  type Learnt,
  messageOf,
  type Outcome,
  recordOvertaken,
} from './deployment/transitions.ts';
import type { StageOutputs } from './deployment/outputs.ts';
import { withFields } from './log.ts';
import { clientTokenOf, fingerprint, markOf, markText } from './marks.ts';
import { type Delivery, messageVersion, parseStageMessage, type StageMessage } from './messages.ts';
import { deadLetterQueue, pipeline, type StageName, stageNames } from './pipeline.ts';
import { lookAgainMs, retryDelayMs } from './retry.ts';
import type { Runtime } from './runtime.ts';
import type { Stage, StageContext, StageResult } from './stage.ts';

/** Retryable failures in a row that a stage may have: about ten minutes with back-off. */
const maxAttempts = 14;

/** Serves one message: claim, run, record, send. See "The life of a message" in the design. */
export async function serveMessage(stage: Stage, delivery: Delivery, runtime: Runtime): Promise<void> {
  const parsed = parseStageMessage(delivery.body);
  if ('reason' in parsed)
    return await deadLetter(runtime, stage.name, delivery, `not a message of this version: ${parsed.reason}`);
  const { message } = parsed;
  if (pipeline[message.stage].queue !== pipeline[stage.name].queue || message.stage !== stage.name)
    return await deadLetter(runtime, stage.name, delivery, `a message for stage ${message.stage}`);
  const log = withFields(runtime.log, {
    deploymentId: message.deploymentId,
    stage: stage.name,
    action: message.action,
    epoch: message.epoch,
    turn: message.turn,
  });
  const { config, clock } = runtime;

  let decision: ReturnType<typeof claim> | undefined;
  const claimed = await runtime.deployments.update(message.deploymentId, (record) => {
    decision = claim(record, message, delivery.messageId, {
      nowMs: clock.nowMs(),
      leaseMs: config.leaseMs,
      settleMs: config.readTimeoutMs,
    });
    return decision.kind === 'run' ? decision.record : undefined;
  });
  if (claimed === undefined || decision === undefined)
    return await deadLetter(runtime, stage.name, delivery, 'there is no such deployment');
  switch (decision.kind) {
    case 'drop':
      log('info', 'dropped a message', { reason: decision.reason });
      return;
    case 'resend':
      log('info', 'sending again what the served turn planned');
      return await sendAll(runtime, claimed, decision.sends);
    case 'busy':
      log('info', 'comes again later', { reason: decision.reason });
      return await runtime.queues.send(pipeline[stage.name].queue, message, decision.atMs - clock.nowMs() + 1000);
    case 'run':
  }

  const learnt: Learnt = { created: [] };
  const outcome = await runStage(stage, message, delivery.messageId, claimed, learnt, { ...runtime, log });
  let sends: PlannedMessage[] = [];
  const finished = await runtime.deployments.update(message.deploymentId, (record) => {
    if (outcome.kind !== 'overtaken' && holdsTurn(record, message, delivery.messageId)) {
      const next = finishTurn(record, message, delivery.messageId, outcome, learnt, clock.nowMs());
      ({ sends } = next);
      return next.record;
    }
    const progress = record.stages[stage.name][message.action];
    // Our own write did take effect, though its answer was lost and others have written since.
    if (
      record.epoch === message.epoch &&
      progress.claimedBy === delivery.messageId &&
      progress.turn === message.turn + 1
    ) {
      ({ sends } = progress);
      return undefined;
    }
    sends = [];
    return recordOvertaken(record, message, delivery.messageId, learnt, clock.nowMs());
  });
  if (finished === undefined) return;
  log(outcome.kind === 'fail' ? 'error' : outcome.kind === 'retry' ? 'warn' : 'info', `turn ended: ${outcome.kind}`, {
    ...('reason' in outcome ? { reason: outcome.reason } : {}),
    ...(outcome.kind === 'fail' ? { code: outcome.failure.code, reason: outcome.failure.message } : {}),
  });
  await sendAll(runtime, finished, sends);
  if (finished.status === 'released') await runtime.active.remove(finished.deploymentId);
}

export async function sendAll(runtime: Runtime, record: DeploymentRecord, sends: PlannedMessage[]): Promise<void> {
  for (const planned of sends)
    await runtime.queues.send(
      pipeline[planned.stage].queue,
      messageOf(record, planned, messageVersion),
      planned.delayMs,
    );
}

/** Puts away what can never be served, with the reason; the message counts as served then. */
async function deadLetter(runtime: Runtime, stage: StageName, delivery: Delivery, reason: string): Promise<void> {
  runtime.log('error', 'message put into the dead-letter queue', { stage, reason, messageId: delivery.messageId });
  const text = JSON.stringify(delivery.body) ?? '';
  await runtime.queues.send(deadLetterQueue, {
    kind: 'refused-message',
    queue: pipeline[stage].queue,
    messageId: delivery.messageId,
    reason,
    body: text.length > 20_000 ? `${text.slice(0, 20_000)}…` : text,
    atMs: runtime.clock.nowMs(),
  });
}

async function runStage(
  stage: Stage,
  message: StageMessage,
  messageId: string,
  record: DeploymentRecord,
  learnt: Learnt,
  runtime: Runtime,
): Promise<Outcome | { kind: 'overtaken' }> {
  const progress = record.stages[stage.name][message.action];
  const nowMs = runtime.clock.nowMs();
  const waitedMs = progress.waitingSinceMs === undefined ? 0 : nowMs - progress.waitingSinceMs;
  const context = createContext(stage, message, messageId, record, learnt, runtime, waitedMs);
  let result: StageResult<StageOutputs[StageName]>;
  try {
    result = await (message.action === 'apply' ? stage.apply(context) : stage.release(context));
  } catch (error) {
    if (error instanceof OvertakenError) return { kind: 'overtaken' };
    const known = classify(error);
    const { code, message: text, requestId, remedy } = known;
    const details = {
      code,
      message: text,
      ...(requestId === undefined ? {} : { requestId }),
      ...(remedy === undefined ? {} : { remedy }),
    };
    if (known.kind === 'permanent') return { kind: 'fail', failure: details };
    if (known.kind === 'wait') return waiting(stage, text, waitedMs, false, undefined, details);
    if (progress.attempts + 1 >= maxAttempts)
      return {
        kind: 'fail',
        failure: {
          ...details,
          message: `${text} (tried ${maxAttempts} times)`,
          remedy: remedy ?? 'Look at the state of the service, then retry the deployment.',
        },
      };
    return {
      kind: 'retry',
      reason: text,
      delayMs: retryDelayMs(progress.attempts + 1, { hintMs: known.retryAfterMs, random: runtime.random }),
    };
  }
  switch (result.kind) {
    case 'done':
      learnt.outputs = { ...learnt.outputs, ...result.outputs };
      learnt.resources = result.resources;
      if (result.conditions !== undefined) learnt.conditions = result.conditions;
      return { kind: 'done' };
    case 'gone':
      learnt.resources = [];
      return { kind: 'done' };
    case 'fail': {
      const { code, reason, remedy, problems, requestId } = result;
      return {
        kind: 'fail',
        failure: {
          code,
          message: reason,
          ...(remedy === undefined ? {} : { remedy }),
          ...(problems === undefined ? {} : { problems }),
          ...(requestId === undefined ? {} : { requestId }),
        },
      };
    }
    case 'wait': {
      const known = outputsOf(record, stage.name) as Record<string, unknown>;
      const own = result.own as Record<string, unknown> | undefined;
      const isProgress =
        own !== undefined &&
        Object.entries(own).some(([key, value]) => JSON.stringify(known[key]) !== JSON.stringify(value));
      if (own !== undefined) learnt.outputs = { ...learnt.outputs, ...own };
      if (result.resources !== undefined) learnt.resources = result.resources;
      if (result.conditions !== undefined) learnt.conditions = result.conditions;
      return waiting(stage, result.reason, isProgress ? 0 : waitedMs, isProgress, result.afterMs);
    }
  }
}

function waiting(
  stage: Stage,
  reason: string,
  waitedMs: number,
  isProgress: boolean,
  afterMs?: number,
  details?: { code: string; requestId?: string; remedy?: string },
): Outcome {
  if (waitedMs > stage.longestWaitMs)
    return {
      kind: 'fail',
      failure: {
        ...details,
        code: details?.code ?? `${stage.name}.timeout`,
        message: `waited ${Math.round(waitedMs / 1000)} s, longer than ${stage.name} may take: ${reason}`,
        remedy: details?.remedy ?? 'Look at the resource in the console, then retry the deployment or release it.',
      },
    };
  return { kind: 'wait', reason, isProgress, delayMs: afterMs ?? lookAgainMs(waitedMs) };
}

/** The token of the next call: another generation for other parameters, and when what the last one made is gone. */
export function nextToken(before: TokenState | undefined, hash: string): TokenState {
  if (before === undefined) return { generation: 0, hash };
  if (before.hash !== hash || before.resultId !== undefined) return { generation: before.generation + 1, hash };
  return before;
}

function createContext(
  stage: Stage,
  message: StageMessage,
  messageId: string,
  record: DeploymentRecord,
  learnt: Learnt,
  runtime: Runtime,
  waitedMs: number,
): StageContext<StageName> {
  const { deploymentId } = record;
  const { config, clouds } = runtime;
  const mark = (part?: string) => markOf(config.name, deploymentId, stage.name, part);

  /** Freezes the parameters in the record; the read is also the check that the deployment still wants this. */
  const freeze = async (purpose: string, hash: string | undefined): Promise<TokenState | undefined> => {
    let token: TokenState | undefined;
    await runtime.deployments.update(deploymentId, (current) => {
      if (!holdsTurn(current, message, messageId)) throw new OvertakenError(`deployment ${deploymentId} has moved on`);
      if (hash === undefined) return undefined;
      const known = current.stages[stage.name];
      // A second create of one purpose within a turn goes by what this turn has learnt.
      const before = learnt.tokens?.[purpose] ?? known.tokens[purpose];
      token = nextToken(before, hash);
      if (token === known.tokens[purpose]) return undefined;
      return {
        ...current,
        stages: { ...current.stages, [stage.name]: { ...known, tokens: { ...known.tokens, [purpose]: token } } },
      };
    });
    return token;
  };

  return {
    get vpc() {
      return clouds.vpc;
    },
    get ecs() {
      return clouds.ecs;
    },
    get alb() {
      return clouds.alb;
    },
    get dns() {
      return clouds.dns;
    },
    get resourceManager() {
      return clouds.resourceManager;
    },
    spec: record.spec,
    record,
    config,
    outputs: Object.fromEntries(stageNames.map((name) => [name, doneOutputsOf(record, name)])) as never,
    own: outputsOf(record, stage.name) as never,
    nowMs: runtime.clock.nowMs(),
    waitedMs,
    elapsedMs: runtime.clock.nowMs() - (record.stages[stage.name][message.action].startedAtMs ?? runtime.clock.nowMs()),
    log: runtime.log,
    dial: runtime.dial,
    resolver: runtime.resolver,
    mark,
    markText: markText(config.name, deploymentId, stage.name),
    async create(purpose, resource, params, call) {
      const hash = fingerprint(params);
      const token = (await freeze(purpose, hash)) as TokenState;
      try {
        const id = await call(clientTokenOf(deploymentId, stage.name, purpose, token.generation));
        learnt.tokens = { ...learnt.tokens, [purpose]: { ...token, resultId: id } };
        learnt.created.push({ type: resource, id, created: true });
        return id;
      } catch (error) {
        if (classify(error).rotatesToken)
          learnt.tokens = { ...learnt.tokens, [purpose]: { generation: token.generation + 1, hash } };
        throw error;
      }
    },
    async change(purpose, params, call) {
      await freeze(purpose, undefined);
      const generation = `${message.action} ${purpose} ${message.epoch} ${fingerprint(params)}`;
      return await call(clientTokenOf(deploymentId, stage.name, generation, message.turn));
    },
    async remember(own) {
      learnt.outputs = { ...learnt.outputs, ...own };
      await runtime.deployments.update(deploymentId, (current) => {
        if (!holdsTurn(current, message, messageId))
          throw new OvertakenError(`deployment ${deploymentId} has moved on`);
        const known = current.stages[stage.name];
        return {
          ...current,
          stages: { ...current.stages, [stage.name]: { ...known, outputs: { ...known.outputs, ...own } } },
        };
      });
    },
  };
}
