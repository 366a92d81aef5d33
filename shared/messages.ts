import * as z from 'zod';
import { stageNames } from './pipeline.ts';
import { parseJson } from './json.ts';
import { sealedText } from './queue/seal.ts';
import { isUlid } from './ulid.ts';
import { check, problemsOf } from './deployment/problems.ts';

/** Version of the messages that this code sends. It serves its own and the one before, so that a deploy may come in between. */
export const messageVersion = 1;

/** A reference to work, never the state: which stage of which deployment has its turn. */
export const stageMessageSchema = z.strictObject({
  v: z
    .number()
    .int()
    .min(messageVersion - 1)
    .max(messageVersion),
  deploymentId: z.string().regex(/^[0-9a-hjkmnp-tv-z]{26}$/),
  stage: z.enum(stageNames),
  action: z.enum(['apply', 'release']),
  /** Grows when what is wanted changes: a message of an older epoch has no effect. */
  epoch: z.number().int().min(0),
  /** Which look of the stage this is: a message of an older turn has been served. */
  turn: z.number().int().min(0),
});
export type StageMessage = z.infer<typeof stageMessageSchema>;

/**
 * What `sweep` sends to every queue now and then: an event stream that has had no event for a month is charged by the day. Who
 * gets it does nothing.
 *
 * @see https://www.alibabacloud.com/help/en/eventbridge/product-overview/billing-of-event-streams (read 2026-11-22)
 */
export const keepAlive = { v: messageVersion, keepAlive: true } as const;

/** One message as a trigger delivers it, whoever sent it. `messageId` stays the same over all deliveries of one message. */
export interface Delivery {
  messageId: string;
  /** Decoded body, or the text where it is not JSON, as what is sealed. */
  body: unknown;
}

declare const opened: unique symbol;

/** A message that this installation has sealed for the queue that it came by. `openDelivery` alone makes one; only such are served. */
export interface OwnDelivery extends Delivery {
  readonly [opened]: true;
}

const looksLikeBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);

/** A body may come as JSON text, as base64 of JSON text, or already parsed, depending on the trigger's settings. */
function decodeBody(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  const direct = parseJson(body);
  if (direct !== undefined) return direct;
  if (looksLikeBase64(body)) {
    const text = Buffer.from(body, 'base64').toString('utf8');
    const decoded = sealedText(text) === undefined ? parseJson(text) : text;
    if (decoded !== undefined) return decoded;
  }
  return body;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isKeepAlive = ({ body }: Delivery): boolean => isObject(body) && body['keepAlive'] === true;

function readElement(element: unknown, fallbackId: string): Delivery {
  const event = typeof element === 'string' ? (parseJson(element) ?? element) : element;
  if (!isObject(event)) return { messageId: fallbackId, body: event };
  const data = isObject(event['data']) ? event['data'] : event;
  if (!('messageBody' in data)) return { messageId: fallbackId, body: event };
  const messageId = data['messageId'] ?? event['id'];
  return {
    messageId: typeof messageId === 'string' && messageId !== '' ? messageId : fallbackId,
    body: decodeBody(data['messageBody']),
  };
}

/**
 * Reads what a queue trigger hands to a function, whoever sent it; see `receive`. It is a JSON array of CloudEvents (event stream), one CloudEvent, raw data
 * (`{requestId, messageId, messageBody}`), elements as objects or JSON strings.
 *
 * @param fallbackId - stands for the message id where the event has none.
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/mns-queue-triggers (read 2026-11-22)
 */
export function readDeliveries(event: Buffer | string, fallbackId: string): Delivery[] {
  const text = event.toString();
  const parsed = parseJson(text);
  if (parsed === undefined) return [{ messageId: fallbackId, body: text }];
  const elements = Array.isArray(parsed) ? (parsed as unknown[]) : [parsed];
  return elements.map((element, index) =>
    readElement(element, elements.length === 1 ? fallbackId : `${fallbackId}#${index}`),
  );
}

/** Returns whose message it is, also where it is invalid otherwise. */
export const deploymentIn = (body: unknown): string | undefined => {
  const id = isObject(body) ? body['deploymentId'] : undefined;
  return typeof id === 'string' && isUlid(id) ? id : undefined;
};

/** The message, or why it is none of ours. */
export function parseStageMessage(body: unknown): { message: StageMessage } | { reason: string } {
  const result = check(stageMessageSchema, body);
  if (result.success) return { message: result.data };
  const issues = problemsOf(result.error, body, 'a field of the message').map(
    ({ field, message }) => `${field || 'body'}: ${message}`,
  );
  return { reason: issues.join('; ') };
}
