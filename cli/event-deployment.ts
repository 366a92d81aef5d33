import { newRecord } from '../shared/deployment/record.ts';
import { parseSpec, type SpecInput } from '../shared/deployment/spec.ts';
import { begin } from '../shared/deployment/transitions.ts';
import type { Runtime } from '../shared/runtime.ts';

/** The deployment that the files of `events/` name. */
export const eventDeploymentId = '01m8149t00h2m8q4t7w0y6zabc';

/** Writes the record of the deployment that the events name, as the API does, without sending its first message. */
export async function seedEventDeployment(
  { deployments, active, clock }: Pick<Runtime, 'deployments' | 'active' | 'clock'>,
  spec: SpecInput = {},
): Promise<void> {
  const parsed = parseSpec({ name: 'dualstack-alb', ...spec });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const nowMs = clock.nowMs();
  await deployments.create(begin(newRecord(eventDeploymentId, parsed.spec, nowMs), nowMs).record);
  await active.add(eventDeploymentId, nowMs);
}
