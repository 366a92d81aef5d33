import { type MnsAction, xmlAnswer } from '../action.ts';
import { refuse } from '../errors.ts';
import { receivedMembers } from '../messages.ts';

/** PeekMessage, MNS 2015-06-06. No receipt handle, no change. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/peekmessage (read 2026-11-22). */
export const peekMessage: MnsAction = ({ state, queueName, query }) => {
  query.allow('peekonly');
  const [message] = state.queue(queueName).peek(1);
  if (message === undefined) throw refuse('MessageNotExist');
  return xmlAnswer(200, 'Message', receivedMembers(message, true));
};
