import { CloudError } from '../../shared/alibaba/cloud-error.ts';
import { OutOfTimeError } from '../../shared/budget.ts';
import { classify } from '../../shared/errors.ts';
import { problemResponse } from '../../shared/problem.ts';
import { QueueError } from '../../shared/queue/queues.ts';
import { StoreError } from '../../shared/store/rows.ts';

/** What is answered when a service behind the API fails: whether a repeat may help, and else what the service refused. */
export function failureResponse(error: Error): Response {
  if (error instanceof CloudError) {
    const { kind, code, message, remedy = '' } = classify(error);
    if (kind === 'permanent') return problemResponse(502, code, 'Bad Gateway', `${message} ${remedy}`.trim());
  }
  if (
    error instanceof OutOfTimeError ||
    error instanceof StoreError ||
    error instanceof QueueError ||
    error instanceof CloudError
  ) {
    const answer = problemResponse(
      503,
      'unavailable',
      'Service Unavailable',
      'A service behind this one did not answer. Repeat the request, with the same Idempotency-Key if it is a POST.',
    );
    answer.headers.set('retry-after', '5');
    return answer;
  }
  return problemResponse(
    500,
    'unexpected',
    'Internal Server Error',
    'The request failed unexpectedly; the log has the reason.',
  );
}
