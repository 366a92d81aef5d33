import { writtenIn } from '../../shared/deployment/explicit.ts';
import { isOver, newRecord } from '../../shared/deployment/record.ts';
import { parseSpec } from '../../shared/deployment/spec.ts';
import { begin } from '../../shared/deployment/transitions.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { sendAll } from '../../shared/turn.ts';
import { bindKey, type CreateRequest } from './bind-key.ts';
import { invalidRequest } from './invalid-request.ts';
import { present } from './present.ts';
import { refuseManageAdopted } from './refuse-manage-adopted.ts';
import { hold } from './too-many.ts';
import { claimName } from './claim-name.ts';

/**
 * Accepts a request: binds the key, claims the name, lists it as active, writes the record, sends the first message, in this order. So a
 * repeat with the same key finds what the first try left and completes it.
 */
export async function createDeployment(runtime: Runtime, request: CreateRequest): Promise<Response> {
  const parsed = parseSpec(request.body);
  if ('problems' in parsed) return invalidRequest(parsed.problems);
  const nowMs = runtime.clock.nowMs();
  const { spec } = parsed;
  if (spec.regionId !== runtime.config.regionId)
    return problemResponse(
      400,
      'invalid-request',
      'Bad Request',
      `regionId: this installation works in ${runtime.config.regionId}, not in ${spec.regionId}`,
      [{ field: 'regionId', message: `this installation works in ${runtime.config.regionId}` }],
    );
  const refused = refuseManageAdopted(runtime, spec);
  if (refused !== undefined) return refused;
  const bound = await bindKey(runtime, request, spec, nowMs);
  if ('refusal' in bound) return bound.refusal;
  const deploymentId = bound.id;
  const known = request.idempotencyKey === undefined ? undefined : await runtime.deployments.find(deploymentId);
  const refusal = known === undefined ? await countAndName(runtime, request, spec.name, deploymentId) : undefined;
  if (refusal !== undefined) return refusal;
  const started = begin(newRecord(deploymentId, spec, nowMs, writtenIn(request.body)), nowMs);
  // Listed first: whatever comes of the record and its first message, the sweep finds it.
  await runtime.active.add(deploymentId, nowMs);
  await runtime.deployments.create(started.record);
  const record = (await runtime.deployments.find(deploymentId)) ?? started.record;
  const isUntouched = record.stages.preflight.apply.state === 'queued' && record.stages.preflight.apply.turn === 0;
  if (isOver(record)) await runtime.active.remove(deploymentId);
  if (isUntouched) await sendAll(runtime, record, started.sends);
  return new Response(JSON.stringify(present(record)), {
    status: 202,
    headers: { 'content-type': 'application/json', location: `/load-balancers/${deploymentId}` },
  });
}

/** Counts a new load balancer and gives it its name, or the answer that says why not: then it counts no more. */
async function countAndName(
  runtime: Runtime,
  { caller }: CreateRequest,
  name: string,
  id: string,
): Promise<Response | undefined> {
  const tooMany = await hold(runtime, caller, 'deployments', id);
  if (tooMany !== undefined) return tooMany;
  const claimed = await claimName(runtime, name, id);
  if (claimed !== undefined) await runtime.quotas.letGo('deployments', caller, id);
  return claimed;
}
