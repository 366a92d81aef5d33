import type { CommandResult } from '../../shared/alibaba/ecs/commands.ts';
import { classify } from '../../shared/errors.ts';
import { probeQueue } from '../../shared/pipeline.ts';
import type { AfterObservation } from '../../shared/probe/after-observation.ts';
import { makeObservation, type Seen } from '../../shared/probe/make-observation.ts';
import type { Fault, Observation } from '../../shared/probe/observation.ts';
import type { PendingObservation, ProbeCommand } from '../../shared/probe/pending.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import { findTarget } from '../../shared/watch/watched.ts';
import { readCurlOutput } from './curl-output.ts';
import { countTick } from './count-tick.ts';
import type { CollectMessage } from './messages.ts';

/** How long before each look, the longest command and its delivery included. */
const waitsMs = [4000, 4000, 6000, 10_000, 15_000, 20_000, 30_000];

export type CollectReport = { collected: Observation['verdict'] } | { waits: string } | { dropped: string };

/** Sends word to look at a command's output later. @param look - how many looks came before. */
export async function sendCollect(
  runtime: Runtime,
  { deploymentId, atMs, invokeId }: Pick<CollectMessage, 'deploymentId' | 'atMs' | 'invokeId'>,
  look: number,
): Promise<void> {
  const message: CollectMessage = { v: 1, kind: 'collect', deploymentId, atMs, invokeId, look };
  await runtime.queues.send(probeQueue, message, waitsMs[look]);
}

/** Looks whether the instance has answered, and makes the observation of it; else later again, and in the end without it. */
export async function collect(
  runtime: Runtime,
  message: CollectMessage,
  after: AfterObservation,
): Promise<CollectReport> {
  const { deploymentId, atMs, invokeId, look } = message;
  const observations = new Observations(runtime.rows);
  const at = new Date(atMs).toISOString();
  const known = await observations.find(deploymentId, at);
  if (known !== undefined) {
    // Delivered again: what follows an observation may have been cut off.
    if (known.isOnDemand !== true) await after(known);
    return { dropped: 'collected before' };
  }
  const pending = await observations.pending(deploymentId, at);
  const found = await findTarget(runtime, deploymentId);
  if (pending?.command === undefined || found === undefined) return { dropped: 'nobody waits for it' };
  const target = asAsked(found, pending.command);
  const answer = await answerOf(runtime, invokeId, pending.command);
  const isLast = look + 1 >= waitsMs.length;
  if ('running' in answer && !isLast) {
    await sendCollect(runtime, message, look + 1);
    return { waits: answer.running };
  }
  const { command } = pending;
  const seen = 'output' in answer ? seenIn(answer, command, target) : nothingSeen(whyNot(answer, command));
  return await settle(runtime, { pending, command, target, seen, after });
}

/** The target as it was when the command was sent: its answers are judged by what it asks. */
function asAsked(target: ProbeTarget, { well }: ProbeCommand): ProbeTarget {
  if (well === undefined) return target;
  const { redirectTo: _redirectTo, isHostGiven: _isHostGiven, ...rest } = target;
  return { ...rest, ...well };
}

/** What Cloud Assistant has; or how far it is; or why it does not say. */
type Answer = CommandResult | { running: string } | { refused: string };

const whyNot = (answer: Exclude<Answer, CommandResult>, { instanceId }: ProbeCommand): string =>
  'running' in answer
    ? `the command on ${instanceId} has not ended in time (${answer.running})`
    : `what the command on ${instanceId} printed could not be read: ${answer.refused}`;

type Read = Pick<Seen, 'samples' | 'certificate' | 'unable'>;

const nothingSeen = (evidence: string): Read => {
  const unable: Fault = { kind: 'command-failed', evidence };
  return { samples: [], unable };
};

/** An answer that does not come may come later, unless it is refused for good. */
async function answerOf(runtime: Runtime, invokeId: string, { instanceId }: ProbeCommand): Promise<Answer> {
  try {
    const results = await runtime.clouds.ecs.commandResults(invokeId);
    const result = results.find((one) => one.instanceId === instanceId);
    return result?.isFinal === true ? result : { running: result?.status ?? 'no result' };
  } catch (error) {
    const { kind, code, message } = classify(error);
    runtime.log('warn', 'what an instance saw could not be read', { instanceId, code, reason: message });
    return kind === 'permanent' ? { refused: code } : { running: code };
  }
}

function seenIn({ status, errorCode, output }: CommandResult, command: ProbeCommand, target: ProbeTarget): Read {
  const { samples, certificate, complaint = '' } = readCurlOutput(output, command, target);
  if (samples.length > 0) return { samples, certificate };
  const ended = [status, errorCode].filter((word) => word !== '').join(' ');
  return nothingSeen(
    `the command on ${command.instanceId} made no request (${ended}${complaint === '' ? '' : `: ${complaint}`})`,
  );
}

async function settle(
  runtime: Runtime,
  {
    pending,
    command,
    target,
    seen,
    after,
  }: {
    pending: PendingObservation;
    command: ProbeCommand;
    target: ProbeTarget;
    seen: Read;
    after: AfterObservation;
  },
): Promise<CollectReport> {
  const { targetId, atMs, isOnDemand = false } = pending;
  const observations = new Observations(runtime.rows);
  const { ticks } = await observations.state(targetId);
  const { instanceId, name, ipv4, declared } = command;
  const { observation, tick } = makeObservation(
    target,
    { vantage: 'instance', scope: 'vpc', instanceId, name, ipv4, declared, ticks, ...seen },
    atMs,
  );
  const made: Observation = isOnDemand ? { ...observation, isOnDemand } : observation;
  const stands = await observations.settle(made);
  if (!isOnDemand && stands !== undefined) {
    if (stands === made) await countTick(runtime, made, tick);
    await after(stands);
  }
  return { collected: (stands ?? made).verdict };
}
