import { parseStageMessage, readDeliveries, type Delivery, type StageMessage } from '../../shared/messages.ts';

/** What ended in the dead-letter queue. */
export interface Letter {
  /** `refused`: a function put it there. `undelivered`: the trigger gave up. `destination`: an asynchronous invocation failed. `unknown`: none of ours. */
  kind: 'refused' | 'undelivered' | 'destination' | 'unknown';
  reason: string;
  /** Where it stood in the way of a stage. */
  message: StageMessage | undefined;
  /** As it came, cut. */
  body: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const cut = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > 20_000 ? `${text.slice(0, 20_000)}…` : text;
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const messageIn = (body: unknown): StageMessage | undefined => {
  const parsed = parseStageMessage(body);
  return 'message' in parsed ? parsed.message : undefined;
};

/**
 * Reads a dead letter: our own refusal, the raw queue event that a stream's trigger gave up on (a CloudEvent), or the
 * record of a failed asynchronous invocation, which carries the event as a string.
 *
 * @see https://help.aliyun.com/zh/functioncompute/user-guide/result-callback (read 2026-11-22)
 */
export function readLetter({ body }: Delivery): Letter {
  if (isObject(body) && body['kind'] === 'refused-message')
    return { kind: 'refused', reason: textOf(body['reason']), message: undefined, body: cut(body['body']) };
  if (isObject(body) && isObject(body['requestContext']) && 'requestPayload' in body) {
    const { condition } = body['requestContext'];
    const [inner] = readDeliveries(textOf(body['requestPayload']), '');
    return {
      kind: 'destination',
      reason: `asynchronous invocation failed: ${textOf(condition)}`,
      message: messageIn(inner?.body),
      body: cut(body),
    };
  }
  if (isObject(body) && 'specversion' in body) {
    const [inner] = readDeliveries(JSON.stringify(body), '');
    return {
      kind: 'undelivered',
      reason: 'the trigger gave up after its retries',
      message: messageIn(inner?.body),
      body: cut(body),
    };
  }
  const direct = messageIn(body);
  return direct === undefined
    ? { kind: 'unknown', reason: 'not a message of ours', message: undefined, body: cut(body) }
    : { kind: 'undelivered', reason: 'the trigger gave up after its retries', message: direct, body: cut(body) };
}
