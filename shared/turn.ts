import { OutOfTimeError } from './budget.ts';
import { OvertakenError } from './errors.ts';
import { isOver, outputsOf, type DeploymentRecord, type PlannedMessage, type Resource } from './deployment/record.ts';
import {
  claim,
  type CutOff,
  finishTurn,
  holdsTurn,
  type Learnt,
  messageOf,
  type Outcome,
  recordOvertaken,
} from './deployment/transitions.ts';
import type { StageOutputs } from './deployment/outputs.ts';
import { withFields } from './log.ts';
import { deploymentIn, messageVersion, type OwnDelivery, parseStageMessage, type StageMessage } from './messages.ts';
import { cutOffTooOften, failed, outcomeOfError, outOfTime, type Turn, waiting } from './outcome.ts';
import { queueOf, type StageName } from './pipeline.ts';
import { putAway } from './queue/put-away.ts';
import type { Runtime } from './runtime.ts';
import type { Stage, StageResult } from './stage.ts';
import { valueAt } from './dictionary.ts';
import { createContext } from './stage-context.ts';

/** Serves one message: claim, run, record, send. See "The life of a message" in the design. */
export async function serveMessage(stage: Stage, delivery: OwnDelivery, runtime: Runtime): Promise<void> {
  const queue = queueOf(stage.name, runtime.config.stageQueue);
  const refuse = (reason: string): Promise<void> =>
    putAway(runtime, queue, delivery, reason, deploymentIn(delivery.body));
  const parsed = parseStageMessage(delivery.body);
  if ('reason' in parsed) return await refuse(`not a message of this version: ${parsed.reason}`);
  const { message } = parsed;
  if (message.stage !== stage.name) return await refuse(`a message for stage ${message.stage}`);
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
  if (claimed === undefined || decision === undefined) return await refuse('there is no such deployment');
  switch (decision.kind) {
    case 'drop':
      log('info', 'dropped a message', { reason: decision.reason });
      return;
    case 'resend':
      log('info', 'sending again what the served turn planned');
      return await sendAll(runtime, claimed, decision.sends);
    case 'busy':
      log('info', 'comes again later', { reason: decision.reason });
      return await runtime.queues.send(
        queueOf(stage.name, config.stageQueue),
        message,
        decision.atMs - clock.nowMs() + 1000,
      );
    case 'run':
  }

  const learnt: Learnt & { latest: DeploymentRecord } = { created: [], kept: [], latest: claimed };
  const { cutOff } = decision;
  if (cutOff !== undefined) await noteCutOff({ ...runtime, log }, message, cutOff);
  const outcome = await runStage(stage, message, delivery.messageId, claimed, learnt, { ...runtime, log }, cutOff);
  let sends: PlannedMessage[] = [];
  const finished = await runtime.deployments.update(
    message.deploymentId,
    (record) => {
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
    },
    learnt.latest,
  );
  if (finished === undefined) return;
  log(levels[outcome.kind] ?? 'info', `turn ended: ${outcome.kind}`, {
    ...('reason' in outcome ? { reason: outcome.reason } : {}),
    ...('failure' in outcome ? { code: outcome.failure.code, reason: outcome.failure.message } : {}),
  });
  await sendAll(runtime, finished, sends);
  // The sweep takes back what alerts have said of it, then removes it.
  if (isOver(finished) && finished.wasBlocked !== true) await runtime.active.remove(finished.deploymentId);
}

const levels: Partial<Record<Outcome['kind'] | 'overtaken', 'warn' | 'error'>> = {
  fail: 'error',
  blocked: 'error',
  retry: 'warn',
  'out-of-time': 'warn',
};

export async function sendAll(runtime: Runtime, record: DeploymentRecord, sends: PlannedMessage[]): Promise<void> {
  for (const planned of sends)
    await runtime.queues.send(
      queueOf(planned.stage, runtime.config.stageQueue),
      messageOf(record, planned, messageVersion),
      planned.delayMs,
    );
}

/**
 * Lets the log, and the history where it was the timeout, say what a killed function could not. A delivery that comes twice at
 * once looks the same, but so early that it is no event.
 */
