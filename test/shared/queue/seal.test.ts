import { describe, expect, it } from 'vitest';
import {
  derivedMessageKeys,
  formatMessageKeys,
  type MessageKey,
  parseMessageKeys,
  seal as sealAt,
  type SealScope,
  unseal,
  withNewKey,
} from '../../../shared/queue/seal.ts';
import { loadConfig, loadFunctionConfig } from '../../../shared/config.ts';
import { someInstallation } from '../../support/message-keys.ts';

const scope = { ...someInstallation, queue: 'listener' };
const [first] = [withNewKey([], 1)];
const second = withNewKey(first, 2);
const third = withNewKey(second, 3);
/** When every key that was made here has begun to sign. */
const laterMs = 24 * 3_600_000;
const seal = (keys: MessageKey[], where: SealScope, what: string, nowMs = laterMs) => sealAt(keys, where, what, nowMs);
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
    ['of another region', seal(first, { ...scope, regionId: 'cn-hangzhou' }, text)],
    ['of another account', seal(first, { ...scope, accountId: '9876543210987654' }, text)],
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

describe('while a new key is deployed', () => {
  const madeMs = Date.UTC(2026, 11, 1, 9);
  const before = withNewKey([], madeMs - 1000);
  const after = withNewKey(before, madeMs);
  const hourMs = 3_600_000;

  it('functions that have it and functions that do not understand each other, whoever sends', () => {
    for (const nowMs of [madeMs, madeMs + hourMs - 1]) {
      expect(unseal(before, scope, seal(after, scope, text, nowMs))).toEqual({ text });
      expect(unseal(after, scope, seal(before, scope, text, nowMs))).toEqual({ text });
      expect(unseal(after, scope, seal(after, scope, text, nowMs))).toEqual({ text });
    }
  });

  it('it begins to sign an hour after it was made, and the one before it is still accepted', () => {
    const sealed = seal(after, scope, text, madeMs + hourMs);
    expect(sealed).toContain(`mac=${after[0]?.id}.`);
    expect(unseal(after, scope, sealed)).toEqual({ text });
    expect(unseal(after, scope, seal(before, scope, text))).toEqual({ text });
  });

  it('a key that has none before it signs at once', () => {
    const [newest] = after;
    expect(seal(newest === undefined ? [] : [newest], scope, text, madeMs)).toContain(`mac=${newest?.id}.`);
  });
});

it('installations of one embedded cloud have one key, and those of another have another', () => {
  expect(derivedMessageKeys('one')).toEqual(derivedMessageKeys('one'));
  expect(derivedMessageKeys('one')).not.toEqual(derivedMessageKeys('two'));
  expect(parseMessageKeys(formatMessageKeys(derivedMessageKeys('one')))).toEqual(derivedMessageKeys('one'));
});

describe('the keys in the environment', () => {
  const env = { DUALSTACK_ALB_REGION: 'cn-shanghai', DUALSTACK_ALB_ACCOUNT_ID: '1234567890123456' };

  it('must be there for a function to start, which says what to do', () => {
    expect(loadConfig(env).messageKeys).toEqual([]);
    expect(() => loadFunctionConfig(env)).toThrow(/^settings: no message key is set.*npm run bootstrap/);
  });

  it('are quoted by no message about them', () => {
    const [key] = formatMessageKeys(first).split(':').slice(1);
    for (const wrong of [`k1:${key},k1:${key}`, `k1:${key},k2:${key}`, `K:${key}`, `k1:${key}@now`]) {
      const read = () => loadConfig({ ...env, DUALSTACK_ALB_MESSAGE_KEYS: wrong });
      expect(read).toThrow('DUALSTACK_ALB_MESSAGE_KEYS: ');
      expect(read).not.toThrow(key?.slice(0, 10));
    }
  });

  it('are read as they were written, two at most', () => {
    expect(parseMessageKeys(formatMessageKeys(second))).toEqual(second);
    expect(second.map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(third.map(({ id }) => id)).toEqual(['k3', 'k2']);
  });

  it.each([
    ['k1', 'key 1 must be ID:BASE64URL or ID:BASE64URL@INSTANT'],
    ['K 1:abc', 'key 1 must be ID:BASE64URL or ID:BASE64URL@INSTANT'],
    ['k1:c2hvcnQ', 'key k1 must have 32 bytes or more, and has 5'],
    [`k1:${Buffer.alloc(32).toString('base64url')}`, 'key k1 is not random'],
    [`k1:${Buffer.from('secretsecretsecretsecretsecretse').toString('base64url')}`, 'key k1 is not random'],
    [`${formatMessageKeys(first)}@2026-13-01T00:00:00Z`, 'key k1 has no instant behind "@"'],
    [`${formatMessageKeys(first)},k0:${formatMessageKeys(first).split(':')[1]}`, 'the key before is the same key'],
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
