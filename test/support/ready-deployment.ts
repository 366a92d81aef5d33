import { newRecord } from '../../shared/deployment/record.ts';
import { parseSpec, type SpecInput } from '../../shared/deployment/spec.ts';
import type { Runtime } from '../../shared/runtime.ts';

/** The record of a deployment that became ready just now, without anything in the cloud. */
export async function addReadyDeployment(runtime: Runtime, id: string, spec: SpecInput = {}): Promise<void> {
  const parsed = parseSpec({
    name: 'dualstack-alb',
    network: { vpcId: 'vpc-1', vSwitchIds: ['vsw-1', 'vsw-2'] },
    ...spec,
  });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const nowMs = runtime.clock.nowMs();
  await runtime.deployments.create({ ...newRecord(id, parsed.spec, nowMs), status: 'ready', readyAtMs: nowMs });
  await runtime.active.add(id, nowMs);
}
