import { type DeploymentRecord, isOver } from '../../shared/deployment/record.ts';
import type { Refusal, Started } from '../../shared/deployment/requests.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { sendAll } from '../../shared/turn.ts';
import { present } from './present.ts';

/**
 * Asks something of a deployment: one compare-and-swap, then the messages that it plans. Repeating the call after a lost
 * answer sends what may not have gone out.
 *
 * @returns undefined when there is no such deployment.
 */
export async function act(
  runtime: Runtime,
  deploymentId: string,
  transition: (record: DeploymentRecord, nowMs: number) => Started | Refusal,
): Promise<Response | undefined> {
  const nowMs = runtime.clock.nowMs();
  let result: Started | Refusal | undefined;
  const record = await runtime.deployments.update(deploymentId, (current) => {
    result = transition(current, nowMs);
    return 'refusal' in result || result.record === current ? undefined : result.record;
  });
  if (record === undefined || result === undefined) return undefined;
  if ('refusal' in result) return refused(result);
  if (isOver(record)) await runtime.active.remove(deploymentId);
  else await runtime.active.add(deploymentId, record.createdAtMs);
  await sendAll(runtime, record, result.sends);
  return new Response(JSON.stringify(present(record)), {
    status: 202,
    headers: { 'content-type': 'application/json', location: `/load-balancers/${deploymentId}` },
  });
}

/** 409 with the reason. */
export const refused = ({ refusal: { code, detail, field } }: Refusal): Response =>
  problemResponse(409, code, 'Conflict', detail, field === undefined ? undefined : [{ field, message: detail }]);
