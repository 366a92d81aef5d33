import { parseStageMessage, readDeliveries, type Delivery, type StageMessage } from '../../shared/messages.ts';
import { shortened } from '../../shared/text.ts';
import { isUlid } from '../../shared/ulid.ts';

/** What ended in the dead-letter queue. */
export interface Letter {
  /** `refused`: a function put it there. `undelivered`: the trigger gave up. `destination`: an asynchronous invocation failed. `unknown`: none of ours. */
  kind: 'refused' | 'undelivered' | 'destination' | 'unknown';
  reason: string;
  /** The turn that it stood for: it may be served once more. */
  message: StageMessage | undefined;
  /** Whose history it belongs to, where it names a deployment. */
  deploymentId: string | undefined;
  /** What died, however often and by whatever way it comes here. */
  identity: string;
  /** As it came, 20,000 bytes of it at most. */
  body: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** 20,000 of the body, and the mark behind them. */
const mostBytes = 20_003;

const cut = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return shortened(text, mostBytes);
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const messageIn = (body: unknown): StageMessage | undefined => {
  const parsed = parseStageMessage(body);
  return 'message' in parsed ? parsed.message : undefined;
};

/** A refused message may still say whose it was. */
const deploymentIn = (body: unknown): string | undefined => {
  const id = isObject(body) ? textOf(body['deploymentId']) : '';
  return isUlid(id) ? id : undefined;
};

const jsonIn = (text: unknown): unknown => {
  try {
    return JSON.parse(textOf(text)) as unknown;
  } catch {
    return undefined;
  }
};

/**
 * Reads a dead letter: our own refusal, the raw queue event that a stream's trigger gave up on (a CloudEvent), or the
 * record of a failed asynchronous invocation, which carries the event as a string.
 *
 * @see https://help.aliyun.com/zh/functioncompute/user-guide/result-callback (read 2026-11-22)
 */
export function readLetter({ messageId, body }: Delivery): Letter {
  if (isObject(body) && body['kind'] === 'refused-message') return refused(messageId, body);
  if (isObject(body) && isObject(body['requestContext']) && 'requestPayload' in body) {
    const { condition, requestId } = body['requestContext'];
    const [inner] = readDeliveries(textOf(body['requestPayload']), messageId);
    return {
      ...served('destination', inner?.body, textOf(requestId) || messageId),
      reason: `asynchronous invocation failed: ${textOf(condition)}`,
      body: cut(body),
    };
  }
  if (isObject(body) && 'specversion' in body) {
    const [inner] = readDeliveries(JSON.stringify(body), messageId);
    return { ...served('undelivered', inner?.body, inner?.messageId ?? messageId), body: cut(body) };
  }
  return messageIn(body) === undefined
    ? { ...served('unknown', body, messageId), reason: 'not a message of ours' }
    : served('undelivered', body, messageId);
}

function served(kind: Letter['kind'], body: unknown, id: string): Letter {
  const message = messageIn(body);
  return {
    kind,
    reason: 'the trigger gave up after its retries',
    message,
    deploymentId: message?.deploymentId ?? deploymentIn(body),
    identity: `${kind} ${id}`,
    body: cut(body),
  };
}

function refused(messageId: string, body: Record<string, unknown>): Letter {
  const id = textOf(body['messageId']);
  return {
    kind: 'refused',
    reason: textOf(body['reason']),
    message: undefined,
    deploymentId: deploymentIn(jsonIn(body['body'])),
    identity: `refused ${textOf(body['queue'])} ${id === '' ? messageId : id}`,
    body: cut(body['body']),
  };
}
