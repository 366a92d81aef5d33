import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { raw, start } from './support.ts';

async function startWithQueue(attributes: object = {}, options: Parameters<typeof start>[0] = { order: 'fifo' }) {
  const cloud = await start(options);
  await cloud.client.createQueue('a', attributes);
  return cloud;
}

const gone = { name: 'MNSMessageNotExistError', message: expect.stringContaining('failed with 404') as string };
const stale = { name: 'MNSReceiptHandleErrorError', message: expect.stringContaining('failed with 400') as string };

describe('messages: parameters', () => {
  it.each([
    ['DelaySeconds', -1],
    ['DelaySeconds', 604_801],
    ['Priority', 0],
    ['Priority', 17],
    ['Priority', 'high'],
    ['Colour', 'red'],
  ])('refuses a message with %s %s', async (name, value) => {
    const { client, service } = await startWithQueue();
    await expect(client.sendMessage('a', { MessageBody: 'x', [name]: value })).rejects.toMatchObject({
      name: 'MNSInvalidArgumentError',
      message: expect.stringContaining(name) as string,
    });
    expect(service.queues.get('a')?.messages).toEqual([]);
  });

  it('refuses an empty body', async () => {
    const { client } = await startWithQueue();
    await expect(client.sendMessage('a', { MessageBody: '' })).rejects.toMatchObject({
      name: 'MNSInvalidArgumentError',
    });
    await expect(client.sendMessage('a', { Priority: 1 })).rejects.toMatchObject({ name: 'MNSInvalidArgumentError' });
  });

  it('P-095: refuses a body that the client did not escape', async () => {
    const { client } = await startWithQueue();
    await expect(client.sendMessage('a', { MessageBody: '{"a":"1 < 2 & 3"}' })).rejects.toMatchObject({
      name: 'MNSMalformedXMLError',
    });
  });

  it('P-106: measures the size of the text as sent', async () => {
    const { client } = await startWithQueue();
    const base64 = (bytes: number) => Buffer.alloc(bytes, 1).toString('base64');
    expect((await client.sendMessage('a', { MessageBody: base64(49_152) })).code).toBe(201);
    await expect(client.sendMessage('a', { MessageBody: base64(49_153) })).rejects.toMatchObject({
      name: 'MNSInvalidArgumentError',
      message: expect.stringContaining('65536') as string,
    });
  });

  it('holds messages to the queue’s own maximum', async () => {
    const { client } = await startWithQueue({ MaximumMessageSize: 1024 });
    expect((await client.sendMessage('a', { MessageBody: 'é'.repeat(512) })).code).toBe(201);
    await expect(client.sendMessage('a', { MessageBody: 'é'.repeat(512) + 'x' })).rejects.toMatchObject({
      name: 'MNSInvalidArgumentError',
    });
  });

  it.each([
    ['GET', '?waitseconds=31', '', 'InvalidArgument'],
    ['GET', '?waitseconds=soon', '', 'InvalidArgument'],
    ['GET', '?numOfMessages=0', '', 'InvalidArgument'],
    ['GET', '?numOfMessages=17', '', 'InvalidArgument'],
    ['GET', '?waitSecond=1', '', 'InvalidQueryString'],
    ['GET', '?waitseconds=1&WaitSeconds=2', '', 'InvalidQueryString'],
    ['DELETE', '', '', 'MissingReceiptHandle'],
    ['DELETE', '?ReceiptHandle=', '', 'MissingReceiptHandle'],
    ['DELETE', '?ReceiptHandle=nonsense', '', 'ReceiptHandleError'],
    ['DELETE', '', '<ReceiptHandles/>', 'InvalidArgument'],
    ['DELETE', '', '<ReceiptHandles><Handle>x</Handle></ReceiptHandles>', 'InvalidArgument'],
    ['PUT', '?visibilityTimeout=5', '', 'MissingReceiptHandle'],
    ['PUT', '?receiptHandle=x', '', 'MissingVisibilityTimeout'],
    ['PUT', '?receiptHandle=x&visibilityTimeout=0', '', 'InvalidArgument'],
    ['PUT', '?receiptHandle=x&visibilityTimeout=43201', '', 'InvalidArgument'],
    ['POST', '', '', 'MalformedXML'],
    ['POST', '', '<Message><MessageBody>x</MessageBody>', 'MalformedXML'],
    ['POST', '', '<Message>x</Message>', 'InvalidArgument'],
    ['POST', '', '<Message><MessageBody><b/></MessageBody></Message>', 'InvalidArgument'],
    ['POST', '', '<Messages/>', 'InvalidArgument'],
    [
      'POST',
      '',
      `<Messages>${'<Message><MessageBody>x</MessageBody></Message>'.repeat(17)}</Messages>`,
      'InvalidArgument',
    ],
  ])('answers %s messages%s %s with 400 %s', async (method, query, body, code) => {
    const cloud = await startWithQueue();
    expect(await raw(cloud, { method, target: `/queues/a/messages${query}`, body })).toMatchObject({
      status: 400,
      code,
    });
  });

  it('reads query names without regard to case', async () => {
    const cloud = await startWithQueue();
    await cloud.client.sendMessage('a', { MessageBody: 'x' });
    const handle = (await cloud.client.receiveMessage('a')).body['ReceiptHandle'];
    const target = `/queues/a/messages?RECEIPTHANDLE=${handle}&VisibilityTimeout=5`;
    expect((await raw(cloud, { method: 'PUT', target })).status).toBe(200);
  });
});

