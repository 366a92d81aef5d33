import { ApiError } from '../../action.ts';
import { type MnsAction, readBody, xmlAnswer } from '../action.ts';
import { offSchema, outOfRange } from '../errors.ts';
import { maxBatch } from '../messages.ts';

/** BatchDeleteMessage, MNS 2015-06-06. 204 only if all were deleted, else the failed handles. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/batchdeletemessage (read 2026-11-22). */
export const batchDeleteMessage: MnsAction = ({ state, queueName, query, request }) => {
  query.allow();
  const handles = readBody(request, 'ReceiptHandles').children.map(({ name, text, children }) => {
    if (name !== 'ReceiptHandle' || children.length > 0) throw offSchema(name);
    return text;
  });
  if (handles.length < 1 || handles.length > maxBatch) throw outOfRange('ReceiptHandles', 1, maxBatch, 'handles');
  const queue = state.queue(queueName);
  const failures: { ErrorCode: string; ErrorMessage: string; ReceiptHandle: string }[] = [];
  for (const handle of handles) {
    try {
      queue.delete(handle);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failures.push({ ErrorCode: error.code, ErrorMessage: error.message, ReceiptHandle: handle });
    }
  }
  return failures.length === 0
    ? { status: 204 }
    : xmlAnswer(404, 'Errors', { Error: failures }, failures[0]?.ErrorCode);
};
