import { describe, expect, it } from 'vitest';
import { raw, start, until } from './support.ts';

async function startWithQueues() {
  const cloud = await start({ order: 'fifo' });
  cloud.service.createQueue('dead', { messageRetentionPeriod: 600 });
  cloud.service.createQueue('a', { visibilityTimeout: 10 }, { targetQueue: 'dead', maxReceiveCount: 2 });
  return cloud;
}

const gone = { name: 'MNSMessageNotExistError' };

describe('dead-letter policy', () => {
  it('moves a message at the receive that would exceed the maximum', async () => {
    const { client, context, service } = await startWithQueues();
    const { body } = await client.sendMessage('a', { MessageBody: 'x', Priority: 2 });
    for (let receive = 1; receive <= 2; receive += 1) {
      expect((await client.receiveMessage('a')).body['DequeueCount']).toBe(String(receive));
      context.clock.advance(10_000);
    }
    expect(service.visible('dead')).toBe(0);
    await expect(client.receiveMessage('a')).rejects.toMatchObject(gone);
    const dead = (await client.receiveMessage('dead')).body;
    expect(dead).toMatchObject({ MessageBody: 'x', Priority: '2', DequeueCount: '1' });
    expect(dead['MessageId']).not.toBe(body['MessageId']);
    expect(dead['SystemProperties']).toEqual([
      {
        SystemPropertyValue: [
          { Name: 'DLQMessageType', Value: 'MaxReceiveCountExceeded', Type: 'STRING' },
          { Name: 'DLQSourceArn', Value: 'acs:mns:cn-shanghai:1234567890123456:/queues/a', Type: 'STRING' },
          { Name: 'DLQOriginMessageId', Value: body['MessageId'], Type: 'STRING' },
        ],
      },
    ]);
  });

  it('keeps the age of the message', async () => {
    const { client, context } = await startWithQueues();
    const sentAtMs = context.clock.nowMs();
    await client.sendMessage('a', { MessageBody: 'x' });
    for (let receive = 1; receive <= 2; receive += 1) {
      await client.receiveMessage('a');
      context.clock.advance(10_000);
    }
    await client.receiveMessage('a').catch(() => undefined);
    expect((await client.peekMessage('dead')).body['EnqueueTime']).toBe(String(sentAtMs));
    context.clock.advance(579_999);
    expect((await client.peekMessage('dead')).code).toBe(200);
    context.clock.advance(1);
    await expect(client.peekMessage('dead')).rejects.toMatchObject(gone);
  });

  it('gives the receiver the next message instead, wakes a long poll on the dead-letter queue', async () => {
    const { client, context, service } = await startWithQueues();
    await client.sendMessage('a', { MessageBody: 'poison', Priority: 1 });
    for (let receive = 1; receive <= 2; receive += 1) {
      await client.receiveMessage('a');
      context.clock.advance(10_000);
    }
    await client.sendMessage('a', { MessageBody: 'fine' });
    const poll = client.receiveMessage('dead', 30);
    await until(() => service.parked === 1);
    expect((await client.receiveMessage('a')).body['MessageBody']).toBe('fine');
    expect((await poll).body['MessageBody']).toBe('poison');
  });

  it('leaves the message where it is without a target', async () => {
    const { client, context, service } = await startWithQueues();
    service.setDeadLetterPolicy('a', { targetQueue: 'nowhere', maxReceiveCount: 1 });
    await client.sendMessage('a', { MessageBody: 'x' });
    await client.receiveMessage('a');
    context.clock.advance(10_000);
    expect((await client.receiveMessage('a')).body['DequeueCount']).toBe('2');
  });

  it('cannot point to its own queue', async () => {
    const { service } = await startWithQueues();
    expect(() => service.setDeadLetterPolicy('a', { targetQueue: 'a', maxReceiveCount: 1 })).toThrow('its own');
  });
});

describe('duplicateNext', () => {
  it('delivers a deleted message once more', async () => {
    const { client, service } = await startWithQueues();
    service.duplicateNext('a', 1);
    await client.sendMessage('a', { MessageBody: 'x' });
    const first = (await client.receiveMessage('a')).body;
    await expect(client.receiveMessage('a')).rejects.toMatchObject(gone);
    await client.deleteMessage('a', first['ReceiptHandle'] ?? '');
    const second = (await client.receiveMessage('a')).body;
    expect(second).toMatchObject({ MessageId: first['MessageId'], MessageBody: 'x', DequeueCount: '2' });
    expect((await client.deleteMessage('a', second['ReceiptHandle'] ?? '')).code).toBe(204);
    await expect(client.receiveMessage('a')).rejects.toMatchObject(gone);
  });

  it('can deliver to two receivers at a time', async () => {
    const { client, service } = await startWithQueues();
    service.duplicateNext('a', 1, 'at-once');
    await client.sendMessage('a', { MessageBody: 'x' });
    const first = (await client.receiveMessage('a')).body;
    const second = (await client.receiveMessage('a')).body;
    expect(second['MessageId']).toBe(first['MessageId']);
    expect((await client.deleteMessage('a', first['ReceiptHandle'] ?? '')).code).toBe(204);
    expect((await client.deleteMessage('a', second['ReceiptHandle'] ?? '')).code).toBe(204);
    await expect(client.receiveMessage('a')).rejects.toMatchObject(gone);
  });
});

describe('loseNext', () => {
  it('swallows a message that it accepted', async () => {
    const { client, service } = await startWithQueues();
    service.loseNext('a', 1);
    const lost = await client.sendMessage('a', { MessageBody: 'lost' });
    expect(lost.code).toBe(201);
    await client.sendMessage('a', { MessageBody: 'kept' });
    expect((await client.batchReceiveMessage('a', 16)).body.map((message) => message['MessageBody'])).toEqual(['kept']);
    expect(service.snapshot().queues.find(({ name }) => name === 'a')?.messages).toMatchObject([
      { body: 'kept', state: 'Inactive', dequeueCount: 1 },
      { id: lost.body['MessageId'], body: 'lost', state: 'Lost' },
    ]);
  });
});

describe('state', () => {
  it('can be looked at as a snapshot', async () => {
    const { client, context, service } = await startWithQueues();
    await client.sendMessage('a', { MessageBody: 'x', DelaySeconds: 4 });
    expect(service.snapshot().queues[1]).toEqual({
      name: 'a',
      attributes: {
        delaySeconds: 0,
        maximumMessageSize: 65_536,
        messageRetentionPeriod: 345_600,
        visibilityTimeout: 10,
        pollingWaitSeconds: 0,
        loggingEnabled: false,
      },
      deadLetterPolicy: { targetQueue: 'dead', maxReceiveCount: 2 },
      parked: 0,
      messages: [
        {
          id: expect.any(String) as string,
          body: 'x',
          state: 'Delayed',
          priority: 8,
          delaySeconds: 4,
          dequeueCount: 0,
          enqueuedAtMs: context.clock.nowMs(),
          visibleAtMs: context.clock.nowMs() + 4000,
          systemProperties: {},
        },
      ],
    });
  });

  it('is empty after a reset, with all names free', async () => {
    const cloud = await startWithQueues();
    cloud.service.reset();
    expect(cloud.service.snapshot()).toEqual({ queues: [] });
    expect((await raw(cloud, { method: 'PUT', target: '/queues/a', body: '<Queue/>' })).status).toBe(201);
  });
});
