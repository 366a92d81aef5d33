import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** AES-256 in Galois/Counter Mode with a nonce of 96 bits and a tag of 128 (NIST SP 800-38D). */
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

const version = 'v1';

/** Distinguishes keys without a word of them. */
const idOf = (key: Buffer): string =>
  createHash('sha256').update('id of a key\n').update(key).digest('hex').slice(0, 8);

/**
 * Encrypts a text: `v1.<id of the key>.<nonce, text and tag as base64url>`.
 *
 * @param key - 32 bytes.
 * @param about - what the text belongs to: it opens there alone, so that a copy in another place is worth nothing.
 */
export function seal(text: string, key: Buffer, about: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(about));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [version, idOf(key), sealed.toString('base64url')].join('.');
}

/**
 * Decrypts what `seal` made.
 *
 * @param keys - the present one first.
 * @returns the text, and the key that opened it; or why it cannot be read, without anything of its contents.
 */
export function open(
  sealed: string,
  keys: readonly Buffer[],
  about: string,
): { text: string; key: Buffer } | { reason: string } {
  const [form, keyId, body, ...more] = sealed.split('.');
  if (form !== version || keyId === undefined || body === undefined || more.length > 0)
    return { reason: `is not of the form ${version}.KEY.TEXT` };
  const key = keys.find((one) => idOf(one) === keyId);
  if (key === undefined) return { reason: `is sealed with a key (id ${keyId}) that is not known here` };
  const bytes = Buffer.from(body, 'base64url');
  try {
    const tag = bytes.subarray(-tagBytes);
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(about))
      .setAuthTag(tag);
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    return { text: text.toString('utf8'), key };
  } catch {
    return { reason: 'was changed, or belongs to another row' };
  }
}
