import { type MnsAction, queueUrl, xmlAnswer } from '../action.ts';
import { readInteger } from '../attributes.ts';
import { attributeMembers } from '../queue-xml.ts';

/** ListQueue, MNS 2015-06-06. Paged and filtered by headers. Source: https://www.alibabacloud.com/help/en/mns/developer-reference/listqueue (read 2026-11-22). */
export const listQueue: MnsAction = (call) => {
  call.query.allow();
  const { headers } = call.request;
  const marker = headers['x-mns-marker'] ?? '';
  const prefix = headers['x-mns-prefix'] ?? '';
  const limit = readInteger(headers['x-mns-ret-number'] ?? '1000', 'x-mns-ret-number', 1, 1000, '');
  // The marker is the name of the first queue of the next page; the real one is opaque.
  const names = [...call.state.queues.keys()].filter((name) => name.startsWith(prefix) && name >= marker).sort();
  const page = names.slice(0, limit);
  const withMeta = (headers['x-mns-with-meta'] ?? '').toLowerCase() === 'true';
  return xmlAnswer(200, 'Queues', {
    Queue: page.map((name) => ({
      QueueURL: queueUrl(call, name),
      ...(withMeta ? attributeMembers(call.state.queue(name)) : {}),
    })),
    NextMarker: names[limit],
  });
};
