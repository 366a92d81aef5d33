import { classify, OvertakenError } from '../../shared/errors.ts';
import type { StageContext } from '../../shared/stage.ts';
import { firewallScript, judgeFirewalls } from './guest-firewall.ts';

/** What the tutorial's operator would look at by hand; read-only. */
const script = [
  'echo "[cloud-init]"; cloud-init status 2>&1 | head -n 3',
  'echo "[inet6]"; ip -6 addr show scope global 2>&1 | grep inet6 | head -n 4',
  'echo "[nginx]"; systemctl is-active nginx 2>&1; systemctl status nginx 2>&1 | head -n 5',
  firewallScript,
].join('\n');

type Diagnosis = { evidence: string } | { waiting: string; own: { invokeId?: string } };

/** How long the answers of the servers are waited for. */
const patienceMs = 150_000;

/** Asks the servers through Cloud Assistant. What cannot be asked is said so; it never holds the verdict up. */
export async function diagnose(context: StageContext<'health'>): Promise<Diagnosis> {
  const { own, waitedMs } = context;
  try {
    return await ask(context);
  } catch (error) {
    if (error instanceof OvertakenError) throw error;
    const { kind, message } = classify(error);
    return kind !== 'permanent' && own.invokeId !== undefined && waitedMs < patienceMs
      ? { waiting: `collecting evidence from the servers: ${message}`, own }
      : { evidence: `Cloud Assistant could not be asked: ${message}` };
  }
}

async function ask(context: StageContext<'health'>): Promise<Diagnosis> {
  const { ecs, outputs, own } = context;
  const instances = outputs.instances.instances;
  const ids = [...new Set(instances.map(({ instanceId }) => instanceId))];
  if (own.invokeId === undefined) {
    const ready = await ecs.cloudAssistantReady(ids);
    const reachable = ids.filter((id) => ready.has(id));
    if (reachable.length === 0) return { evidence: 'Cloud Assistant reaches none of the servers.' };
    // 60 s, the default, is too short for a busy instance (P-051).
    const invokeId = await context.change('diagnose', reachable, (clientToken) =>
      ecs.runCommand({ instanceIds: reachable, command: script, timeoutSeconds: 120, clientToken }),
    );
    return { waiting: 'collecting evidence from the servers', own: { invokeId } };
  }
  const results = await ecs.commandResults(own.invokeId);
  if ((results.length === 0 || results.some(({ isFinal }) => !isFinal)) && context.waitedMs < patienceMs)
    return { waiting: 'collecting evidence from the servers', own: { invokeId: own.invokeId } };
  const lines = results.map(({ instanceId, output, errorCode, status }) => {
    const own = instances.filter((instance) => instance.instanceId === instanceId);
    const name = own[0]?.name ?? instanceId;
    if (output.trim() === '') return `${name}: ${`${status} ${errorCode}`.trim()}`;
    const [seen = ''] = output.split(/^\[iptables\]$/m);
    const text = seen.trim().replace(/\s*\n\s*/g, ' | ');
    return `${name}: ${text.slice(0, 600)} | [firewall] ${judgeFirewalls(output, own, outputs.network.vSwitches)}`;
  });
  return { evidence: lines.join(' ; ') };
}
