import { type MnsAction, queueUrl, readBody } from '../action.ts';
import { readAttributes } from '../attributes.ts';

/** CreateQueue, MNS 2015-06-06. 201 with the location, 204 if it exists with the same attributes. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/createqueue (read 2026-11-22). */
export const createQueue: MnsAction = (call) => {
  call.query.allow('metaoverride');
  const isNew = call.state.create(call.queueName, readAttributes(readBody(call.request, 'Queue')));
  return { status: isNew ? 201 : 204, headers: { location: queueUrl(call) } };
};
