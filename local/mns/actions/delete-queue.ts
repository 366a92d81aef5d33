import type { MnsAction } from '../action.ts';

/** DeleteQueue, MNS 2015-06-06. Its messages go with it; its name is free again after a while. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/deletequeue (read 2026-11-22). */
export const deleteQueue: MnsAction = ({ state, queueName, query }) => {
  query.allow();
  state.delete(queueName);
  return { status: 204 };
};
