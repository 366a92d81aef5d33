import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FaultRule } from '../../../local/faults.ts';
import { mnsService } from '../../../local/mns/index.ts';
import { Budget } from '../../../shared/budget.ts';
import { QueueError, Queues, type QueueSettings } from '../../../shared/queue/queues.ts';
import { stageMessageSchema } from '../../../shared/messages.ts';
import { testContext } from '../../support/cloud-context.ts';
import { sentMessage, testMessageKeys } from '../../support/message-keys.ts';
import { parseMessageKeys } from '../../../shared/queue/seal.ts';
import { testEdge } from '../../support/edge.ts';

const attributes = { visibilityTimeoutSeconds: 240, retentionSeconds: 604_800 };

async function start() {
  const context = testContext('none');
  const service = mnsService(context);
  onTestFinished(() => service.close());
  const { edge, url, calls } = await testEdge(context, [service]);
  const pauses: number[] = [];
  const queuesOf = (overrides: Partial<QueueSettings> = {}) =>
    new Queues({
      endpoint: url,
      accountId: context.credentials.accountId,
      regionId: 'cn-shanghai',
      prefix: 'mine',
      messageKeys: parseMessageKeys(testMessageKeys),
      nowMs: () => context.clock.nowMs(),
      credentials: context.credentials.root,
      readTimeoutMs: 2000,
      connectTimeoutMs: 2000,
      budget: Budget.unlimited(),
      pause: async (ms) => {
        pauses.push(ms);
      },
      ...overrides,
    });
  const queues = queuesOf();
  await queues.ensure('network', attributes);
  calls.length = 0;
  return {
    context,
    service,
    url,
    calls,
    queues,
    queuesOf,
    pauses,
    fault: (...rules: FaultRule[]) => edge.faults.add(...rules.map((rule): FaultRule => ({ service: 'mns', ...rule }))),
    /** What a trigger reads out of the queue: the bodies, decoded from base64. */
    received: (): unknown[] => (service.queues.get('mine-network')?.take(16) ?? []).map(sentMessage),
  };
}

const failureOf = async (call: Promise<unknown>): Promise<QueueError> => {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(QueueError);
  return error as QueueError;
};

describe('a message', () => {
  it.each([
    ['angle brackets', { text: '<a>&amp;"\'</a>' }],
    ['a CDATA end', { text: ']]>' }],
    ['other scripts', { text: '负载均衡 🌐' }],
    ['control characters', { text: '\u0000\u0001\n' }],
    ['nothing', {}],
  ])('P-095: arrives as it was sent with %s', async (_, message) => {
    const { queues, received } = await start();
    await queues.send('network', message);
    expect(received()).toEqual([message]);
  });

  it('goes to the queue of its installation', async () => {
    const { queues, calls } = await start();
    await queues.send('network', {});
    expect(calls.map(({ action, httpStatus }) => [action, httpStatus])).toEqual([['SendMessage', 201]]);
    expect(JSON.stringify(calls[0]?.params)).toContain('mine-network');
  });

  it('is hidden until its delay is over', async () => {
    const { context, queues, received } = await start();
    await queues.send('network', { n: 1 }, 5000);
    context.clock.advance(4999);
    expect(received()).toEqual([]);
    context.clock.advance(1);
    expect(received()).toEqual([{ n: 1 }]);
  });

  it('is delayed by whole seconds, never less than asked', async () => {
    const { context, queues, received } = await start();
    await queues.send('network', { n: 1 }, 1001);
    context.clock.advance(1999);
    expect(received()).toEqual([]);
    context.clock.advance(1);
    expect(received()).toHaveLength(1);
  });

  it('P-107: is delayed by seven days at most', async () => {
    const { queues, calls } = await start();
    await queues.send('network', { n: 1 }, 30 * 86_400_000);
    expect(calls[0]).toMatchObject({ httpStatus: 201, params: { DelaySeconds: '604800' } });
  });

  it('P-106: is refused for good when it does not fit', async () => {
    const { queues, calls } = await start();
    const failure = await failureOf(queues.send('network', { text: 'x'.repeat(50_000) }));
    expect(failure.code).toBe('InvalidArgument');
    expect(calls).toHaveLength(1);
  });

  it('P-106: fits with 48 KB', async () => {
    const { queues, received } = await start();
    await queues.send('network', { text: 'x'.repeat(49_000) });
    expect(received()).toHaveLength(1);
  });

  it('P-106: of a stage is a reference of less than a kilobyte', () => {
    const largest = stageMessageSchema.parse({
      v: 1,
      deploymentId: 'z'.repeat(26),
      stage: 'backend-servers',
      action: 'release',
      epoch: Number.MAX_SAFE_INTEGER,
      turn: Number.MAX_SAFE_INTEGER,
    });
    expect(Buffer.from(JSON.stringify(largest)).toString('base64').length).toBeLessThan(1024);
  });
});

