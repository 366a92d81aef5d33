import { type MnsAction, readBody } from '../action.ts';
import { readAttributes } from '../attributes.ts';

/** SetQueueAttributes, MNS 2015-06-06. Attributes that are not given stay. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/setqueueattributes (read 2026-11-22). */
export const setQueueAttributes: MnsAction = ({ state, queueName, query, request }) => {
  query.allow('metaoverride');
  const given = readAttributes(readBody(request, 'Queue'));
  const queue = state.queue(queueName);
  Object.assign(queue.attributes, given);
  queue.modifiedAtMs = state.context.clock.nowMs();
  return { status: 204 };
};