describe('messages: batches', () => {
  it('sends, receives, deletes up to 16 at once', async () => {
    const { client, service } = await startWithQueue();
    const bodies = Array.from({ length: 16 }, (_, index) => `m${index}`);
    const sent = await client.batchSendMessage(
      'a',
      bodies.map((MessageBody) => ({ MessageBody })),
    );
    expect([sent.code, sent.body.length]).toEqual([201, 16]);
    const received = await client.batchReceiveMessage('a', 16);
    expect(received.body.map((message) => message['MessageBody'])).toEqual(bodies);
    const deleted = await client.batchDeleteMessage(
      'a',
      received.body.map((message) => message['ReceiptHandle'] ?? ''),
    );
    expect(deleted.code).toBe(204);
    expect(service.queues.get('a')?.messages).toEqual([]);
  });

  it('P-097: reports the messages of a batch that were not sent', async () => {
    const { client, service } = await startWithQueue({ MaximumMessageSize: 1024 });
    const { code, body } = await client.batchSendMessage('a', [
      { MessageBody: 'ok' },
      { MessageBody: 'x'.repeat(1025) },
      { MessageBody: 'late', DelaySeconds: 604_801 },
    ]);
    expect(code).toBe(500);
    expect(body).toMatchObject([
      { MessageBodyMD5: createHash('md5').update('ok').digest('hex').toUpperCase() },
      { ErrorCode: 'InvalidArgument', ErrorMessage: 'The value of MessageBody should between 1 and 1024 bytes.' },
      { ErrorCode: 'InvalidArgument' },
    ]);
    expect(service.visible('a')).toBe(1);
  });

  it('P-097: reports the handles of a batch that were not deleted', async () => {
    const { client } = await startWithQueue();
    await client.sendMessage('a', { MessageBody: 'x' });
    const handle = (await client.receiveMessage('a')).body['ReceiptHandle'] ?? '';
    const { code, body } = await client.batchDeleteMessage('a', [handle, handle, 'nonsense']);
    expect(code).toBe(404);
    expect(body).toMatchObject([
      { ErrorCode: 'MessageNotExist', ErrorMessage: 'Message not exist.', ReceiptHandle: handle },
      { ErrorCode: 'ReceiptHandleError', ReceiptHandle: 'nonsense' },
    ]);
  });

  it('P-106: refuses a batch of more than 64 KB together', async () => {
    const { client, service } = await startWithQueue();
    const half = 'x'.repeat(32_768);
    await expect(
      client.batchSendMessage('a', [{ MessageBody: half }, { MessageBody: half + 'x' }]),
    ).rejects.toMatchObject({ name: 'MNSInvalidArgumentError' });
    expect(service.visible('a')).toBe(0);
  });
});

