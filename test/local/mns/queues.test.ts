import { describe, expect, it } from 'vitest';
import { raw, start } from './support.ts';

describe('queues: parameters', () => {
  it.each([
    ['DelaySeconds', -1],
    ['DelaySeconds', 604_801],
    ['MaximumMessageSize', 1023],
    ['MaximumMessageSize', 65_537],
    ['MessageRetentionPeriod', 59],
    ['MessageRetentionPeriod', 604_801],
    ['VisibilityTimeout', 0],
    ['VisibilityTimeout', 43_201],
    ['PollingWaitSeconds', 31],
    ['VisibilityTimeout', 'soon'],
    ['LoggingEnabled', 'maybe'],
  ])('refuses %s %s', async (name, value) => {
    const { client } = await start();
    await expect(client.createQueue('a', { [name]: value })).rejects.toMatchObject({
      name: 'MNSInvalidArgumentError',
      message: expect.stringContaining(name) as string,
    });
  });

  it('P-109: refuses a dead-letter policy, which the XML protocol does not know', async () => {
    const { client } = await start();
    await expect(client.createQueue('a', { DlqPolicy: { Enabled: true } })).rejects.toMatchObject({
      name: 'MNSInvalidArgumentError',
      message: expect.stringContaining('DlqPolicy') as string,
    });
  });

  it.each([
    ['-a', 'MNSInvalidQueueNameError'],
    ['a_b', 'MNSInvalidQueueNameError'],
    ['a'.repeat(121), 'MNSQueueNameLengthErrorError'],
  ])('refuses the name %s', async (name, error) => {
    const { client } = await start();
    await expect(client.createQueue(name)).rejects.toMatchObject({ name: error });
  });

  it.each([
    ['PUT', '/queues/a', '', 400, 'MalformedXML'],
    ['PUT', '/queues/a', '<Queue>', 400, 'MalformedXML'],
    ['PUT', '/queues/a', '<Topic/>', 400, 'InvalidArgument'],
    [
      'PUT',
      '/queues/a',
      '<Queue><DelaySeconds>1</DelaySeconds><DelaySeconds>1</DelaySeconds></Queue>',
      400,
      'InvalidArgument',
    ],
    ['PUT', '/queues/a?metaOverwrite=true', '<Queue/>', 400, 'InvalidQueryString'],
    ['GET', '/queues/a/b', '', 400, 'InvalidRequestURL'],
    ['GET', '/queues/a/messages/1', '', 400, 'InvalidRequestURL'],
    ['GET', '/queue', '', 400, 'InvalidRequestURL'],
    ['PATCH', '/queues/a', '', 400, 'InvalidRequestURL'],
  ])('answers %s %s %s with %s %s', async (method, target, body, status, code) => {
    const cloud = await start();
    expect(await raw(cloud, { method, target, body })).toMatchObject({ status, code });
  });
});

describe('queues: state rules', () => {
  it('creates with 201, says where', async () => {
    const { client, url } = await start();
    const { code, headers } = await client.createQueue('a');
    expect([code, headers['location']]).toEqual([201, `${url}/queues/a`]);
  });

  it('answers 204 to the same attributes', async () => {
    const { client } = await start();
    await client.createQueue('a', { VisibilityTimeout: 60 });
    expect((await client.createQueue('a', { VisibilityTimeout: 60, DelaySeconds: 0 })).code).toBe(204);
  });

  it('P-110: answers 409 to other attributes', async () => {
    const { client } = await start();
    await client.createQueue('a', { VisibilityTimeout: 60 });
    await expect(client.createQueue('a')).rejects.toMatchObject({
      name: 'MNSQueueAlreadyExistError',
      message: expect.stringContaining('failed with 409') as string,
    });
  });

  it('keeps the name of a deleted queue for ten seconds', async () => {
    const { client, context } = await start();
    await client.createQueue('a');
    expect((await client.deleteQueue('a')).code).toBe(204);
    context.clock.advance(9_999);
    await expect(client.createQueue('a')).rejects.toMatchObject({ name: 'MNSQueueDeletedRecentlyError' });
    context.clock.advance(1);
    expect((await client.createQueue('a')).code).toBe(201);
  });

  it('does not know a queue that was never made', async () => {
    const { client } = await start();
    const nothing = { name: 'MNSQueueNotExistError', message: expect.stringContaining('failed with 404') as string };
    await expect(client.getQueueAttributes('a')).rejects.toMatchObject(nothing);
    await expect(client.setQueueAttributes('a', {})).rejects.toMatchObject(nothing);
    await expect(client.sendMessage('a', { MessageBody: 'x' })).rejects.toMatchObject(nothing);
    await expect(client.receiveMessage('a')).rejects.toMatchObject(nothing);
    await expect(client.deleteMessage('a', 'h')).rejects.toMatchObject(nothing);
  });
});