async function noteCutOff(runtime: Runtime, message: StageMessage, { beganMs, times }: CutOff): Promise<void> {
  const { deploymentId, stage, action, epoch, turn } = message;
  const { log, timeoutMs, clock } = runtime;
  const nowMs = clock.nowMs();
  const hasTimedOut = timeoutMs !== undefined && nowMs - beganMs >= timeoutMs;
  const how = hasTimedOut
    ? `the function’s timeout after ${Math.round(timeoutMs / 1000)} s`
    : 'the end of its instance';
  const text = `the turn that began at ${new Date(beganMs).toISOString()} was cut off by ${how}`;
  log('warn', text, { times });
  if (!hasTimedOut) return;
  const identity = `cut-off-${stage}-${action}-${epoch}-${turn}-${times}`;
  const details = { stage, action, turn, times };
  // The turn is worth more than the word about it.
  await runtime.events
    .append({ deploymentId, identity, atMs: nowMs, kind: 'cut-off', text: `${stage}: ${text}`, details })
    .catch((error: unknown) => log('warn', 'the history lacks a turn that was cut off', { reason: String(error) }));
}

async function runStage(
  stage: Stage,
  message: StageMessage,
  messageId: string,
  record: DeploymentRecord,
  learnt: Learnt & { latest: DeploymentRecord },
  runtime: Runtime,
  cutOff: CutOff | undefined,
): Promise<Outcome | { kind: 'overtaken' }> {
  const progress = record.stages[stage.name][message.action];
  const nowMs = runtime.clock.nowMs();
  const waitedMs = progress.waitingSinceMs === undefined ? 0 : Math.max(0, nowMs - progress.waitingSinceMs);
  const context = createContext(stage, message, messageId, record, learnt, runtime, waitedMs);
  const turn: Turn = { stage, action: message.action, progress, waitedMs, random: runtime.random };
  const givenUp = cutOff === undefined ? undefined : cutOffTooOften(turn, cutOff);
  if (givenUp !== undefined) return givenUp;
  const isExceeded = (): boolean => runtime.budget.isExceeded;
  const hasChanged = (): boolean => learnt.created.length > 0 || learnt.changes !== undefined;
  let result: StageResult<StageOutputs[StageName]>;
  try {
    result = await (message.action === 'apply' ? stage.apply(context) : stage.release(context));
  } catch (error) {
    if (error instanceof OvertakenError) return { kind: 'overtaken' };
    if (error instanceof OutOfTimeError) return outOfTime(turn, error.message, { isProgress: hasChanged() });
    return outcomeOfError(turn, error);
  }
  switch (result.kind) {
    case 'done':
      learnt.outputs = { ...learnt.outputs, ...result.outputs };
      learnt.resources = result.resources;
      if (result.conditions !== undefined) learnt.conditions = result.conditions;
      return { kind: 'done' };
    case 'gone':
      learnt.resources = [];
      if (result.own !== undefined) learnt.outputs = { ...learnt.outputs, ...result.own };
      return { kind: 'done' };
    case 'again':
      if (result.own !== undefined) learnt.outputs = { ...learnt.outputs, ...result.own };
      return { kind: 'again', reason: result.reason };
    case 'fail': {
      const { code, reason, remedy, problems, requestId } = result;
      const ending = failed(turn, {
        code,
        message: reason,
        remedy,
        ...(problems === undefined ? {} : { problems }),
        ...(requestId === undefined ? {} : { requestId }),
      });
      // What there was no time for may have been the reason.
      return isExceeded() ? outOfTime(turn, reason, { isProgress: hasChanged(), ending }) : ending;
    }
    case 'wait': {
      const known = outputsOf(record, stage.name) as Record<string, unknown>;
      const own = result.own as Record<string, unknown> | undefined;
      const isProgress =
        own !== undefined &&
        Object.entries(own).some(([key, value]) => JSON.stringify(valueAt(known, key)) !== JSON.stringify(value));
      if (own !== undefined) learnt.outputs = { ...learnt.outputs, ...own };
      if (result.resources !== undefined)
        learnt.resources = withKnown(result.resources, record.stages[stage.name].resources);
      if (result.conditions !== undefined) learnt.conditions = result.conditions;
      if (isExceeded()) return outOfTime(turn, result.reason, { isProgress: isProgress || hasChanged() });
      // What waits for something else by now has gone on, though it had waited too long.
      const hasMoved = progress.obstacle !== undefined && progress.reason !== result.reason;
      return waiting(turn, result.reason, { isProgress: isProgress || hasMoved, afterMs: result.afterMs });
    }
  }
}

/** A turn that waits lists what it has seen so far; what the record knows besides that stays until the stage is done. */
const withKnown = (seen: Resource[], known: Resource[]): Resource[] => [
  ...seen,
  ...known.filter(({ id }) => !seen.some((resource) => resource.id === id)),
];
