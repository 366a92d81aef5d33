import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key of the installation's messages. */
export interface MessageKey {
  id: string;
  key: Buffer;
  /** Signs from this instant on. Until then the one before it does: functions that a deploy has not reached know no other. */
  fromMs?: number;
}

/** Bytes of a key, and the least that is taken. */
const keyBytes = 32;

const keyPattern = /^([a-z0-9]{1,20}):([A-Za-z0-9_-]+)(?:@(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z))?$/;

/** Within this time after it was made a new key is deployed: then it signs. */
const deployMs = 3_600_000;

/**
 * Reads keys, the newest first: `ID:BASE64URL@INSTANT,ID:BASE64URL`. The newest signs, from its instant on where it has one;
 * the one before it signs until then, and is accepted afterwards.
 *
 * @throws Error that says what is wrong and nothing of a key.
 */
export function parseMessageKeys(text: string): MessageKey[] {
  const keys = text.split(',').map((part, at): MessageKey => {
    const [, id = '', encoded = '', from] = keyPattern.exec(part.trim()) ?? [];
    const key = Buffer.from(encoded, 'base64url');
    if (id === '') throw new Error(`key ${at + 1} must be ID:BASE64URL or ID:BASE64URL@INSTANT`);
    if (key.length < keyBytes) throw new Error(`key ${id} must have ${keyBytes} bytes or more, and has ${key.length}`);
    // Of 32 random bytes about 30 differ.
    if (new Set(key).size < 20) throw new Error(`key ${id} is not random`);
    if (from === undefined) return { id, key };
    const fromMs = Date.parse(from);
    if (Number.isNaN(fromMs)) throw new Error(`key ${id} has no instant behind "@"`);
    return { id, key, fromMs };
  });
  if (keys.length > 2) throw new Error('only the key that signs and the one before it are kept');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('two keys have one id');
  if (new Set(keys.map(({ key }) => key.toString('hex'))).size < keys.length)
    throw new Error('the key before is the same key');
  return keys;
}

/** Returns keys with a new one first, which signs in an hour, and, of those before, the one that signed until now. */
export function withNewKey(before: MessageKey[], nowMs: number): MessageKey[] {
  const fresh = { id: `k${nowMs.toString(36)}`, key: randomBytes(keyBytes) };
  const [last] = before.filter(({ id }) => id !== fresh.id);
  return last === undefined
    ? [fresh]
    : [
        { ...fresh, fromMs: nowMs + deployMs },
        { id: last.id, key: last.key },
      ];
}

/** Returns the keys of an installation that owes its secrets to another one: the same for the same secret. */
export const derivedMessageKeys = (secret: string): MessageKey[] => [
  { id: 'derived', key: createHmac('sha256', secret).update('message key of dualstack-alb').digest() },
];

export const formatMessageKeys = (keys: MessageKey[]): string =>
  keys
    .map(({ id, key, fromMs }) => {
      const from = fromMs === undefined ? '' : `@${new Date(fromMs).toISOString()}`;
      return `${id}:${key.toString('base64url')}${from}`;
    })
    .join(',');

/** Returns the key that signs at this instant. */
export const signingKey = ([newest, before]: readonly MessageKey[], nowMs: number): MessageKey | undefined =>
  before !== undefined && (newest?.fromMs ?? 0) > nowMs ? before : newest;

/** Which installation and queue a message is for: a MAC for one queue is none for another. */
export interface SealScope {
  name: string;
  regionId: string;
  accountId: string;
  queue: string;
}

/** Over the resource name of the queue: one key may serve installations in several regions. */
const macOf = ({ key }: MessageKey, { name, regionId, accountId, queue }: SealScope, text: string): Buffer =>
  createHmac('sha256', key)
    .update(`message to acs:mns:${regionId}:${accountId}:/queues/${name}-${queue}\n${text}`)
    .digest();

/** What to do where there is no key. */
export const noKey =
  'no message key is set: DUALSTACK_ALB_MESSAGE_KEYS must stand in the environment; npm run bootstrap writes it';

/**
 * Returns the body of a queue message: `mac=ID.BASE64URL`, a line feed, the text. The MAC (HMAC-SHA256, RFC 2104) covers the
 * exact bytes of the text, so that nobody in between may parse and write it anew; JSON behind a first line is no JSON, which
 * keeps triggers from doing so.
 *
 * @throws Error without a key.
 */
export function seal(keys: readonly MessageKey[], scope: SealScope, text: string, nowMs: number): string {
  const key = signingKey(keys, nowMs);
  if (key === undefined) throw new Error(noKey);
  return `mac=${key.id}.${macOf(key, scope, text).toString('base64url')}\n${text}`;
}

const sealed = /^mac=([a-z0-9]{1,20})\.([A-Za-z0-9_-]{43})\n/;

/** Returns the text of a sealed body, unchecked; undefined where it is none. */
export function sealedText(body: unknown): string | undefined {
  const head = typeof body === 'string' ? sealed.exec(body) : null;
  return head === null ? undefined : (body as string).slice(head[0].length);
}

/** Returns the text that the installation has sealed for the queue, or why it is not accepted. */
export function unseal(
  keys: readonly MessageKey[],
  scope: SealScope,
  body: unknown,
): { text: string } | { reason: string } {
  const head = typeof body === 'string' ? sealed.exec(body) : null;
  const text = sealedText(body);
  if (head === null || text === undefined) return { reason: 'the message is not signed by this installation' };
  const key = keys.find(({ id }) => id === head[1]);
  if (key === undefined)
    return { reason: `the message is signed with key ${head[1]}, which this installation does not have (any more)` };
  const given = Buffer.from(head[2] ?? '', 'base64url');
  return timingSafeEqual(given, macOf(key, scope, text))
    ? { text }
    : { reason: 'the signature of the message is not that of its text and queue' };
}
