import { assert, base64String, json, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageVersion, parseStageMessage, readDeliveries } from '../../shared/messages.ts';

const message = {
  v: 1,
  deploymentId: '01jd9xk3v5h2m8q4t7w0y6zabc',
  stage: 'network',
  action: 'apply',
  epoch: 0,
  turn: 3,
};
const text = JSON.stringify(message);
const base64 = Buffer.from(text).toString('base64');

/** One CloudEvent as the page of the trigger shows it. */
const cloudEvent = (messageBody: unknown, messageId = 'C6DB60D1574661357FA227277445') => ({
  id: 'c2g71017-6f65-fhcf-a814-a396fc8d1bdc',
  source: 'acs:mns',
  specversion: '1.0',
  type: 'mns:Queue:SendMessage',
  datacontenttype: 'application/json; charset=utf-8',
  subject: 'acs:mns:cn-shanghai:1234567890123456:queues/dualstack-alb-network',
  time: '2026-11-22T06:28:17.093Z',
  aliyunaccountid: '1234567890123456',
  data: { requestId: '606EA3074344430D4C81D50C', messageId, messageBody },
});

const read = (event: unknown) => readDeliveries(Buffer.from(JSON.stringify(event)), 'request-1');

describe('an event of the queue trigger', () => {
  const id = 'C6DB60D1574661357FA227277445';
  const raw = { requestId: '606EA3074344430D4C81D50C', messageId: id, messageBody: text };

  it.each([
    ['an array with one CloudEvent', [cloudEvent(text)]],
    ['one CloudEvent', cloudEvent(text)],
    ['an array of texts that hold CloudEvents', [JSON.stringify(cloudEvent(text))]],
    ['one text that holds a CloudEvent', JSON.stringify(cloudEvent(text))],
    ['an array of raw data', [raw]],
    ['one piece of raw data', raw],
    ['an array of texts that hold raw data', [JSON.stringify(raw)]],
  ])('P-113: is read as %s', (_, event) => {
    expect(read(event)).toEqual([{ messageId: id, body: message }]);
  });

  it.each([
    ['text', text],
    ['base64 of text', base64],
    ['an object', message],
    ['text with blanks around it', ` ${text}\n`],
  ])('P-113 P-114: has its body as %s', (_, body) => {
    expect(read([cloudEvent(body)])).toEqual([{ messageId: id, body: message }]);
  });

  it('keeps the order of a batch', () => {
    const events = ['a', 'b', 'c'].map((name, turn) => cloudEvent({ ...message, turn }, name));
    expect(read(events).map(({ messageId, body }) => [messageId, (body as typeof message).turn])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
  });

  it('holds nothing when the array is empty', () => {
    expect(read([])).toEqual([]);
  });

  it('takes the id of the CloudEvent where the message has none', () => {
    const event = cloudEvent(text);
    expect(read([{ ...event, data: { messageBody: text } }])).toEqual([{ messageId: event.id, body: message }]);
  });

  it('takes the id of the request where nothing has one', () => {
    expect(read([{ messageBody: text }])).toEqual([{ messageId: 'request-1', body: message }]);
  });

  it('numbers the elements of a batch that have no id', () => {
    expect(read([{ messageBody: text }, { messageBody: text }]).map(({ messageId }) => messageId)).toEqual([
      'request-1#0',
      'request-1#1',
    ]);
  });

  it('has its whole self as the body when it is none of a queue', () => {
    expect(read({ triggerTime: '2026-11-22T08:00:00Z', triggerName: 'timer' })).toEqual([
      { messageId: 'request-1', body: { triggerTime: '2026-11-22T08:00:00Z', triggerName: 'timer' } },
    ]);
  });

  it('has its text as the body when it is nested more deeply than can be written anew', () => {
    const deep = `${'['.repeat(6000)}${']'.repeat(6000)}`;
    for (const messageBody of [deep, Buffer.from(deep).toString('base64')]) {
      const [delivery] = readDeliveries(JSON.stringify([{ data: { messageId: 'm', messageBody } }]), 'r');
      expect(delivery).toEqual({ messageId: 'm', body: messageBody });
    }
    expect(readDeliveries(deep, 'r')).toEqual([{ messageId: 'r', body: deep }]);
  });

  it('has its text as the body when it is not JSON', () => {
    expect(readDeliveries('<html>', 'request-1')).toEqual([{ messageId: 'request-1', body: '<html>' }]);
  });

  it.each([
    ['plain words', 'hello world'],
    ['base64 of something that is not JSON', Buffer.from('hello').toString('base64')],
    ['nothing', ''],
  ])('keeps %s as the body that it is', (_, body) => {
    expect(read([cloudEvent(body)])).toEqual([{ messageId: id, body }]);
  });

  it('is read whatever it holds', () => {
    assert(
      property(oneof(json(), string(), base64String()), (event) => {
        for (const { messageId, body } of readDeliveries(event, 'request-1')) {
          expect(messageId).not.toBe('');
          parseStageMessage(body);
        }
      }),
    );
  });
});

describe('a stage message', () => {
  it('is taken in the version that this code sends', () => {
    expect(parseStageMessage({ ...message, v: messageVersion })).toEqual({
      message: { ...message, v: messageVersion },
    });
  });

  it('is taken in the version before', () => {
    expect(parseStageMessage({ ...message, v: messageVersion - 1 })).toHaveProperty('message.v', messageVersion - 1);
  });

  it.each([
    ['a newer version', { ...message, v: messageVersion + 1 }, /^v: /],
    ['a version two before', { ...message, v: messageVersion - 2 }, /^v: /],
    ['no version', { ...message, v: undefined }, /^v: /],
    ['a stage that does not exist', { ...message, stage: 'certificate' }, /^stage: /],
    ['an action that does not exist', { ...message, action: 'repair' }, /^action: /],
    ['an id that is no ULID', { ...message, deploymentId: '../../etc' }, /^deploymentId: /],
    ['an upper-case id', { ...message, deploymentId: message.deploymentId.toUpperCase() }, /^deploymentId: /],
    ['a negative epoch', { ...message, epoch: -1 }, /^epoch: /],
    ['half a turn', { ...message, turn: 1.5 }, /^turn: /],
    ['a turn as text', { ...message, turn: '3' }, /^turn: /],
    ['a field more', { ...message, spec: {} }, /^spec: is not a field of the message$/],
    ['a text', 'hello', /^body: /],
    ['null', null, /^body: /],
    ['nothing', undefined, /^body: /],
    ['an array', [message], /^body: /],
  ])('is refused with the field named: %s', (_, body, reason) => {
    expect(parseStageMessage(body)).toEqual({ reason: expect.stringMatching(reason) as string });
  });

  it('names every field that is wrong', () => {
    const result = parseStageMessage({ ...message, epoch: -1, turn: -1, stage: 'x' });
    expect('reason' in result && result.reason.split('; ').map((part) => part.split(':')[0])).toEqual([
      'stage',
      'epoch',
      'turn',
    ]);
  });
});
