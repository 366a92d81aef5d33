import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key of the installation's messages. */
export interface MessageKey {
  id: string;
  key: Buffer;
}

/** Bytes of a key, and the least that is taken. */
const keyBytes = 32;

const keyPattern = /^([a-z0-9]{1,20}):([A-Za-z0-9_-]+)$/;

/**
 * Reads keys, the one that signs first: `ID:BASE64URL,ID:BASE64URL`. The others are those before it, which sign no more and
 * are still accepted.
 *
 * @throws Error that says what is wrong and nothing of a key.
 */
export function parseMessageKeys(text: string): MessageKey[] {
  const keys = text.split(',').map((part, at): MessageKey => {
    const [, id = '', encoded = ''] = keyPattern.exec(part.trim()) ?? [];
    const key = Buffer.from(encoded, 'base64url');
    if (id === '') throw new Error(`key ${at + 1} must be ID:BASE64URL`);
    if (key.length < keyBytes) throw new Error(`key ${id} must have ${keyBytes} bytes or more, and has ${key.length}`);
    if (new Set(key).size < 8) throw new Error(`key ${id} is not random`);
    return { id, key };
  });
  if (keys.length > 2) throw new Error('only the key that signs and the one before it are kept');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('two keys have one id');
  return keys;
}

/** Returns keys with a new one first and, of those before, the one that signed until now. */
export function withNewKey(before: MessageKey[], nowMs: number): MessageKey[] {
  const fresh = { id: `k${nowMs.toString(36)}`, key: randomBytes(keyBytes) };
  return [fresh, ...before.filter(({ id }) => id !== fresh.id).slice(0, 1)];
}

export const formatMessageKeys = (keys: MessageKey[]): string =>
  keys.map(({ id, key }) => `${id}:${key.toString('base64url')}`).join(',');

/** Which installation and queue a message is for: a MAC for one queue is none for another. */
export interface SealScope {
  name: string;
  queue: string;
}

const macOf = ({ key }: MessageKey, { name, queue }: SealScope, text: string): Buffer =>
  createHmac('sha256', key).update(`dualstack-alb message\n${name}\n${queue}\n${text}`).digest();

/**
 * Returns the body of a queue message: `mac=ID.BASE64URL`, a line feed, the text. The MAC (HMAC-SHA256, RFC 2104) covers the
 * exact bytes of the text, so that nobody in between may parse and write it anew; JSON behind a first line is no JSON, which
 * keeps triggers from doing so.
 *
 * @throws Error without a key.
 */
export function seal(keys: readonly MessageKey[], scope: SealScope, text: string): string {
  const [first] = keys;
  if (first === undefined)
    throw new Error(
      'no message key is set: DUALSTACK_ALB_MESSAGE_KEYS must stand in the environment; npm run bootstrap writes it',
    );
  return `mac=${first.id}.${macOf(first, scope, text).toString('base64url')}\n${text}`;
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
