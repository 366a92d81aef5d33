import { describe, expect, it } from 'vitest';
import { accountId, json, regionId, startFunctions, until } from './support/function-compute.ts';

const failing = "exports.handler = async () => { throw new Error('no') }";

/** Moves the clock from wait to wait until `condition` holds. */
async function jumpUntil(
  fc: Awaited<ReturnType<typeof startFunctions>>,
  condition: () => boolean,
  what?: string,
): Promise<void> {
  await until(() => {
    if (condition()) return true;
    const next = fc.clock.nextWaiterAtMs();
    if (fc.compute.isIdle() && next !== undefined) fc.clock.advanceTo(next);
    return false;
  }, what);
}

function fakeQueue() {
  const sent: { queue: string; body: string }[] = [];
  return {
    sent,
    client: {
      receive: () => Promise.resolve(undefined),
      delete: () => Promise.resolve(),
      send: (queue: string, body: string) => {
        sent.push({ queue, body });
        return Promise.resolve('id');
      },
    },
  };
}

const queueArn = (queue: string) => `acs:mns:${regionId}:${accountId}:/queues/${queue}/messages`;

describe('asynchronous invocation', () => {
  it('accepts with 202 before the function runs', async () => {
    const { compute } = await startFunctions({ f: 'exports.handler = async () => 1' });
    const accepted = await compute.invoke('f', json({}), { type: 'async' });
    expect(accepted).toMatchObject({ statusCode: 202, body: Buffer.alloc(0) });
    await until(() => compute.stats.get('f')?.durationsMs.length === 1);
    await until(() => compute.isIdle());
  });

  it('P-146 P-153: runs a failing function four times by default, with one request id', async () => {
    const fc = await startFunctions({ f: failing });
    const { requestId } = await fc.compute.invoke('f', json({}), { type: 'async' });
    await jumpUntil(fc, () => fc.logs.some((entry) => entry.message.includes('given up')));
    expect(fc.compute.stats.get('f')?.invocations).toBe(4);
    expect(new Set(fc.logs.map((entry) => entry.requestId))).toEqual(new Set([requestId]));
  });

  it('does not repeat with maxAsyncRetryAttempts 0', async () => {
    const fc = await startFunctions({ f: failing }, { f: { asyncInvokeConfig: { maxAsyncRetryAttempts: 0 } } });
    await fc.compute.invoke('f', json({}), { type: 'async' });
    await until(() => fc.logs.some((entry) => entry.message.includes('given up')));
    expect(fc.compute.stats.get('f')?.invocations).toBe(1);
  });

  it('starts a delayed request when the clock says so', async () => {
    const { compute, clock } = await startFunctions({ f: 'exports.handler = async () => 1' });
    await compute.invoke('f', json({}), { type: 'async', delayMs: 60_000 });
    await until(() => compute.isIdle());
    expect(compute.stats.get('f')?.invocations).toBe(0);
    clock.advance(60_000);
    await until(() => compute.stats.get('f')?.durationsMs.length === 1);
  });

  it('P-148: runs a throttled request later', async () => {
    const fc = await startFunctions(
      { f: 'exports.handler = async (e) => { if (String(e) === "hold") await new Promise(() => {}); return 1 }' },
      { f: { reservedConcurrency: 1 } },
    );
    const held = fc.compute.invoke('f', Buffer.from('hold'));
    await fc.compute.invoke('f', json({}), { type: 'async' });
    await until(() => fc.compute.stats.get('f')?.throttles === 1);
    await fc.compute.kill('f');
    await held;
    await jumpUntil(fc, () => fc.compute.stats.get('f')?.durationsMs.length === 2);
    expect(fc.compute.stats.get('f')?.errors).toBe(1);
  });

  it('drops a request that is older than maxAsyncEventAgeInSeconds', async () => {
    const queue = fakeQueue();
    const fc = await startFunctions(
      { f: 'exports.handler = async () => 1' },
      {
        f: {
          asyncInvokeConfig: {
            maxAsyncEventAgeInSeconds: 60,
            destinationConfig: { onFailure: { destination: queueArn('dead') } },
          },
        },
      },
      { queueClient: queue.client },
    );
    await fc.compute.invoke('f', json({}), { type: 'async', delayMs: 61_000 });
    await jumpUntil(fc, () => queue.sent.length === 1);
    expect(fc.compute.stats.get('f')?.invocations).toBe(0);
    expect(JSON.parse(queue.sent[0]?.body ?? '')).toMatchObject({ requestContext: { condition: 'Expired' } });
  });

  it('P-160: refuses more than 128 KB', async () => {
    const { compute } = await startFunctions({ f: failing });
    const result = await compute.invoke('f', Buffer.alloc(128 * 1024 + 1), { type: 'async' });
    expect(result.statusCode).toBe(400);
  });

  it('may run an accepted request twice', async () => {
    const { compute } = await startFunctions(
      { f: 'exports.handler = async () => 1' },
      {},
      { asyncFate: () => 'twice' },
    );
    await compute.invoke('f', json({}), { type: 'async' });
    await until(() => compute.stats.get('f')?.durationsMs.length === 2);
  });

  it('P-147: may lose an accepted request', async () => {
    const { compute } = await startFunctions({ f: 'exports.handler = async () => 1' }, {}, { asyncFate: () => 'lost' });
    await compute.invoke('f', json({}), { type: 'async' });
    expect(compute.isIdle()).toBe(true);
  });
});

