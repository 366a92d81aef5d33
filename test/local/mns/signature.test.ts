import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { raw, start } from './support.ts';

describe('MNS signature: refusals', () => {
  it.each([
    ['no x-mns-version', { headers: { 'x-mns-version': undefined } }, 400, 'MissingVersionHeader'],
    ['another x-mns-version', { headers: { 'x-mns-version': '2014-01-01' } }, 400, 'InvalidVersionHeader'],
    ['no Authorization', { headers: { authorization: undefined } }, 400, 'MissingAuthorizationHeader'],
    ['an unreadable Authorization', { headers: { authorization: 'MNS abc' } }, 400, 'InvalidAuthorizationHeader'],
    ['no Date', { headers: { date: undefined } }, 400, 'MissingDateHeader'],
    ['an unreadable Date', { headers: { date: 'today' } }, 400, 'InvalidDateHeader'],
    ['an unknown key', { headers: { authorization: 'MNS nobody:AAAA' } }, 403, 'InvalidAccessKeyId'],
    ['another path than signed', { signedTarget: '/queues/b' }, 403, 'SignatureDoesNotMatch'],
    ['a wrong Content-MD5', { headers: { 'content-md5': 'AAAA' } }, 400, 'InvalidDegist'],
  ])('answers %s with its code', async (_name, change, status, code) => {
    const cloud = await start();
    const answer = await raw(cloud, { target: '/queues/a', ...change });
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  it('answers an error in XML with request id and host', async () => {
    const cloud = await start();
    const answer = await raw(cloud, { target: '/queues/a' });
    expect(answer.headers['content-type']).toMatch(/^text\/xml/);
    expect(answer.headers['x-mns-version']).toBe('2015-06-06');
    expect(answer.text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error xmlns="http://mns.aliyuncs.com/doc/v1/"><Code>QueueNotExist</Code><Message>The queue name you provided is not exist.</Message><RequestId>${String(answer.headers['x-mns-request-id'])}</RequestId><HostId>${cloud.url}</HostId></Error>`,
    );
  });

  it('takes a date 15 minutes off', async () => {
    const cloud = await start();
    const date = new Date(Math.floor(cloud.context.clock.nowMs() / 1000) * 1000 + 899_000).toUTCString();
    expect((await raw(cloud, { target: '/queues', headers: { date } })).status).toBe(200);
  });

  it('refuses a date that is further off', async () => {
    const cloud = await start();
    const date = new Date(cloud.context.clock.nowMs() - 901_000).toUTCString();
    expect(await raw(cloud, { target: '/queues', headers: { date } })).toMatchObject({
      status: 408,
      code: 'TimeExpired',
    });
  });

  it('refuses a secret that is not the key’s', async () => {
    const { official, credential } = await start();
    await expect(official({}, { ...credential, accessKeySecret: 'x' }).getQueueAttributes('a')).rejects.toMatchObject({
      name: 'MNSSignatureDoesNotMatchError',
    });
  });

  it('P-102: refuses what a client with a slash at the end of its endpoint signs', async () => {
    const { official, url } = await start();
    await expect(official({ endpoint: `${url}/` }).createQueue('a')).rejects.toMatchObject({
      name: 'MNSSignatureDoesNotMatchError',
    });
  });
});

describe('MNS signature: Content-MD5', () => {
  const body = '<Queue/>';
  const md5 = createHash('md5').update(body);

  it('is taken as base64 of the digest', async () => {
    const cloud = await start();
    const answer = await raw(cloud, { method: 'PUT', target: '/queues/a', body });
    expect(answer.status).toBe(201);
  });

  it('P-105: is taken as base64 of the hex text', async () => {
    const cloud = await start();
    const headers = { 'content-md5': Buffer.from(md5.digest('hex')).toString('base64') };
    expect((await raw(cloud, { method: 'PUT', target: '/queues/a', body, headers })).status).toBe(201);
  });

  it('is not asked for', async () => {
    const cloud = await start();
    const headers = { 'content-md5': undefined };
    expect((await raw(cloud, { method: 'PUT', target: '/queues/a', body, headers })).status).toBe(201);
  });
});

describe('MNS permissions', () => {
  const statement = (...actions: string[]) => ({
    Version: '1',
    Statement: [{ Effect: 'Allow' as const, Action: actions, Resource: '*' }],
  });

  it('lets a role do what its policy names', async () => {
    const { official, context, client } = await start();
    await client.createQueue('a');
    context.credentials.setRolePolicies('sender', [statement('mns:SendMessage')]);
    const sender = official({}, context.credentials.issue('sender', 'api'));
    expect((await sender.sendMessage('a', { MessageBody: 'x' })).code).toBe(201);
  });

  it.each([
    ['mns:ReceiveMessage', (of: Sdk) => of.receiveMessage('a')],
    ['mns:BatchReceiveMessage', (of: Sdk) => of.batchReceiveMessage('a', 2)],
    ['mns:DeleteMessage', (of: Sdk) => of.deleteMessage('a', 'h')],
    ['mns:CreateQueue', (of: Sdk) => of.createQueue('b')],
    ['mns:SetQueueAttributes', (of: Sdk) => of.setQueueAttributes('a', {})],
    ['mns:GetQueueAttributes', (of: Sdk) => of.getQueueAttributes('a')],
    ['mns:ChangeMessageVisibility', (of: Sdk) => of.changeMessageVisibility('a', 'h', 1)],
    ['mns:ListQueue', (of: Sdk) => of.listQueue()],
    ['mns:BatchSendMessage', (of: Sdk) => of.batchSendMessage('a', [{ MessageBody: 'x' }])],
  ])('denies a role what only %s allows', async (action, call) => {
    const { official, context, client } = await start();
    await client.createQueue('a');
    context.credentials.setRolePolicies('sender', [statement('mns:SendMessage')]);
    const sender = official({}, context.credentials.issue('sender', 'api'));
    await expect(call(sender)).rejects.toMatchObject({
      name: 'MNSAccessDeniedError',
      message: expect.stringContaining(`failed with 403`) as string,
    });
    await expect(call(sender)).rejects.toThrow(action);
  });

  it('refuses temporary credentials without their token', async () => {
    const { official, context } = await start();
    const credential = context.credentials.issue('sender', 'api');
    await expect(official({ securityToken: undefined }, credential).listQueue()).rejects.toMatchObject({
      name: 'MNSInvalidAccessKeyIdError',
    });
  });

  it('refuses temporary credentials with another token', async () => {
    const { official, context } = await start();
    const credential = context.credentials.issue('sender', 'api');
    await expect(official({ securityToken: 'other' }, credential).listQueue()).rejects.toMatchObject({
      name: 'MNSAccessDeniedError',
    });
  });
});

type Sdk = Awaited<ReturnType<typeof start>>['client'];
