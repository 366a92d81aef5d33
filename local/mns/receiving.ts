import type { MnsCall } from './action.ts';
import { readInteger } from './attributes.ts';
import { maxBatch } from './messages.ts';

/** How long a receive may wait: what the call says, else the queue's PollingWaitSeconds. */
export function waitMs({ query, state, queueName }: MnsCall): number {
  const given = query.get('waitseconds');
  const seconds =
    given === undefined
      ? state.queue(queueName).attributes.pollingWaitSeconds
      : readInteger(given, 'waitseconds', 0, 30);
  return seconds * 1000;
}

export const numOfMessages = ({ query }: MnsCall): number =>
  readInteger(query.get('numOfMessages') ?? '', 'numOfMessages', 1, maxBatch, '');
