import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** ULID in lower case: 48 bits of milliseconds, 80 random bits; sorts by time of creation. Source: https://github.com/ulid/spec */
export function newUlid(nowMs: number): string {
  let time = '';
  let rest = nowMs;
  for (let index = 0; index < 10; index += 1) {
    time = alphabet[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  let random = '';
  for (const byte of randomBytes(16)) random += alphabet[byte % 32];
  return time + random;
}

export const isUlid = (text: string): boolean => /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text);

/** The instant in the id, in epoch milliseconds. */
export const ulidTimeMs = (id: string): number =>
  Array.from(id.slice(0, 10)).reduce((sum, character) => sum * 32 + alphabet.indexOf(character), 0);
