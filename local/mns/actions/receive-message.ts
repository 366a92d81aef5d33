import { type MnsAction, xmlAnswer } from '../action.ts';
import { refuse } from '../errors.ts';
import { receivedMembers } from '../messages.ts';
import { waitMs } from '../receiving.ts';

/** ReceiveMessage, MNS 2015-06-06. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/receivemessage (read 2026-11-22). */
export const receiveMessage: MnsAction = async (call) => {
  call.query.allow('waitseconds', 'peekonly');
  const [message] = await call.state.receive(call.queueName, 1, waitMs(call), call.signal);
  if (message === undefined) throw refuse('MessageNotExist');
  return xmlAnswer(200, 'Message', receivedMembers(message, false));
};