describe('destinations', () => {
  it('P-151: sends the failure record to a queue', async () => {
    const queue = fakeQueue();
    const fc = await startFunctions(
      { f: failing },
      {
        f: {
          asyncInvokeConfig: {
            maxAsyncRetryAttempts: 1,
            destinationConfig: { onFailure: { destination: queueArn('dead') } },
          },
        },
      },
      { queueClient: queue.client },
    );
    const { requestId } = await fc.compute.invoke('f', Buffer.from('{"in":1}'), { type: 'async' });
    await jumpUntil(fc, () => queue.sent.length === 1);
    expect(queue.sent[0]?.queue).toBe('dead');
    expect(JSON.parse(queue.sent[0]?.body ?? '')).toEqual({
      timestamp: fc.clock.nowMs(),
      requestContext: {
        requestId,
        functionArn: `acs:fc:${regionId}:${accountId}:functions/f`,
        condition: 'UnhandledInvocationError',
        approximateInvokeCount: 2,
      },
      requestPayload: '{"in":1}',
      responseContext: { statusCode: 200, functionError: 'UnhandledInvocationError' },
      responsePayload: expect.stringContaining('"errorMessage":"no"'),
    });
  });

  it('P-150: drops a record that an MNS queue does not take', async () => {
    const queue = fakeQueue();
    const { compute, logs } = await startFunctions(
      { f: 'exports.handler = async () => 1' },
      { f: { asyncInvokeConfig: { destinationConfig: { onSuccess: { destination: queueArn('done') } } } } },
      { queueClient: queue.client },
    );
    await compute.invoke('f', Buffer.from('a'.repeat(65_400)), { type: 'async' });
    await until(() => logs.some((entry) => entry.message.startsWith('P-150')));
    expect(queue.sent).toEqual([]);
  });

  it('invokes a destination function with the record', async () => {
    const { compute, logs } = await startFunctions(
      {
        f: 'exports.handler = async () => ({ out: 2 })',
        g: 'exports.handler = async (e) => console.log("got", String(e))',
      },
      {
        f: {
          asyncInvokeConfig: {
            destinationConfig: { onSuccess: { destination: `acs:fc:${regionId}::functions/g` } },
          },
        },
      },
    );
    await compute.invoke('f', Buffer.from('x'), { type: 'async' });
    await until(() => logs.some((entry) => entry.functionName === 'g' && entry.message.includes('{\\"out\\":2}')));
  });
});
