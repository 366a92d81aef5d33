import { describe, expect, it } from 'vitest';
import { start, until } from './support.ts';

async function startWithQueue(attributes: object = {}) {
  const cloud = await start();
  await cloud.client.createQueue('a', attributes);
  return cloud;
}

const gone = { name: 'MNSMessageNotExistError' };

describe('long poll', () => {
  it('ends at once when a message arrives', async () => {
    const { client, service } = await startWithQueue();
    const poll = client.receiveMessage('a', 30);
    await until(() => service.parked === 1);
    await client.sendMessage('a', { MessageBody: 'x' });
    expect((await poll).body['MessageBody']).toBe('x');
    expect(service.parked).toBe(0);
  });

  it('ends when a delayed message becomes visible on the clock', async () => {
    const { client, service, context } = await startWithQueue();
    await client.sendMessage('a', { MessageBody: 'x', DelaySeconds: 20 });
    const poll = client.receiveMessage('a', 30);
    await until(() => service.parked === 1);
    expect(context.clock.nextWaiterAtMs()).toBe(context.clock.nowMs() + 20_000);
    context.clock.advance(20_000);
    expect((await poll).body['MessageBody']).toBe('x');
  });

  it('ends when the visibility timeout of another receiver runs out', async () => {
    const { client, service, context } = await startWithQueue({ VisibilityTimeout: 10 });
    await client.sendMessage('a', { MessageBody: 'x' });
    await client.receiveMessage('a');
    const poll = client.receiveMessage('a', 30);
    await until(() => service.parked === 1);
    context.clock.advance(10_000);
    expect((await poll).body['DequeueCount']).toBe('2');
  });

  it('ends earlier when another receiver shortens the visibility timeout', async () => {
    const { client, service, context } = await startWithQueue({ VisibilityTimeout: 40 });
    await client.sendMessage('a', { MessageBody: 'x' });
    const handle = (await client.receiveMessage('a')).body['ReceiptHandle'] ?? '';
    const poll = client.receiveMessage('a', 30);
    await until(() => service.parked === 1);
    await client.changeMessageVisibility('a', handle, 2);
    await until(() => context.clock.nextWaiterAtMs() === context.clock.nowMs() + 2000);
    context.clock.advance(2000);
    expect((await poll).body['DequeueCount']).toBe('2');
  });

  it('ends empty at its deadline', async () => {
    const { client, service, context } = await startWithQueue();
    const poll = client.receiveMessage('a', 7);
    const outcome = expect(poll).rejects.toMatchObject(gone);
    await until(() => service.parked === 1);
    context.clock.advance(6999);
    expect(service.parked).toBe(1);
    context.clock.advance(1);
    await outcome;
  });

  it('P-100: takes the queue’s PollingWaitSeconds when the call names no wait', async () => {
    const { client, service, context } = await startWithQueue({ PollingWaitSeconds: 9 });
    const poll = client.receiveMessage('a', 0);
    const outcome = expect(poll).rejects.toMatchObject(gone);
    await until(() => service.parked === 1);
    expect(context.clock.nextWaiterAtMs()).toBe(context.clock.nowMs() + 9000);
    context.clock.advance(9000);
    await outcome;
  });

  it('is over when the client has gone, and takes no message then', async () => {
    const { own, service, client } = await startWithQueue();
    const leave = new AbortController();
    const poll = own().receive('a', { waitSeconds: 30 }, leave.signal);
    await until(() => service.parked === 1);
    leave.abort();
    expect(await poll).toBeUndefined();
    await until(() => service.parked === 0);
    await client.sendMessage('a', { MessageBody: 'x' });
    expect(service.visible('a')).toBe(1);
  });

  it('is over when the service closes', async () => {
    const { client, service } = await startWithQueue();
    const poll = client.receiveMessage('a', 30);
    const outcome = expect(poll).rejects.toMatchObject(gone);
    await until(() => service.parked === 1);
    service.close();
    await outcome;
  });

  it('is over when the queue is deleted', async () => {
    const { client, service } = await startWithQueue();
    const poll = client.receiveMessage('a', 30);
    const outcome = expect(poll).rejects.toMatchObject({ name: 'MNSQueueNotExistError' });
    await until(() => service.parked === 1);
    await client.deleteQueue('a');
    await outcome;
  });

  it('of a batch ends with the first message', async () => {
    const { client, service } = await startWithQueue();
    const poll = client.batchReceiveMessage('a', 16, 30);
    await until(() => service.parked === 1);
    await client.sendMessage('a', { MessageBody: 'x' });
    expect((await poll).body).toHaveLength(1);
  });

  it('gives 50 waiting receivers each message once', async () => {
    const { client, own, service, context } = await startWithQueue({ VisibilityTimeout: 240 });
    const receivers = Array.from({ length: 50 }, () => own().receive('a', { waitSeconds: 30 }));
    await until(() => service.parked === 50);
    const bodies = Array.from({ length: 40 }, (_, index) => `m${index}`);
    for (const MessageBody of bodies.slice(0, 20)) await client.sendMessage('a', { MessageBody });
    for (const MessageBody of bodies.slice(20)) await client.sendMessage('a', { MessageBody, DelaySeconds: 5 });
    await until(() => service.parked === 30);
    context.clock.advance(5000);
    await until(() => service.parked === 10);
    context.clock.advance(25_000);
    const received = (await Promise.all(receivers)).map((message) => message?.body);
    expect(received.filter((body) => body === undefined)).toHaveLength(10);
    expect(received.filter((body) => body !== undefined).sort()).toEqual([...bodies].sort());
  });

  it('of 50 receivers on 50 messages gives each another one', async () => {
    const { client, own } = await startWithQueue();
    for (let index = 0; index < 50; index += 1) await client.sendMessage('a', { MessageBody: `m${index}` });
    const received = await Promise.all(Array.from({ length: 50 }, () => own().receive('a', { waitSeconds: 0 })));
    expect(new Set(received.map((message) => message?.messageId)).size).toBe(50);
  });
});
