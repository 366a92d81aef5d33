import { writtenIn } from '../../shared/deployment/explicit.ts';
import { isOver } from '../../shared/deployment/record.ts';
import { type Asked, requestRetry } from '../../shared/deployment/requests.ts';
import { parseSpec } from '../../shared/deployment/spec.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { act } from './act.ts';
import { claimName } from './claim-name.ts';
import { invalidRequest } from './invalid-request.ts';
import { refuseManageAdopted } from './refuse-manage-adopted.ts';
import { hold } from './too-many.ts';

/**
 * Goes on at the failed stage, or begins anew after a rollback: then it counts among what its caller has, and may have another name.
 *
 * @param body - the corrected request; undefined: as it was.
 * @returns undefined when there is no such deployment.
 */
export async function retry(
  runtime: Runtime,
  { caller, id, body }: { caller: string; id: string; body: unknown },
): Promise<Response | undefined> {
  const before = await runtime.deployments.find(id);
  if (before === undefined) return undefined;
  const isAnew = before.status === 'failed' && isOver(before);
  let asked: Asked | undefined;
  if (body !== undefined) {
    const parsed = parseSpec(body);
    if ('problems' in parsed) return invalidRequest(parsed.problems);
    asked = { spec: parsed.spec, explicit: writtenIn(body) };
  }
  const refused = refuseManageAdopted(runtime, asked?.spec ?? before.spec, isAnew ? undefined : before.spec);
  if (refused !== undefined) return refused;
  if (isAnew) {
    const tooMany = await hold(runtime, caller, 'deployments', id);
    if (tooMany !== undefined) return tooMany;
  }
  const name = asked?.spec.name ?? before.spec.name;
  const claimed = isAnew && name !== before.spec.name ? await claimName(runtime, name, id) : undefined;
  if (claimed !== undefined) return claimed;
  return await act(runtime, id, (record, nowMs) => requestRetry(record, asked, nowMs));
}
