import { type MnsAction, xmlAnswer } from '../action.ts';
import { refuse } from '../errors.ts';
import { receivedMembers } from '../messages.ts';
import { numOfMessages } from '../receiving.ts';

/** BatchPeekMessage, MNS 2015-06-06. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/batchpeekmessage (read 2026-11-22). */
export const batchPeekMessage: MnsAction = (call) => {
  call.query.allow('peekonly', 'numOfMessages');
  const messages = call.state.queue(call.queueName).peek(numOfMessages(call));
  if (messages.length === 0) throw refuse('MessageNotExist');
  return xmlAnswer(200, 'Messages', { Message: messages.map((message) => receivedMembers(message, true)) });
};