describe('queues: effects', () => {
  it('shows attributes, counts and times', async () => {
    const { client, context, service } = await start({ order: 'fifo' });
    context.clock.advanceTo(Math.ceil(context.clock.nowMs() / 1000) * 1000);
    await client.createQueue('a', { DelaySeconds: 1, LoggingEnabled: true });
    const createdAtSeconds = context.clock.nowMs() / 1000;
    context.clock.advance(5000);
    await client.setQueueAttributes('a', { VisibilityTimeout: 45 });
    for (const DelaySeconds of [0, 0, 0, 9]) await client.sendMessage('a', { MessageBody: 'x', DelaySeconds });
    await client.receiveMessage('a');
    expect((await client.getQueueAttributes('a')).body).toEqual({
      QueueName: 'a',
      CreateTime: String(createdAtSeconds),
      LastModifyTime: String(createdAtSeconds + 5),
      DelaySeconds: '1',
      MaximumMessageSize: '65536',
      MessageRetentionPeriod: '345600',
      VisibilityTimeout: '45',
      PollingWaitSeconds: '0',
      ActiveMessages: '2',
      InactiveMessages: '1',
      DelayMessages: '1',
      LoggingEnabled: 'True',
    });
    expect([service.visible('a'), service.visible()]).toEqual([2, 2]);
  });

  it('lists by prefix, in pages', async () => {
    const { client, url } = await start();
    for (const name of ['b-1', 'a-2', 'a-1', 'a-3']) await client.createQueue(name);
    const cloud = (await client.listQueue('', 2, 'a-')).body;
    expect(cloud).toEqual([{ QueueURL: `${url}/queues/a-1` }, { QueueURL: `${url}/queues/a-2` }]);
    expect((await client.listQueue('a-3', 2, 'a-')).body).toEqual([{ QueueURL: `${url}/queues/a-3` }]);
  });

  it('lists nothing where there is nothing', async () => {
    const { client } = await start();
    expect((await client.listQueue()).body).toBeUndefined();
  });

  it('lists with meta and next marker', async () => {
    const cloud = await start();
    await cloud.client.createQueue('a');
    await cloud.client.createQueue('b');
    const { text } = await raw(cloud, {
      target: '/queues',
      headers: { 'x-mns-with-meta': 'true', 'x-mns-ret-number': '1' },
    });
    expect(text).toContain('<QueueName>a</QueueName>');
    expect(text).toContain('<NextMarker>b</NextMarker>');
  });

  it('says that topics are not emulated', async () => {
    const { client } = await start();
    await expect(client.publishMessage('t', { MessageBody: 'x' })).rejects.toThrow('not topics');
    await expect(client.listTopic()).rejects.toThrow('not topics');
  });

  it('tells action, queue and caller to the wire log', async () => {
    const { client, calls } = await start();
    await client.createQueue('a');
    await client.sendMessage('a', { MessageBody: 'x', DelaySeconds: 5 });
    await client.receiveMessage('a').catch(() => undefined);
    expect(calls).toMatchObject([
      {
        service: 'mns',
        version: '2015-06-06',
        action: 'CreateQueue',
        params: { QueueName: 'a' },
        httpStatus: 201,
        caller: 'root',
      },
      { action: 'SendMessage', params: { QueueName: 'a', MessageBody: 'x', DelaySeconds: '5' }, httpStatus: 201 },
      { action: 'ReceiveMessage', httpStatus: 404, code: 'MessageNotExist' },
    ]);
  });
});
