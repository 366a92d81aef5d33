import { randomBytes } from 'node:crypto';
import { derivedToken } from '../../shared/alibaba/derived-token.ts';
import { OutOfTimeError } from '../../shared/budget.ts';
import { classify } from '../../shared/errors.ts';
import type { Declared, Fault, Ipv4Observation, NameFacts } from '../../shared/probe/observation.ts';
import { ownAddresses } from '../../shared/probe/observe-target.ts';
import type { PendingObservation, ProbeCommand } from '../../shared/probe/pending.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import { wellIn } from '../../shared/probe/well.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import { chooseInstance } from './choose-instance.ts';
import { sendCollect } from './collect.ts';
import { curlScript, roundsOf } from './curl-script.ts';

/** After so long Cloud Assistant ends the command and hands over what there is of its output. */
const commandSeconds = 60;

export interface Question {
  /** Of the observation that is to be made of the answer. */
  atMs: number;
  name: NameFacts;
  /** What was seen from here over IPv4 meanwhile. */
  ipv4: Ipv4Observation | undefined;
  declared: Declared | undefined;
  isOnDemand: boolean;
}

/** Who looks; or why nobody does, which is empty where the name leads to no address of the load balancer's. */
export type Asked = { instanceId: string } | { unable?: Fault };

/**
 * Has an instance run `curl -6`, and sends word to collect what it prints. The observation is announced before the command is
 * sent, and the command has a token of its own: whoever comes again with the same instant runs no second one.
 */
export async function askInstance(runtime: Runtime, target: ProbeTarget, question: Question): Promise<Asked> {
  const { targetId, servers } = target;
  const addresses = ownAddresses(question.name, target);
  if (addresses.length === 0) return {};
  try {
    const instanceId = await chooseInstance(runtime.clouds.ecs, servers);
    if (instanceId === undefined)
      return unable(
        'no-instance',
        'no instance of the deployment has an IPv6 address and a Cloud Assistant that answers',
      );
    const { pending, isFirst } = await announce(runtime, target, question, { instanceId, addresses });
    const { command } = pending;
    // Of a tick that another run has asked about, that run sends the command.
    if (command !== undefined && (isFirst || question.isOnDemand)) await sendCommand(runtime, pending, command);
    return { instanceId: command?.instanceId ?? instanceId };
  } catch (error) {
    // That says nothing of the instances.
    if (error instanceof OutOfTimeError) throw error;
    const { code, message } = classify(error);
    runtime.log('warn', 'no instance could be asked', { deploymentId: targetId, code, reason: message });
    return unable('command-failed', `no instance could be asked: ${code}`);
  }
}

const unable = (kind: Fault['kind'], evidence: string): Asked => ({ unable: { kind, evidence } });

const tokenOf = ({ targetId, atMs }: { targetId: string; atMs: number }): string =>
  derivedToken(targetId, 'probe', String(atMs));

/** Puts the command into the store. @returns what stands there: that of another run, if it came first. */
async function announce(
  runtime: Runtime,
  target: ProbeTarget,
  { atMs, name, ipv4, declared, isOnDemand }: Question,
  { instanceId, addresses }: Pick<ProbeCommand, 'instanceId' | 'addresses'>,
): Promise<{ pending: PendingObservation; isFirst: boolean }> {
  const { targetId } = target;
  // Whoever answers must not know it: kept beside the script, made of nothing.
  const mark = `p${randomBytes(6).toString('hex')}`;
  const script = curlScript(target, addresses, roundsOf(target, addresses.length), mark);
  const well = wellIn(target);
  const command = {
    instanceId,
    script,
    mark,
    addresses,
    name,
    well,
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(declared === undefined ? {} : { declared }),
  };
  const pending: PendingObservation = { targetId, atMs, isOnDemand, command };
  const observations = new Observations(runtime.rows);
  if (!isOnDemand) return { pending, isFirst: await observations.announce(pending) };
  const stands = await observations.plan(pending);
  return { pending: stands ?? { targetId, atMs, isOnDemand }, isFirst: stands === pending };
}

/** Again is the same: the token stands for this command, and what is collected twice is kept once. */
export async function sendCommand(
  runtime: Runtime,
  pending: PendingObservation,
  { instanceId, script }: ProbeCommand,
): Promise<void> {
  const { targetId, atMs } = pending;
  const run = () =>
    runtime.clouds.ecs.runCommand({
      instanceIds: [instanceId],
      command: script,
      timeoutSeconds: commandSeconds,
      clientToken: tokenOf(pending),
    });
  const invokeId = await run().catch(async (error: unknown) => {
    if (classify(error).kind === 'permanent') throw error;
    return await run();
  });
  await sendCollect(runtime, { deploymentId: targetId, atMs, invokeId }, 0);
}
