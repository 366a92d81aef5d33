import { type MnsAction, readBody, xmlAnswer } from '../action.ts';
import { membersOf, readMessage, sentMembers } from '../messages.ts';

/** SendMessage, MNS 2015-06-06. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/sendmessage (read 2026-11-22). */
export const sendMessage: MnsAction = ({ state, queueName, query, request }) => {
  query.allow();
  const members = membersOf(readBody(request, 'Message'));
  const queue = state.queue(queueName);
  const { body, delaySeconds, priority } = readMessage(members, queue);
  return xmlAnswer(201, 'Message', sentMembers(queue.send(body, { delaySeconds, priority })));
};