describe('messages: state rules', () => {
  it('P-101: answers an empty queue with MessageNotExist', async () => {
    const { client } = await startWithQueue();
    await expect(client.receiveMessage('a')).rejects.toMatchObject(gone);
    await expect(client.batchReceiveMessage('a', 16)).rejects.toMatchObject(gone);
    await expect(client.peekMessage('a')).rejects.toMatchObject(gone);
    await expect(client.batchPeekMessage('a', 16)).rejects.toMatchObject(gone);
  });

  it('shows a receiver every member', async () => {
    const { client, context } = await startWithQueue();
    const sentAtMs = context.clock.nowMs();
    const sent = await client.sendMessage('a', { MessageBody: 'aGVsbG8=', Priority: 3 });
    expect(sent.code).toBe(201);
    expect(sent.body).toEqual({
      MessageId: sent.body['MessageId'],
      MessageBodyMD5: createHash('md5').update('aGVsbG8=').digest('hex').toUpperCase(),
    });
    context.clock.advance(1500);
    const { code, body } = await client.receiveMessage('a');
    expect(code).toBe(200);
    expect(body).toEqual({
      ...sent.body,
      ReceiptHandle: body['ReceiptHandle'],
      MessageBody: 'aGVsbG8=',
      EnqueueTime: String(sentAtMs),
      FirstDequeueTime: String(sentAtMs + 1500),
      NextVisibleTime: String(sentAtMs + 31_500),
      DequeueCount: '1',
      Priority: '3',
    });
  });

  it('shows an onlooker no receipt handle', async () => {
    const { client } = await startWithQueue();
    await client.sendMessage('a', { MessageBody: 'x' });
    const { body } = await client.peekMessage('a');
    expect(body).toMatchObject({ MessageBody: 'x', DequeueCount: '0', FirstDequeueTime: '0', Priority: '8' });
    expect(body).not.toHaveProperty('ReceiptHandle');
    expect((await client.batchPeekMessage('a', 2)).body).toHaveLength(1);
    expect((await client.receiveMessage('a')).body['DequeueCount']).toBe('1');
  });

  it('hides a delayed message until its time', async () => {
    const { client, context } = await startWithQueue({ DelaySeconds: 3 });
    await client.sendMessage('a', { MessageBody: 'queue' });
    await client.sendMessage('a', { MessageBody: 'own', DelaySeconds: 60 });
    context.clock.advance(2999);
    await expect(client.receiveMessage('a')).rejects.toMatchObject(gone);
    context.clock.advance(1);
    expect((await client.receiveMessage('a')).body['MessageBody']).toBe('queue');
    await expect(client.receiveMessage('a')).rejects.toMatchObject(gone);
    context.clock.advance(57_000);
    expect((await client.batchReceiveMessage('a', 16)).body.map((message) => message['MessageBody'])).toContain('own');
  });

  it('gives the sender of a delayed message a handle to delete it by', async () => {
    const { client, service } = await startWithQueue();
    const { body } = await client.sendMessage('a', { MessageBody: 'x', DelaySeconds: 60 });
    expect((await client.deleteMessage('a', body['ReceiptHandle'] ?? '')).code).toBe(204);
    expect(service.queues.get('a')?.messages).toEqual([]);
  });

  it('makes a received message visible again after the visibility timeout, with another handle', async () => {
    const { client, context } = await startWithQueue({ VisibilityTimeout: 5 });
    await client.sendMessage('a', { MessageBody: 'x' });
    const first = (await client.receiveMessage('a')).body;
    context.clock.advance(4999);
    await expect(client.receiveMessage('a')).rejects.toMatchObject(gone);
    context.clock.advance(1);
    const second = (await client.receiveMessage('a')).body;
    expect(second).toMatchObject({ MessageId: first['MessageId'], DequeueCount: '2' });
    expect(second['FirstDequeueTime']).toBe(first['FirstDequeueTime']);
    expect(second['ReceiptHandle']).not.toBe(first['ReceiptHandle']);
    await expect(client.deleteMessage('a', first['ReceiptHandle'] ?? '')).rejects.toMatchObject(stale);
    expect((await client.deleteMessage('a', second['ReceiptHandle'] ?? '')).code).toBe(204);
  });

  it('refuses a handle that has run out', async () => {
    const { client, context, service } = await startWithQueue({ VisibilityTimeout: 5 });
    await client.sendMessage('a', { MessageBody: 'x' });
    const handle = (await client.receiveMessage('a')).body['ReceiptHandle'] ?? '';
    context.clock.advance(5000);
    await expect(client.deleteMessage('a', handle)).rejects.toMatchObject(gone);
    await expect(client.changeMessageVisibility('a', handle, 10)).rejects.toMatchObject(gone);
    expect(service.visible('a')).toBe(1);
  });

  it('refuses the handle of a deleted message', async () => {
    const { client } = await startWithQueue();
    await client.sendMessage('a', { MessageBody: 'x' });
    const handle = (await client.receiveMessage('a')).body['ReceiptHandle'] ?? '';
    await client.deleteMessage('a', handle);
    await expect(client.deleteMessage('a', handle)).rejects.toMatchObject(gone);
  });

  it('P-099: takes a handle that was URL-encoded', async () => {
    const { client } = await startWithQueue();
    await client.sendMessage('a', { MessageBody: 'x' });
    const handle = (await client.receiveMessage('a')).body['ReceiptHandle'] ?? '';
    expect((await client.deleteMessage('a', encodeURIComponent(handle))).code).toBe(204);
  });

  it('counts a changed visibility from the call, spends the old handle', async () => {
    const { client, context } = await startWithQueue({ VisibilityTimeout: 30 });
    await client.sendMessage('a', { MessageBody: 'x' });
    const first = (await client.receiveMessage('a')).body['ReceiptHandle'] ?? '';
    context.clock.advance(20_000);
    const { code, body } = await client.changeMessageVisibility('a', first, 15);
    expect(code).toBe(200);
    expect(body['NextVisibleTime']).toBe(String(context.clock.nowMs() + 15_000));
    await expect(client.deleteMessage('a', first)).rejects.toMatchObject(stale);
    context.clock.advance(14_999);
    expect((await client.deleteMessage('a', body['ReceiptHandle'] ?? '')).code).toBe(204);
  });

  it('forgets messages after the retention period', async () => {
    const { client, context } = await startWithQueue({ MessageRetentionPeriod: 60 });
    await client.sendMessage('a', { MessageBody: 'x' });
    context.clock.advance(59_999);
    expect((await client.peekMessage('a')).code).toBe(200);
    context.clock.advance(1);
    await expect(client.peekMessage('a')).rejects.toMatchObject(gone);
  });
});

