import { createHash } from 'node:crypto';
import { makeDue } from '../../shared/deployment/lost-messages.ts';
import { type Delivery, isKeepAlive } from '../../shared/messages.ts';
import { deadLetterQueue } from '../../shared/pipeline.ts';
import { openDelivery } from '../../shared/queue/receive.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { readLetter } from './letter.ts';

/** History of letters that belong to no deployment. */
const nobody = 'none';

/**
 * Records the letter in the history, once however often it comes, and lets the sweep send the turn that it stood for again.
 * Nothing is lost by that: a turn that has been served since drops the message.
 */
export async function keepDeadLetter(runtime: Runtime, delivery: Delivery): Promise<void> {
  const opened = openDelivery(runtime, deadLetterQueue, delivery);
  if ('body' in opened && isKeepAlive(opened)) return;
  const letter = readLetter(delivery, runtime.config);
  const deploymentId = letter.deploymentId ?? nobody;
  const identity = createHash('sha256').update(letter.identity).digest('hex').slice(0, 16);
  await runtime.events.appendFirst({
    deploymentId,
    identity: `dead-letter-${identity}`,
    atMs: runtime.clock.nowMs(),
    kind: 'dead-letter',
    text: `${letter.kind}: ${letter.reason}`,
    details: { messageId: delivery.messageId, body: letter.body },
  });
  runtime.log('error', 'a message ended in the dead-letter queue', {
    deploymentId,
    kind: letter.kind,
    reason: letter.reason,
  });
  const { message } = letter;
  if (message === undefined) return;
  await runtime.deployments.update(message.deploymentId, (record) =>
    makeDue(record, message, runtime.config.lostAfterMs, runtime.clock.nowMs()),
  );
}
