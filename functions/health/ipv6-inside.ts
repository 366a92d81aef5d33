import { isIPv6 } from 'node:net';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import { standing } from '../../shared/deployment/standing.ts';
import { classify, OvertakenError } from '../../shared/errors.ts';
import type { StageContext } from '../../shared/stage.ts';
import { oneLine } from '../../shared/text.ts';

/** Servers that are unhealthy after so long are looked into: cloud-init has done its work by then, nginx perhaps not. */
export const looksAfterMs = 2 * 60_000;

/** How long one command is waited for. It may download the plugin. */
const patienceMs = 120_000;

const show = 'echo "[inet6]"; ip -6 addr show scope global 2>/dev/null | grep inet6 | head -n 4';

/**
 * The vendor's own tool, as a plugin of Cloud Assistant. It may restart the network inside, so it is not run where there is an
 * address already, also when the command is run a second time.
 *
 * @see https://www.alibabacloud.com/help/en/ecs/user-guide/configure-ipv6-addresses (read 2026-11-30)
 */
const configure = [
  'ip -6 addr show scope global 2>/dev/null | grep -q inet6 || acs-plugin-manager --exec --plugin=ecs-utils-ipv6 2>&1 | tail -n 8',
  show,
].join('\n');

/** How far it is; of the run of the stage with this epoch. */
export type Ipv6Inside = NonNullable<StageOutputs['health']['ipv6Inside']>;

/**
 * Looks whether our own servers of family `ipv6` have their address inside, and sets it up where the request says so. One
 * look and at most one setting up for each run of the stage; what cannot be asked holds nothing up.
 *
 * @returns how far it is; with `waiting` while a command runs.
 */
export async function lookInside(context: StageContext<'health'>, known: Ipv6Inside): Promise<Ipv6Inside> {
  try {
    return await step(context, known);
  } catch (error) {
    if (error instanceof OvertakenError) throw error;
    const { kind, message } = classify(error);
    // What passes is asked again at the next look.
    if (kind !== 'permanent') return known;
    return { ...known, step: 'over', evidence: `what is inside the servers could not be asked: ${message}` };
  }
}

async function step(context: StageContext<'health'>, known: Ipv6Inside): Promise<Ipv6Inside> {
  switch (known.step) {
    case 'look':
      return await look(context, known);
    case 'looking':
      return await afterLook(context, known);
    case 'configuring':
      return await afterSetup(context, known);
    default:
      return known;
  }
}

type Server = StageOutputs['instances']['instances'][number];

/** Lists the servers that are made here: the image of given ones is not ours to speak of, nor anything inside ours to change. */
function ownServers({ record, outputs }: StageContext<'health'>): Server[] {
  const given = new Set(
    standing(record)
      .backends.filter(isAdopted)
      .map(({ name }) => name),
  );
  return outputs.instances.instances.filter(({ name, address }) => isIPv6(address) && !given.has(name));
}

async function look(context: StageContext<'health'>, known: Ipv6Inside): Promise<Ipv6Inside> {
  const ids = ownServers(context).map(({ instanceId }) => instanceId);
  const ready = ids.length === 0 ? new Set<string>() : await context.ecs.cloudAssistantReady(ids);
  const reachable = ids.filter((id) => ready.has(id));
  // Those that do not answer yet may a little later.
  if (reachable.length === 0) return known;
  const invokeId = await run(context, 'look-inside', show, reachable);
  return { ...known, step: 'looking', invokeId, sinceMs: context.nowMs };
}

async function afterLook(context: StageContext<'health'>, known: Ipv6Inside): Promise<Ipv6Inside> {
  const results = await resultsOf(context, known);
  if (results === 'running') return known;
  const lacking = ownServers(context).filter(({ instanceId }) => {
    const result = results.find((one) => one.instanceId === instanceId);
    return result !== undefined && result.exitCode !== undefined && !/^\s*inet6 /m.test(result.output);
  });
  if (lacking.length === 0) return { ...known, step: 'over' };
  const names = lacking.map(({ name }) => name).join(', ');
  const said = `${names}: no IPv6 address inside (no inet6 of scope global), though the network card has one`;
  if (!standing(context.record).instances.configureIpv6)
    return { ...known, step: 'over', evidence: `${said}; instances.configureIpv6: true has it set up` };
  const ids = lacking.map(({ instanceId }) => instanceId);
  const invokeId = await run(context, 'configure-ipv6', configure, ids);
  return { ...known, step: 'configuring', invokeId, sinceMs: context.nowMs, evidence: said };
}

async function afterSetup(context: StageContext<'health'>, known: Ipv6Inside): Promise<Ipv6Inside> {
  const results = await resultsOf(context, known);
  if (results === 'running') return known;
  const servers = ownServers(context);
  const lines = results.map(({ instanceId, output, status, errorCode }) => {
    const name = servers.find((one) => one.instanceId === instanceId)?.name ?? instanceId;
    const [tool = '', shown = ''] = output.split(/^\[inet6\]$/m);
    const words = oneLine(tool) === '' ? `${status} ${errorCode}`.trim() : oneLine(tool).slice(-200);
    return `${name}: ${/^\s*inet6 /m.test(shown) ? 'IPv6 was set up inside' : 'IPv6 could not be set up inside'} (ecs-utils-ipv6: ${words})`;
  });
  const evidence = lines.length === 0 ? 'nothing is known of the setting up of IPv6 inside' : lines.join('; ');
  return { ...known, step: 'over', evidence };
}

const run = async (
  { change, ecs }: StageContext<'health'>,
  purpose: string,
  command: string,
  instanceIds: string[],
): Promise<string> =>
  await change(purpose, instanceIds, (clientToken) =>
    ecs.runCommand({ instanceIds, command, timeoutSeconds: 120, clientToken }),
  );

/** @returns what has ended by now once all has, or patience has. */
async function resultsOf(
  { ecs, nowMs }: StageContext<'health'>,
  { invokeId = '', sinceMs = nowMs }: Ipv6Inside,
): Promise<Awaited<ReturnType<typeof ecs.commandResults>> | 'running'> {
  const results = await ecs.commandResults(invokeId);
  const isOver = results.length > 0 && results.every(({ isFinal }) => isFinal);
  return isOver || nowMs - sinceMs > patienceMs ? results.filter(({ isFinal }) => isFinal) : 'running';
}
