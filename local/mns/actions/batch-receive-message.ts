import { type MnsAction, xmlAnswer } from '../action.ts';
import { refuse } from '../errors.ts';
import { receivedMembers } from '../messages.ts';
import { numOfMessages, waitMs } from '../receiving.ts';

/** BatchReceiveMessage, MNS 2015-06-06. Ends its wait with the first messages, however few. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/batchreceivemessage (read 2026-11-22). */
export const batchReceiveMessage: MnsAction = async (call) => {
  call.query.allow('waitseconds', 'peekonly', 'numOfMessages');
  const messages = await call.state.receive(call.queueName, numOfMessages(call), waitMs(call), call.signal);
  if (messages.length === 0) throw refuse('MessageNotExist');
  return xmlAnswer(200, 'Messages', { Message: messages.map((message) => receivedMembers(message, false)) });
};