describe('messages: order', () => {
  async function bodiesInOrder(options: Parameters<typeof start>[0], messages: object[]) {
    const { client } = await startWithQueue({}, options);
    for (const message of messages) await client.sendMessage('a', message);
    const bodies: string[] = [];
    for (const _ of messages) bodies.push((await client.receiveMessage('a')).body['MessageBody'] ?? '');
    return bodies;
  }
  const ten = Array.from({ length: 10 }, (_, index) => ({ MessageBody: `m${index}` }));
  const inOrder = ten.map(({ MessageBody }) => MessageBody);

  it('P-108: is not that of sending', async () => {
    const bodies = await bodiesInOrder({}, ten);
    expect(bodies).not.toEqual(inOrder);
    expect([...bodies].sort()).toEqual(inOrder);
  });

  it('follows from the seed', async () => {
    expect(await bodiesInOrder({}, ten)).toEqual(await bodiesInOrder({}, ten));
  });

  it('is that of sending when asked for', async () => {
    expect(await bodiesInOrder({ order: 'fifo' }, ten)).toEqual(inOrder);
  });

  it('prefers a better priority', async () => {
    const mixed = [8, 16, 1].map((Priority) => ({ MessageBody: `p${Priority}`, Priority }));
    expect(await bodiesInOrder({ order: 'fifo' }, mixed)).toEqual(['p1', 'p8', 'p16']);
  });
});
