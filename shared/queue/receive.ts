import { parseJson } from '../json.ts';
import { type Delivery, isKeepAlive, type OwnDelivery, readDeliveries } from '../messages.ts';
import type { Config } from '../config.ts';
import type { Runtime } from '../runtime.ts';
import { putAway } from './put-away.ts';
import { unseal } from './seal.ts';

/**
 * Serves the messages of an event that this installation has sent to the queue. Every function that a queue triggers reads its
 * event by this alone: what another has sent, or for another queue, goes to the dead letters before anything looks into it.
 *
 * @param queue - without the installation's prefix.
 * @returns what `serve` made of each.
 * @throws the first failure, after all have been tried: a message could neither be served nor put away, and is delivered again.
 */
export async function receive<T>(
  runtime: Runtime,
  queue: string,
  event: Buffer | string,
  requestId: string,
  serve: (own: OwnDelivery) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  const failures: unknown[] = [];
  for (const delivery of readDeliveries(event, requestId)) {
    try {
      const opened = openDelivery(runtime, queue, delivery);
      if ('reason' in opened) await putAway(runtime, queue, delivery, opened.reason);
      else if (!isKeepAlive(opened)) results.push(await serve(opened));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return results;
}

/** Returns the delivery with the JSON that the installation has sealed for the queue, or why it is not one of its own. */
export function openDelivery(
  { config }: { config: Pick<Config, 'name' | 'regionId' | 'accountId' | 'messageKeys'> },
  queue: string,
  { messageId, body }: Delivery,
): OwnDelivery | { reason: string } {
  const opened = unseal(config.messageKeys, { ...config, queue }, body);
  return 'reason' in opened ? opened : ({ messageId, body: parseJson(opened.text) ?? opened.text } as OwnDelivery);
}
