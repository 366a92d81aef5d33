import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { bodyHashOf } from '../../shared/store/idempotency.ts';
import { newUlid } from '../../shared/ulid.ts';

export interface CreateRequest {
  caller: string;
  body: unknown;
  idempotencyKey: string | undefined;
}

/** The id of what a request makes: a new one, or that which its key stands for. 422 where the key had another body. */
export async function bindKey(
  runtime: Runtime,
  { caller, idempotencyKey }: CreateRequest,
  spec: object,
  nowMs: number,
): Promise<{ id: string } | { refusal: Response }> {
  const id = newUlid(nowMs);
  if (idempotencyKey === undefined) return { id };
  const bodyHash = bodyHashOf(spec);
  const entry = await runtime.idempotency.claim(caller, idempotencyKey, { deploymentId: id, bodyHash }, nowMs);
  if (entry.bodyHash === bodyHash) return { id: entry.deploymentId };
  return {
    refusal: problemResponse(
      422,
      'idempotency-key-reused',
      'Unprocessable Content',
      'This Idempotency-Key has been used with another body. Use a new key for a new request.',
    ),
  };
}
