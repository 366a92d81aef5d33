import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MnsClient } from '../../../local/mns/client.ts';
import { start, until } from './support.ts';

async function startWithQueue() {
  const cloud = await start({ order: 'fifo' });
  cloud.service.createQueue('a');
  return { ...cloud, mine: cloud.own() };
}

/** A server that gives every request this answer. */
async function answering(status: number, type: string, body: string): Promise<MnsClient> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new MnsClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credential: () => ({ accessKeyId: 'a', accessKeySecret: 'b' }),
  });
  onTestFinished(() => {
    client.close();
    server.close();
  });
  return client;
}

describe('MnsClient: calls', () => {
  it('sends text of any kind, receives it unchanged', async () => {
    const { mine, client } = await startWithQueue();
    const body = '{"a":"1 < 2 & 3","b":"é\\r\\n\u{1f600}"}\r\n';
    const id = await mine.send('a', body);
    const message = await mine.receive('a', { waitSeconds: 0 });
    expect(message).toMatchObject({ messageId: id, body, dequeueCount: 1, priority: 8 });
    await mine.delete('a', message?.receiptHandle ?? '');
    await expect(client.receiveMessage('a')).rejects.toMatchObject({ name: 'MNSMessageNotExistError' });
  });

  it('understands what the official client sent', async () => {
    const { mine, client } = await startWithQueue();
    const sent = await client.sendMessage('a', { MessageBody: 'eA==', Priority: 2 });
    expect(await mine.receive('a', { waitSeconds: 0 })).toMatchObject({
      messageId: sent.body['MessageId'],
      body: 'eA==',
      priority: 2,
    });
  });

  it('delays, changes the visibility', async () => {
    const { mine, context } = await startWithQueue();
    await mine.send('a', 'x', 5);
    expect(await mine.receive('a', { waitSeconds: 0 })).toBeUndefined();
    context.clock.advance(5000);
    const message = await mine.receive('a', { waitSeconds: 0 });
    const changed = await mine.changeVisibility('a', message?.receiptHandle ?? '', 100);
    expect(changed.nextVisibleAtMs).toBe(context.clock.nowMs() + 100_000);
    await mine.delete('a', changed.receiptHandle);
  });

  it('receives a batch', async () => {
    const { mine } = await startWithQueue();
    for (const body of ['1', '2', '3']) await mine.send('a', body);
    const batch = await mine.receiveBatch('a', { waitSeconds: 0, count: 2 });
    expect(batch.map(({ body }) => body)).toEqual(['1', '2']);
    expect(await mine.receiveBatch('a', { waitSeconds: 0, count: 16 })).toHaveLength(1);
    expect(await mine.receiveBatch('a', { waitSeconds: 0, count: 16 })).toEqual([]);
  });

  it('signs with the temporary credentials of the moment', async () => {
    const { context, url, service } = await startWithQueue();
    context.credentials.setRolePolicies('pump', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: 'mns:SendMessage', Resource: '*' }] },
    ]);
    let credential = context.credentials.issue('pump', 'f');
    const mine = new MnsClient({ endpoint: `${url}/`, clock: context.clock, credential: () => credential });
    onTestFinished(() => mine.close());
    await mine.send('a', '1');
    context.credentials.revoke(credential.accessKeyId);
    credential = context.credentials.issue('pump', 'f');
    await mine.send('a', '2');
    expect(service.visible('a')).toBe(2);
  });

  it('signs the date of its clock', async () => {
    const { mine, context, service } = await startWithQueue();
    context.clock.advance(3_600_000);
    await mine.send('a', 'x');
    expect(service.visible('a')).toBe(1);
  });

  it('waits by long poll until it is told to stop', async () => {
    const { mine, service } = await startWithQueue();
    const stop = new AbortController();
    const poll = mine.receive('a', { waitSeconds: 30 }, stop.signal);
    await until(() => service.parked === 1);
    stop.abort();
    expect(await poll).toBeUndefined();
  });
});

describe('MnsClient: errors', () => {
  it('carry code, status and request id', async () => {
    const { mine } = await startWithQueue();
    await expect(mine.receive('b', { waitSeconds: 0 })).rejects.toMatchObject({
      code: 'QueueNotExist',
      status: 404,
      requestId: expect.stringMatching(/^[0-9A-F-]{36}$/) as string,
    });
    await expect(mine.delete('a', 'x')).rejects.toMatchObject({ code: 'ReceiptHandleError', status: 400 });
  });

  it.each(['throttle', 'unavailable'] as const)('tell an injected %s by its code', async (kind) => {
    const { mine, edge } = await startWithQueue();
    edge.faults.add({ kind, service: 'mns', action: 'SendMessage' });
    await expect(mine.send('a', 'x')).rejects.toMatchObject(
      kind === 'throttle' ? { code: 'Throttling.User', status: 400 } : { code: 'ServiceUnavailable', status: 503 },
    );
  });

  it('P-096: tell a 502 page from an answer of the service', async () => {
    const { mine, edge, service } = await startWithQueue();
    edge.faults.add({ kind: 'html-502', service: 'mns', times: 2 });
    await expect(mine.send('a', 'x')).rejects.toMatchObject({ code: 'NotXml', status: 502 });
    await expect(mine.receive('a', { waitSeconds: 0 })).rejects.toMatchObject({ code: 'NotXml', status: 502 });
    expect(service.visible('a')).toBe(0);
  });

  it('tell a cut connection', async () => {
    const { mine, edge, service } = await startWithQueue();
    edge.faults.add({ kind: 'reset-after', service: 'mns', action: 'SendMessage' });
    await expect(mine.send('a', 'x')).rejects.toMatchObject({ code: 'ECONNRESET', status: 0 });
    expect(service.visible('a')).toBe(1);
  });

  it('tell that nobody listens', async () => {
    const { mine, edge } = await startWithQueue();
    await edge.close();
    await expect(mine.send('a', 'x')).rejects.toMatchObject({ code: 'ECONNREFUSED', status: 0 });
  });

  it('tell that the time is up, which does not run while a long poll waits', async () => {
    const { url, context, credential, edge } = await startWithQueue();
    const hasty = new MnsClient({ endpoint: url, clock: context.clock, credential: () => credential, timeoutMs: 50 });
    onTestFinished(() => hasty.close());
    edge.faults.add({ kind: 'late', service: 'mns', times: 0, delayMs: 30_000 });
    const isUp = { code: 'Timeout', status: 0 };
    await expect(hasty.receive('a', { waitSeconds: 0 })).rejects.toMatchObject(isUp);
    await expect(hasty.delete('a', 'handle')).rejects.toMatchObject(isUp);
    const startMs = performance.now();
    await expect(hasty.receive('a', { waitSeconds: 1 })).rejects.toMatchObject(isUp);
    expect(performance.now() - startMs).toBeGreaterThan(1000);
  });

  it.each([
    ['a page with status 200', 200, 'text/html', '<html></html>', 'NotXml'],
    ['an empty 200', 200, 'text/xml', '', 'UnexpectedAnswer'],
    ['broken XML', 201, 'text/xml', '<Message>', 'NotXml'],
    ['another document', 201, 'text/xml', '<Queue/>', 'UnexpectedAnswer'],
    ['a success of another kind', 200, 'text/xml', '<Message/>', 'UnexpectedAnswer'],
  ])('take %s for no success', async (_name, status, type, body, code) => {
    const client = await answering(status, type, body);
    await expect(client.send('a', 'x')).rejects.toMatchObject({ code, status });
  });
});
