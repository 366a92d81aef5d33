import { ApiError } from '../../action.ts';
import { type MnsAction, readBody, xmlAnswer } from '../action.ts';
import { offSchema, outOfRange } from '../errors.ts';
import { maxBatch, maxBatchBytes, membersOf, readMessage, sentMembers } from '../messages.ts';

/** BatchSendMessage, MNS 2015-06-06. Entries fail one by one; the status of a partial failure is inferred. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/batchsendmessage (read 2026-11-22). */
export const batchSendMessage: MnsAction = ({ state, queueName, query, request }) => {
  query.allow();
  const batch = readBody(request, 'Messages');
  if (batch.text.trim() !== '') throw offSchema('Messages');
  const entries = batch.children.map(membersOf);
  if (entries.length < 1 || entries.length > maxBatch) throw outOfRange('Messages', 1, maxBatch, 'messages');
  const bytes = entries.reduce((sum, members) => sum + Buffer.byteLength(members.get('MessageBody') ?? ''), 0);
  if (bytes > maxBatchBytes) throw outOfRange('Messages', 1, maxBatchBytes, 'bytes');
  const queue = state.queue(queueName);
  let failure: string | undefined;
  const results = entries.map((members) => {
    try {
      const { body, delaySeconds, priority } = readMessage(members, queue);
      return sentMembers(queue.send(body, { delaySeconds, priority }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure = error.code;
      return { ErrorCode: error.code, ErrorMessage: error.message };
    }
  });
  return xmlAnswer(failure === undefined ? 201 : 500, 'Messages', { Message: results }, failure);
};
