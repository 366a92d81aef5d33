import type { Delivery } from '../messages.ts';
import { deadLetterQueue } from '../pipeline.ts';
import type { Runtime } from '../runtime.ts';
import { shortened } from '../text.ts';

/**
 * Sends what can never be served to the dead letters, with the reason; the message counts as served then.
 *
 * @param deploymentId - whose history it belongs to, where something that is signed says so.
 */
export async function putAway(
  runtime: Runtime,
  queue: string,
  delivery: Delivery,
  reason: string,
  deploymentId?: string,
): Promise<void> {
  runtime.log('error', 'message put into the dead-letter queue', { queue, reason, messageId: delivery.messageId });
  const text = JSON.stringify(delivery.body) ?? '';
  await runtime.queues.send(deadLetterQueue, {
    kind: 'refused-message',
    queue,
    messageId: delivery.messageId,
    // By bytes, and not more: escaped once more and in base64 all of it must stay below 64 KB.
    reason: shortened(reason, 1000),
    body: shortened(text, 20_000),
    ...(deploymentId === undefined ? {} : { deploymentId }),
    atMs: runtime.clock.nowMs(),
  });
}