describe('a queue that fails', () => {
  it('P-096: gets the message again after an HTML 502', async () => {
    const { queues, fault, received, pauses } = await start();
    fault({ kind: 'html-502', action: 'SendMessage', times: 2 });
    await queues.send('network', { n: 1 });
    expect(received()).toEqual([{ n: 1 }]);
    expect(pauses).toEqual([100, 200]);
  });

  it('P-096: is an error when only HTML 502 comes', async () => {
    const { queues, fault, calls } = await start();
    fault({ kind: 'html-502', action: 'SendMessage', times: 0 });
    expect(await failureOf(queues.send('network', { n: 1 }))).toMatchObject({
      code: 'UnreadableAnswer',
      message: 'MNS SendMessage network: HTTP status 502',
    });
    expect(calls).toHaveLength(4);
  });

  it.each([
    ['P-096: 200 with a page', 200, 'text/html', '<html>portal</html>'],
    ['P-096: 204 without a body', 204, 'text/xml', ''],
  ])('is not believed when it answers %s', async (_, status, type, body) => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { queuesOf } = await start();
    const queues = queuesOf({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect((await failureOf(queues.send('network', {}))).code).toBe('UnreadableAnswer');
  });

  it.each(['reset-before', 'unavailable', 'throttle'] as const)('gets the message again after %s', async (kind) => {
    const { queues, fault, received } = await start();
    fault({ kind, action: 'SendMessage' });
    await queues.send('network', { n: 1 });
    expect(received()).toEqual([{ n: 1 }]);
  });

  it('P-108: may get the message twice when an answer is lost', async () => {
    const { queues, fault, received } = await start();
    fault({ kind: 'reset-after', action: 'SendMessage' });
    await queues.send('network', { n: 1 });
    expect(received()).toEqual([{ n: 1 }, { n: 1 }]);
  });

  it('is an error with the code of a lost connection when it stays away', async () => {
    const { queues, fault, calls } = await start();
    fault({ kind: 'reset-before', action: 'SendMessage', times: 0 });
    expect((await failureOf(queues.send('network', {}))).code).toBe('ConnectionFailed');
    expect(calls).toHaveLength(4);
  });

  it('is not waited for longer than the read timeout', async () => {
    const { queuesOf, fault } = await start();
    fault({ kind: 'late', action: 'SendMessage', delayMs: 5000, times: 0 });
    expect((await failureOf(queuesOf({ readTimeoutMs: 50 }).send('network', {}))).code).toBe('ConnectionFailed');
  });

  it('P-098: is an error with the code of the service', async () => {
    const { queues, calls } = await start();
    expect(await failureOf(queues.send('listener', {}))).toMatchObject({
      code: 'QueueNotExist',
      message: 'MNS SendMessage listener: QueueNotExist',
    });
    expect(calls).toHaveLength(1);
  });

  it('P-098: tells a refusal that repeating cannot change', async () => {
    const { queuesOf, context, calls } = await start();
    const wrong = { ...context.credentials.root, accessKeySecret: 'wrong' };
    expect((await failureOf(queuesOf({ credentials: wrong }).send('network', {}))).code).toBe('SignatureDoesNotMatch');
    expect(calls).toHaveLength(1);
  });
});

describe('credentials', () => {
  it('P-103: are those of the invocation', async () => {
    const { context, queuesOf, calls } = await start();
    context.credentials.setRolePolicies('sender', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: ['mns:SendMessage'], Resource: '*' }] },
    ]);
    const first = queuesOf({ credentials: context.credentials.issue('sender', 'mine-network') });
    const second = queuesOf({ credentials: context.credentials.issue('sender', 'mine-listener') });
    await first.send('network', {});
    await second.send('network', {});
    await first.send('network', {});
    expect(calls.map(({ caller }) => caller)).toEqual(['mine-network', 'mine-listener', 'mine-network']);
  });

  it('are refused for what their role may not do', async () => {
    const { context, queuesOf } = await start();
    context.credentials.setRolePolicies('reader', []);
    const queues = queuesOf({ credentials: context.credentials.issue('reader', 'mine-network') });
    expect((await failureOf(queues.send('network', {}))).code).toBe('AccessDenied');
  });

  it('P-102: are of no use with a slash at the end of the endpoint', async () => {
    const { queuesOf, url } = await start();
    await expect(queuesOf({ endpoint: `${url}/` }).send('network', {})).rejects.toBeInstanceOf(QueueError);
  });
});

describe('a queue of an installation', () => {
  it('is new once', async () => {
    const { queues } = await start();
    expect(await queues.ensure('listener', attributes)).toBe(true);
    expect(await queues.ensure('listener', attributes)).toBe(false);
  });

  it('P-100: never waits by itself for a message', async () => {
    const { service } = await start();
    expect(service.queues.get('mine-network')?.attributes).toMatchObject({
      pollingWaitSeconds: 0,
      delaySeconds: 0,
      visibilityTimeout: 240,
      messageRetentionPeriod: 604_800,
      maximumMessageSize: 65_536,
    });
  });

  it('P-110: gets other attributes where it stands already', async () => {
    const { queues, service } = await start();
    expect(await queues.ensure('network', { ...attributes, visibilityTimeoutSeconds: 300 })).toBe(false);
    expect(service.queues.get('mine-network')?.attributes.visibilityTimeout).toBe(300);
  });

  it('tells in what it differs', async () => {
    const { queues } = await start();
    expect(await queues.differences('network', attributes)).toEqual([]);
    expect(await queues.differences('network', { ...attributes, visibilityTimeoutSeconds: 300 })).toEqual([
      'VisibilityTimeout is 240, not 300',
    ]);
    expect(await queues.differences('listener', attributes)).toBeUndefined();
  });

  it('is gone when it was removed, also for the second time', async () => {
    const { queues, service } = await start();
    await queues.remove('network');
    await queues.remove('network');
    expect(service.queues.has('mine-network')).toBe(false);
  });

  it('says that its name is not free yet when it was removed just before', async () => {
    const { queues } = await start();
    await queues.remove('network');
    await expect(queues.ensure('network', attributes)).rejects.toMatchObject({ code: 'QueueDeletedRecently' });
  });

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable'] as const)(
    'is there in spite of %s',
    async (kind) => {
      const { queues, service, fault } = await start();
      fault({ kind, action: 'CreateQueue' });
      await queues.ensure('listener', attributes);
      expect(service.queues.has('mine-listener')).toBe(true);
    },
  );
});
