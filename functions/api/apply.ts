import * as z from 'zod';
import { check, problemsOf } from '../../shared/deployment/problems.ts';
import { requestRepair } from '../../shared/deployment/requests.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { observeStages } from '../drift.ts';
import { act, refused } from './act.ts';
import { adopted, fieldsToAdopt } from './adopt.ts';
import { invalidRequest, sentenceOf } from './invalid-request.ts';

const applyBody = z.strictObject({ adopt: z.array(z.string()).default([]) });

/**
 * POST …/apply: repairs, and takes the cloud's value of the fields in `adopt` into the request before.
 *
 * @returns undefined when there is no such deployment.
 */
export async function apply(runtime: Runtime, id: string, body: unknown): Promise<Response | undefined> {
  const parsed = check(applyBody, body);
  if (!parsed.success) return invalidRequest(problemsOf(parsed.error, body));
  const { adopt } = parsed.data;
  if (adopt.length === 0) return await act(runtime, id, (record, nowMs) => requestRepair(record, nowMs));
  const before = await runtime.deployments.find(id);
  if (before === undefined) return undefined;
  const wanted = fieldsToAdopt(before.spec, adopt);
  if ('problems' in wanted) return invalidRequest(wanted.problems);
  const allowed = requestRepair(before, runtime.clock.nowMs(), before);
  if ('refusal' in allowed) return refused(allowed);
  const asked = adopted(before, wanted.fields, await observeStages(runtime, before, wanted.stages));
  if ('problems' in asked)
    return problemResponse(409, 'not-adopted', 'Conflict', sentenceOf(asked.problems), asked.problems);
  return await act(runtime, id, (record, nowMs) =>
    JSON.stringify([record.spec, record.explicit]) === JSON.stringify([before.spec, before.explicit])
      ? requestRepair(record, nowMs, asked)
      : {
          refusal: {
            code: 'changed-meanwhile',
            detail: 'Somebody else has changed the load balancer. Look at it and repeat the call.',
          },
        },
  );
}
