import { type DeploymentRecord, isOver } from '../../shared/deployment/record.ts';
import type { Refusal, Started } from '../../shared/deployment/requests.ts';
import type { Problem } from '../../shared/deployment/spec.ts';
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
  if ('refusal' in result)
    return problemResponse(
      409,
      result.refusal.code,
      'Conflict',
      result.refusal.detail,
      result.refusal.field === undefined ? undefined : [fieldProblem(result.refusal)],
    );
  if (isOver(record)) await runtime.active.remove(deploymentId);
  else await runtime.active.add(deploymentId, record.createdAtMs);
  await sendAll(runtime, record, result.sends);
  return new Response(JSON.stringify(present(record)), {
    status: 202,
    headers: { 'content-type': 'application/json', location: `/load-balancers/${deploymentId}` },
  });
}

const fieldProblem = ({ field = '', detail }: Refusal['refusal']): Problem => ({ field, message: detail });
