import type { Config } from '../../shared/config.ts';
import { formatMessageKeys, parseMessageKeys, seal, sealedText, withNewKey } from '../../shared/queue/seal.ts';

/** Of the installations that tests make: the key that signs, as `DUALSTACK_ALB_MESSAGE_KEYS` names it. */
export const testMessageKeys = formatMessageKeys(withNewKey([], 0));

/** Where the embedded cloud's installations are, if nothing else is said. */
export const someInstallation = { name: 'dualstack-alb', regionId: 'cn-shanghai', accountId: '1234567890123456' };

/** The body of a message as the installation sends it to the queue. */
export const sealedFor = (queue: string, message: unknown, name = 'dualstack-alb', keys = testMessageKeys): string =>
  seal(parseMessageKeys(keys), { ...someInstallation, name, queue }, JSON.stringify(message), 0);

/** The same of an installation as its settings are. */
export const sealedBy = (
  config: Pick<Config, 'name' | 'regionId' | 'accountId' | 'messageKeys'>,
  queue: string,
  message: unknown,
): string => seal(config.messageKeys, { ...config, queue }, JSON.stringify(message), 0);

/** The message in a queue of the embedded cloud, as it was given to be sent. @throws where nobody has sealed it. */
export function sentMessage({ body }: { body: string }): unknown {
  const text = sealedText(Buffer.from(body, 'base64').toString('utf8'));
  if (text === undefined) throw new Error(`a message that is not sealed: ${body}`);
  return JSON.parse(text);
}

/** Reads as `sentMessage` does; undefined where somebody else has sent it. */
export function peek(message: { body: string }): unknown {
  try {
    return sentMessage(message);
  } catch {
    return undefined;
  }
}

/** The event by which a stream hands over a message with this body, decoded from base64. */
export const queueEvent = (messageId: string, messageBody: unknown): Buffer =>
  Buffer.from(JSON.stringify([{ id: messageId, data: { requestId: 'r', messageId, messageBody } }]));

/** The event by which a stream hands over a message that stands in a queue. */
export const eventOf = ({ id, body }: { id: string; body: string }): Buffer =>
  queueEvent(id, Buffer.from(body, 'base64').toString('utf8'));
