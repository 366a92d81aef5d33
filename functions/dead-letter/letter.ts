import type { Config } from '../../shared/config.ts';
import {
  type Delivery,
  deploymentIn,
  parseStageMessage,
  readDeliveries,
  type StageMessage,
} from '../../shared/messages.ts';
import { deadLetterQueue, queueNamesOf, queueOf } from '../../shared/pipeline.ts';
import { openDelivery } from '../../shared/queue/receive.ts';
import { oneLine, shortened } from '../../shared/text.ts';
import { isUlid } from '../../shared/ulid.ts';

/** What ended in the dead-letter queue. */
export interface Letter {
  /** `refused`: a function put it there. `undelivered`: the trigger gave up. `destination`: an asynchronous invocation failed. `unknown`: none of ours. */
  kind: 'refused' | 'undelivered' | 'destination' | 'unknown';
  reason: string;
  /** The turn that it stood for: it may be served once more. */
  message: StageMessage | undefined;
  /** Whose history it belongs to, where something that is signed names a deployment. */
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

/** Returns what this installation has sealed for one of its queues, and the turn that it stands for. */
function ownMessage(config: Own, body: unknown): { body: unknown; message: StageMessage | undefined } | undefined {
  for (const queue of queueNamesOf(config.stageQueue)) {
    const opened = openDelivery({ config }, queue, { messageId: '', body });
    if ('reason' in opened) continue;
    const parsed = parseStageMessage(opened.body);
    if ('reason' in parsed) return { body: opened.body, message: undefined };
    const { message } = parsed;
    return queueOf(message.stage, config.stageQueue) === queue ? { body: opened.body, message } : undefined;
  }
  return undefined;
}

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
  return {
    ...served('unknown', { body, message: undefined }, body, messageId),
    reason: 'not a letter of this version',
  };
}

type OpenMessage = (body: unknown) => ReturnType<typeof ownMessage>;

const notSigned = 'not signed by this installation';

function readForeignLetter({ messageId, body }: Delivery, open: OpenMessage): Letter {
  if (isObject(body) && isObject(body['requestContext']) && 'requestPayload' in body) {
    const { condition, requestId } = body['requestContext'];
    const [inner] = readDeliveries(textOf(body['requestPayload']), messageId);
    const letter = served('destination', open(inner?.body), body, textOf(requestId) || messageId);
    const reason = `asynchronous invocation failed: ${shortened(oneLine(textOf(condition)), 100)}`;
    return { ...letter, reason: letter.reason === notSigned ? `${reason}; ${notSigned}` : reason };
  }
  if (isObject(body) && 'specversion' in body) {
    const [inner] = readDeliveries(JSON.stringify(body), messageId);
    return served('undelivered', open(inner?.body), body, inner?.messageId ?? messageId);
  }
  const opened = open(body);
  return served(opened === undefined ? 'unknown' : 'undelivered', opened, body, messageId);
}

/** @param opened - undefined: nothing in it is believed, be it whose history it belongs to. */
const served = (kind: Letter['kind'], opened: ReturnType<OpenMessage>, body: unknown, id: string): Letter => ({
  kind,
  reason: opened === undefined ? notSigned : 'the trigger gave up after its retries',
  message: opened?.message,
  deploymentId: deploymentIn(opened?.body),
  identity: `${kind} ${id}`,
  body: cut(body),
});

function refused(messageId: string, body: Record<string, unknown>): Letter {
  const [id, deploymentId] = [textOf(body['messageId']), textOf(body['deploymentId'])];
  return {
    kind: 'refused',
    reason: textOf(body['reason']),
    message: undefined,
    deploymentId: isUlid(deploymentId) ? deploymentId : undefined,
    identity: `refused ${textOf(body['queue'])} ${id === '' ? messageId : id}`,
    body: cut(body['body']),
  };
}
