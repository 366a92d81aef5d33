import { type MnsAction, xmlAnswer } from '../action.ts';
import { readInteger } from '../attributes.ts';
import { refuse } from '../errors.ts';

/** ChangeMessageVisibility, MNS 2015-06-06. Counted from the call; the old handle is spent. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/changemessagevisibility (read 2026-11-22). */
export const changeMessageVisibility: MnsAction = ({ state, queueName, query }) => {
  query.allow('receiptHandle', 'visibilityTimeout');
  const handle = query.get('receiptHandle') ?? '';
  if (handle === '') throw refuse('MissingReceiptHandle');
  const timeout = query.get('visibilityTimeout') ?? '';
  if (timeout === '') throw refuse('MissingVisibilityTimeout');
  const seconds = readInteger(timeout, 'VisibilityTimeout', 1, 43_200);
  const message = state.queue(queueName).changeVisibility(handle, seconds);
  return xmlAnswer(200, 'ChangeVisibility', { ReceiptHandle: message.handle, NextVisibleTime: message.visibleAtMs });
};
