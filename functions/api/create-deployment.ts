import { isOver, newRecord } from '../../shared/deployment/record.ts';
import { parseSpec } from '../../shared/deployment/spec.ts';
import { begin } from '../../shared/deployment/transitions.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { bodyHashOf } from '../../shared/store/idempotency.ts';
import { sendAll } from '../../shared/turn.ts';
import { newUlid } from '../../shared/ulid.ts';
import { invalidRequest } from './invalid-request.ts';
import { present } from './present.ts';

export interface CreateRequest {
  caller: string;
  body: unknown;
  idempotencyKey: string | undefined;
}

/**
 * Accepts a request: binds the key, lists it as active, writes the record, sends the first message, in this order. So a
 * repeat with the same key finds what the first try left and completes it.
 */
export async function createDeployment(
  runtime: Runtime,
  { caller, body, idempotencyKey }: CreateRequest,
): Promise<Response> {
  const parsed = parseSpec(body);
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
  let deploymentId = newUlid(nowMs);
  if (idempotencyKey !== undefined) {
    const entry = await runtime.idempotency.claim(
      caller,
      idempotencyKey,
      { deploymentId, bodyHash: bodyHashOf(spec) },
      nowMs,
    );
    if (entry.bodyHash !== bodyHashOf(spec))
      return problemResponse(
        422,
        'idempotency-key-reused',
        'Unprocessable Content',
        'This Idempotency-Key has been used with another body. Use a new key for a new request.',
      );
    ({ deploymentId } = entry);
  }
  const started = begin(newRecord(deploymentId, spec, nowMs), nowMs);
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
