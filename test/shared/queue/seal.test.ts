import { describe, expect, it } from 'vitest';
import { formatMessageKeys, parseMessageKeys, seal, unseal, withNewKey } from '../../../shared/queue/seal.ts';

const scope = { name: 'dualstack-alb', queue: 'listener' };
const [first] = [withNewKey([], 1)];
const second = withNewKey(first, 2);
const third = withNewKey(second, 3);
const text = '{"v":1,"text":"负载 \\"均衡\\""}';

describe('a sealed message', () => {
  it('is opened as it was sealed, by the key that signs and the one before it', () => {
    const body = seal(first, scope, text);
    expect(body).toMatch(/^mac=k1\.[\w-]{43}\n\{/);
    expect(unseal(first, scope, body)).toEqual({ text });
    expect(unseal(second, scope, body)).toEqual({ text });
  });

  it('of a key two rotations ago is refused, and says which it was', () => {
    expect(unseal(third, scope, seal(first, scope, text))).toEqual({
      reason: 'the message is signed with key k1, which this installation does not have (any more)',
    });
  });

  it.each([
    ['for another queue', seal(first, { ...scope, queue: 'dns' }, text)],
    ['of another installation', seal(first, { ...scope, name: 'other' }, text)],
    ['with another text', seal(first, scope, text).replace('"v":1', '"v":2')],
    ['with a text that only looks the same', `${seal(first, scope, text)} `],
    ['with another MAC', seal(first, scope, text).replace(/\.[\w-]{43}/, `.${'A'.repeat(43)}`)],
    [
      'of another key with the same id',
      seal(
        parseMessageKeys(`k1:${Buffer.from(Array.from({ length: 32 }, (_, n) => n)).toString('base64url')}`),
        scope,
        text,
      ),
    ],
  ])('%s is refused', (_, body) => {
    expect(unseal(first, scope, body)).toEqual({
      reason: 'the signature of the message is not that of its text and queue',
    });
  });

  it.each([undefined, null, 1, '', text, JSON.parse(text), 'mac=', 'mac=k1.\n{}', `mac=k1.${'A'.repeat(44)}\n{}`])(
    'is none where nobody has sealed it: %j',
    (body) => {
      expect(unseal(first, scope, body)).toEqual({ reason: 'the message is not signed by this installation' });
    },
  );

  it('is neither made nor opened without a key', () => {
    expect(() => seal([], scope, text)).toThrow(
      /DUALSTACK_ALB_MESSAGE_KEYS must stand in the environment; npm run bootstrap/,
    );
    expect(unseal([], scope, seal(first, scope, text))).toHaveProperty('reason');
  });
});

describe('the keys in the environment', () => {
  it('are read as they were written, two at most', () => {
    expect(parseMessageKeys(formatMessageKeys(second))).toEqual(second);
    expect(second.map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(third.map(({ id }) => id)).toEqual(['k3', 'k2']);
  });

  it.each([
    ['k1', 'key 1 must be ID:BASE64URL'],
    ['K 1:abc', 'key 1 must be ID:BASE64URL'],
    ['k1:c2hvcnQ', 'key k1 must have 32 bytes or more, and has 5'],
    [`k1:${Buffer.alloc(32).toString('base64url')}`, 'key k1 is not random'],
    [`${formatMessageKeys(first)},${formatMessageKeys(first)}`, 'two keys have one id'],
    [
      `${formatMessageKeys(third)},${formatMessageKeys(first)}`,
      'only the key that signs and the one before it are kept',
    ],
  ])('are refused without a word of a key: %s', (given, message) => {
    expect(() => parseMessageKeys(given)).toThrow(message);
    expect(message).not.toContain(formatMessageKeys(first).split(':')[1]);
  });
});
