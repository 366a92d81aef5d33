import { describe, expect, it } from 'vitest';
import { readLetter as read } from '../../../functions/dead-letter/letter.ts';
import { readDeliveries } from '../../../shared/messages.ts';
import { loadConfig } from '../../../shared/config.ts';
import { eventDeploymentId, sealedBytes } from '../../support/events.ts';
import { sealedFor, testMessageKeys } from '../../support/message-keys.ts';

const config = loadConfig({
  DUALSTACK_ALB_REGION: 'cn-shanghai',
  DUALSTACK_ALB_ACCOUNT_ID: '1234567890123456',
  DUALSTACK_ALB_MESSAGE_KEYS: testMessageKeys,
});
const readLetter = (delivery: { messageId: string; body: unknown }) => read(delivery, config);
/** A letter of ours. */
const ofOurs = (messageId: string, body: object) => readLetter({ messageId, body: sealedFor('dead-letter', body) });

const letterOf = (file: string, requestId = 'request-1') => {
  const [delivery] = readDeliveries(
    sealedBytes(file, file.startsWith('queue') ? 'preflight' : 'dead-letter'),
    requestId,
  );
  if (delivery === undefined) throw new Error(`${file} holds nothing`);
  return readLetter(delivery);
};

const message = { v: 1, deploymentId: eventDeploymentId, stage: 'preflight', action: 'apply', epoch: 0, turn: 0 };

const refusal = {
  kind: 'refused-message',
  queue: 'preflight',
  messageId: 'm',
  reason: 'v: Too big',
  body: JSON.stringify({ ...message, v: 7 }),
  atMs: 1,
};

describe('what ended in the dead-letter queue', () => {
  it('P-113: is known from the queue event that a stream gave up on', () => {
    expect(letterOf('dead-letter-stream-event.json')).toMatchObject({
      kind: 'undelivered',
      reason: 'the trigger gave up after its retries',
      deploymentId: eventDeploymentId,
      message,
    });
  });

  it('P-113: is known from one CloudEvent that is not in a list', () => {
    expect(letterOf('dead-letter-single.json')).toMatchObject({ kind: 'undelivered', message });
  });

  it('is known from the event of the stage’s own queue', () => {
    expect(letterOf('queue-stream.json')).toMatchObject({ kind: 'undelivered', message });
  });

  it('P-150: is known from the record of an asynchronous invocation that failed', () => {
    expect(letterOf('dead-letter-destination.json')).toMatchObject({
      kind: 'destination',
      reason: 'asynchronous invocation failed: UnhandledInvocationError',
      message,
    });
  });

  it('is one of nobody when its content is nested more deeply than can be shown', () => {
    const deep = `${'['.repeat(6000)}${']'.repeat(6000)}`;
    for (const event of [deep, JSON.stringify({ specversion: '1.0', id: 'x', data: { messageBody: deep } })])
      for (const delivery of readDeliveries(JSON.stringify([{ data: { messageBody: event } }]), 'r'))
        expect(readLetter(delivery)).toMatchObject({ message: undefined, body: expect.any(String) as string });
  });

  it('has a reason of one short line, whoever wrote it', () => {
    const requestContext = { condition: `Un\u202eknown\n${'x'.repeat(60_000)}`, requestId: 'r' };
    const { reason } = readLetter({ messageId: 'm', body: { requestContext, requestPayload: '' } });
    expect(reason).toMatch(/^asynchronous invocation failed: Unknown x+…; not signed by this installation$/);
    expect(reason.length).toBeLessThan(200);
  });

  it('is known from our own refusal, which nobody serves again', () => {
    expect(letterOf('dead-letter-refused.json')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('not a message of this version') as string,
      message: undefined,
      deploymentId: undefined,
      body: '"<order>not ours</order>"',
    });
  });

  it('belongs to the deployment that a refused message names', () => {
    const letter = ofOurs('letter', { ...refusal, deploymentId: eventDeploymentId });
    expect(letter).toMatchObject({ kind: 'refused', deploymentId: eventDeploymentId, message: undefined });
  });

  it('belongs to nobody where what was refused is not signed, whatever that says', () => {
    expect(ofOurs('letter', refusal)).toMatchObject({ kind: 'refused', deploymentId: undefined, message: undefined });
  });

  it.each([['text'], [42], [null], [{}], [[]], [{ specversion: '1.0' }], [{ kind: 'refused-message' }]])(
    'is recorded with its body when it is %j, whatever that is',
    (body) => {
      const letter = readLetter({ messageId: 'm', body });
      expect(letter.message).toBeUndefined();
      expect(letter.deploymentId).toBeUndefined();
      expect(letter.identity).toContain('m');
    },
  );

  it('is cut, so that it fits into a cell', () => {
    expect(readLetter({ messageId: 'm', body: 'x'.repeat(60_000) }).body).toHaveLength(20_001);
  });
});

describe('a letter that others have put there', () => {
  it.each([
    ['a stage message that nobody has sealed', message],
    ['one that is sealed for another queue', sealedFor('listener', message)],
    ['one of another installation', sealedFor('preflight', message, 'other')],
    [
      'a refusal that no function has written',
      { kind: 'refused-message', queue: 'preflight', messageId: 'm', reason: 'r', body: JSON.stringify(message) },
    ],
    [
      'an event around an unsealed message',
      { specversion: '1.0', data: { messageId: 'm', messageBody: JSON.stringify(message) } },
    ],
    [
      'a record around an unsealed message',
      { requestContext: {}, requestPayload: JSON.stringify([{ data: { messageBody: JSON.stringify(message) } }]) },
    ],
  ])('is kept, and no turn follows from it: %s', (_, body) => {
    const letter = readLetter({ messageId: 'm', body });
    expect(letter.message).toBeUndefined();
    expect(letter.deploymentId).toBeUndefined();
    expect(letter.reason).toContain('not signed by this installation');
    expect(letter.kind).not.toBe('refused');
    expect(letter.body.length).toBeGreaterThan(10);
  });
});

describe('one dead message', () => {
  it('is the same one when the queue delivers its letter twice', () => {
    expect(letterOf('dead-letter-stream-event.json', 'first').identity).toBe(
      letterOf('dead-letter-stream-event.json', 'second').identity,
    );
  });

  it('is the same one when two letters were sent for it, since an answer was lost', () => {
    const body = { kind: 'refused-message', queue: 'preflight', messageId: 'm', reason: 'why', body: '1', atMs: 1 };
    expect(ofOurs('letter-1', body).identity).toBe(ofOurs('letter-2', { ...body, atMs: 2 }).identity);
  });

  it('is the same one when a destination is invoked twice', () => {
    expect(letterOf('dead-letter-destination.json', 'first').identity).toBe(
      letterOf('dead-letter-destination.json', 'second').identity,
    );
  });

  it('is another one than an equal message of another id', () => {
    const of = (messageId: string) =>
      ofOurs('letter', { kind: 'refused-message', queue: 'preflight', messageId, reason: 'why', body: '1', atMs: 1 })
        .identity;
    expect(of('m-1')).not.toBe(of('m-2'));
  });
});

it('a letter is cut by bytes, between two characters', () => {
  const { body } = readLetter({ messageId: 'm', body: '探👨‍👩‍👧'.repeat(2000) });
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_003);
  expect(body).toMatch(/(探|👨‍👩‍👧)…$/u);
});
