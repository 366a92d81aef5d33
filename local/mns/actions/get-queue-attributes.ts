import { type MnsAction, xmlAnswer } from '../action.ts';
import { attributeMembers } from '../queue-xml.ts';

/** GetQueueAttributes, MNS 2015-06-06. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/getqueueattributes (read 2026-11-22). */
export const getQueueAttributes: MnsAction = ({ state, queueName, query }) => {
  query.allow();
  return xmlAnswer(200, 'Queue', attributeMembers(state.queue(queueName)));
};
