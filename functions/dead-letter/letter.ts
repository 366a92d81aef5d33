import type { Config } from '../../shared/config.ts';
import { parseJson } from '../../shared/json.ts';
import { type Delivery, parseStageMessage, readDeliveries, type StageMessage } from '../../shared/messages.ts';
import { deadLetterQueue, queueOf } from '../../shared/pipeline.ts';
import { openDelivery } from '../../shared/queue/receive.ts';
import { sealedText } from '../../shared/queue/seal.ts';
import { oneLine, shortened } from '../../shared/text.ts';
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

type Own = Pick<Config, 'name' | 'regionId' | 'accountId' | 'messageKeys' | 'stageQueue'>;

/** Returns the stage message in a body if this installation has sealed it for the queue of that stage. */
function ownMessage(config: Own, body: unknown): StageMessage | undefined {
  const named = parseStageMessage(parseJson(sealedText(body) ?? ''));
  if ('reason' in named) return undefined;
  const opened = openDelivery({ config }, queueOf(named.message.stage, config.stageQueue), { messageId: '', body });
  return 'body' in opened ? named.message : undefined;
}

/** A refused message may still say whose it was. */
const deploymentIn = (body: unknown): string | undefined => {
  const content = isObject(body) ? body : parseJson(sealedText(body) ?? '');
  const id = isObject(content) ? textOf(content['deploymentId']) : '';
  return isUlid(id) ? id : undefined;
};

/**
 * Reads a dead letter: what a function of this installation has refused, and why; or what the platform, or anybody, has put
 * there: the raw queue event that a stream's trigger gave up on (a CloudEvent), the record of a failed asynchronous invocation,
 * which carries the event as a string, the body of a message. Of those nothing follows but what the installation itself has
 * sealed inside.
 *
 * @see https://help.aliyun.com/zh/functioncompute/user-guide/result-callback (read 2026-11-22)
 */
export function readLetter(delivery: Delivery, config: Own): Letter {
  const opened = openDelivery({ config }, deadLetterQueue, delivery);
  if ('reason' in opened) return readForeignLetter(delivery, (body) => ownMessage(config, body));
  const { messageId, body } = opened;
  if (isObject(body) && body['kind'] === 'refused-message') return refused(messageId, body);
  return { ...served('unknown', body, messageId, () => undefined), reason: 'not a letter of this version' };
}

type OpenMessage = (body: unknown) => StageMessage | undefined;

function readForeignLetter({ messageId, body }: Delivery, open: OpenMessage): Letter {
  if (isObject(body) && isObject(body['requestContext']) && 'requestPayload' in body) {
    const { condition, requestId } = body['requestContext'];
    const [inner] = readDeliveries(textOf(body['requestPayload']), messageId);
    return {
      ...served('destination', inner?.body, textOf(requestId) || messageId, open),
      reason: `asynchronous invocation failed: ${shortened(oneLine(textOf(condition)), 100)}`,
      body: cut(body),
    };
  }
  if (isObject(body) && 'specversion' in body) {
    const [inner] = readDeliveries(JSON.stringify(body), messageId);
    return { ...served('undelivered', inner?.body, inner?.messageId ?? messageId, open), body: cut(body) };
  }
  return open(body) === undefined
    ? { ...served('unknown', body, messageId, open), reason: 'not signed by this installation' }
    : served('undelivered', body, messageId, open);
}

function served(kind: Letter['kind'], body: unknown, id: string, open: OpenMessage): Letter {
  const message = open(body);
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
    deploymentId: deploymentIn(parseJson(textOf(body['body']))),
    identity: `refused ${textOf(body['queue'])} ${id === '' ? messageId : id}`,
    body: cut(body['body']),
  };
}
