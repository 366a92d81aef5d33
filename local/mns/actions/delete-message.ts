import type { MnsAction } from '../action.ts';
import { refuse } from '../errors.ts';

/** DeleteMessage, MNS 2015-06-06. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/deletemessage (read 2026-11-22). */
export const deleteMessage: MnsAction = ({ state, queueName, query }) => {
  query.allow('ReceiptHandle');
  const handle = query.get('ReceiptHandle') ?? '';
  if (handle === '') throw refuse('MissingReceiptHandle');
  state.queue(queueName).delete(handle);
  return { status: 204 };
};
