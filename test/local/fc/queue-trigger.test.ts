import { describe, expect, it, onTestFinished } from 'vitest';
import type { FunctionComputeOptions } from '../../../local/fc/function-compute.ts';
import { retryWaitMs } from '../../../local/fc/queue-trigger.ts';
import { MnsClient } from '../../../local/mns/client.ts';
import { mnsService } from '../../../local/mns/index.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';
import { accountId, regionId, startFunctions, until } from './support/function-compute.ts';

/** Logs each event; fails while the text `fail` is in it. */
const handler = `exports.handler = async (event, context) => {
  console.log('event', String(event));
  if (String(event).includes('fail')) throw new Error('told to fail');
};`;

const trigger = (config: Record<string, unknown> = {}, queueName = 'work', source: object = {}) => ({
  triggerName: 'queue',
  triggerType: 'eventbridge',
  triggerConfig: {
    eventSourceConfig: {
      eventSourceType: 'MNS',
      eventSourceParameters: {
        sourceMNSParameters: { RegionId: regionId, QueueName: queueName, IsBase64Decode: false, ...source },
      },
    },
    ...config,
  },
});

const tolerant = {
  runOptions: {
    errorsTolerance: 'ALL',
    deadLetterQueue: { Arn: `acs:mns:${regionId}:${accountId}:/queues/dead` },
  },
};

async function start(
  triggers: Record<string, object> = { f: trigger(tolerant) },
  sources: Record<string, string> = { f: handler },
  visibilityTimeout = 240,
  options: Partial<FunctionComputeOptions> = {},
) {
  const context = testContext();
  const mns = mnsService(context);
  for (const queue of ['work', 'other', 'dead']) mns.createQueue(queue, { visibilityTimeout });
  const { url, edge, calls } = await testEdge(context, [mns]);
  const client = new MnsClient({ endpoint: url, credential: () => context.credentials.root, clock: context.clock });
  onTestFinished(() => client.close());
  const fc = await startFunctions(
    sources,
    Object.fromEntries(
      Object.keys(sources).map((name) => [name, { triggers: triggers[name] === undefined ? [] : [triggers[name]] }]),
    ),
    { clock: context.clock, mns: { endpoint: url, credential: () => context.credentials.root }, ...options },
  );
  const events = () =>
    fc.logs.flatMap((entry) =>
      entry.message.startsWith('event ') ? [JSON.parse(entry.message.slice(6)) as unknown] : [],
    );
  const isQuiet = () => fc.compute.isIdle() && fc.compute.polling === mns.parked;
  /** Lets the clock go from wait to wait, as the embedded cloud does, until `condition` holds. */
  const jumpUntil = async (condition: () => boolean, what: string) => {
    await until(() => {
      if (condition()) return true;
      const next = context.clock.nextWaiterAtMs();
      if (isQuiet() && next !== undefined) context.clock.advanceTo(next);
      return false;
    }, what);
  };
  const left = (queue: string) => mns.snapshot().queues.find(({ name }) => name === queue)?.messages ?? [];
  return { ...fc, context, clock: context.clock, mns, edge, calls, client, events, isQuiet, jumpUntil, left };
}

describe('queue trigger: the event', () => {
  it('P-116: pushes an array of CloudEvents without receipt handle or dequeue count', async () => {
    const { client, events, left } = await start();
    const messageId = await client.send('work', 'hello');
    await until(() => events().length === 1 && left('work').length === 0);
    expect(events()[0]).toEqual([
      {
        id: expect.any(String),
        source: 'acs:mns',
        specversion: '1.0',
        type: 'mns:Queue:SendMessage',
        datacontenttype: 'application/json; charset=utf-8',
        subject: `acs:mns:${regionId}:${accountId}:queues/work`,
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        aliyunaccountid: accountId,
        aliyunpublishtime: expect.any(String),
        aliyunregionid: regionId,
        aliyuneventbusname: expect.any(String),
        data: { requestId: expect.any(String), messageId, messageBody: 'hello' },
      },
    ]);
  });

  it('P-113: pushes one object in event-driven mode', async () => {
    const { client, events } = await start({ f: trigger({ runOptions: { mode: 'event-driven' } }) });
    await client.send('work', 'hello');
    await until(() => events().length === 1);
    expect(events()[0]).toMatchObject({ source: 'MNS-f-queue', data: { messageBody: 'hello' } });
  });

  it('pushes only the data with the schema RawData', async () => {
    const { client, events } = await start({
      f: trigger({ eventSinkConfig: { deliveryOption: { eventSchema: 'RawData' } } }),
    });
    await client.send('work', 'hello');
    await until(() => events().length === 1);
    expect(events()[0]).toEqual([
      { requestId: expect.any(String), messageId: expect.any(String), messageBody: 'hello' },
    ]);
  });

  it.each([
    ['P-114: decodes base64 bodies when told to', Buffer.from('{"a":1}').toString('base64'), '{"a":1}'],
    ['leaves a body alone that is no base64', '{"a":1}', '{"a":1}'],
  ])('%s', async (_, sent, received) => {
    const { client, events } = await start({ f: trigger({}, 'work', { IsBase64Decode: true }) });
    await client.send('work', sent);
    await until(() => events().length === 1);
    expect(events()[0]).toMatchObject([{ data: { messageBody: received } }]);
  });

  it('fills a batch up to its count', async () => {
    const fc = await start({ f: trigger({ runOptions: { batchWindow: { CountBasedWindow: 3 } } }) }, { f: handler });
    await until(() => fc.mns.parked === 1);
    fc.compute.install([{ ...fc.specs[0], triggers: [] } as (typeof fc.specs)[0]]);
    for (const text of ['a', 'b', 'c', 'd']) await fc.client.send('work', text);
    fc.compute.install(fc.specs);
    await until(() => fc.events().length === 2 && fc.left('work').length === 0);
    expect(fc.events().map((batch) => (batch as unknown[]).length)).toEqual([3, 1]);
  });
});

describe('queue trigger: failures of the function', () => {
  it('retries three times 10 to 20 s apart, then moves the event to the dead-letter queue', async () => {
    const fc = await start();
    const startMs = fc.clock.nowMs();
    await fc.client.send('work', 'fail');
    await fc.jumpUntil(() => fc.left('dead').length === 1 && fc.left('work').length === 0, 'the dead letter');
    expect(fc.compute.stats.get('f')?.invocations).toBe(4);
    expect(fc.clock.nowMs() - startMs).toBe(45_000);
    expect(JSON.parse(fc.left('dead')[0]?.body ?? '')).toMatchObject({ data: { messageBody: 'fail' } });
  });

  it('P-112: drops the event without a dead-letter queue', async () => {
    const fc = await start({ f: trigger({ runOptions: { errorsTolerance: 'ALL' } }) });
    await fc.client.send('work', 'fail');
    await fc.jumpUntil(() => fc.left('work').length === 0, 'the drop');
    expect(fc.logs.some((entry) => entry.message.startsWith('P-112'))).toBe(true);
  });

  it('P-111: blocks the stream under errorsTolerance NONE', async () => {
    const fc = await start({ f: trigger() });
    await fc.client.send('work', 'fail');
    await fc.jumpUntil(() => fc.compute.streams[0]?.state === 'Ready', 'the block');
    await fc.client.send('work', 'fine');
    expect(fc.left('work')).toHaveLength(2);
    expect(fc.compute.isIdle()).toBe(true);
  });

  it('is serial: a later message waits for the retries of an earlier one', async () => {
    const fc = await start();
    await fc.client.send('work', 'fail');
    await until(() => fc.compute.stats.get('f')?.invocations === 1 && fc.isQuiet());
    await fc.client.send('work', 'fine');
    await fc.jumpUntil(() => fc.left('work').length === 0, 'both');
    expect(JSON.stringify(fc.events().at(-1))).toContain('fine');
    expect(fc.events()).toHaveLength(5);
  });

  it('does not hold up the queue of another function', async () => {
    const fc = await start({ f: trigger(tolerant), g: trigger(tolerant, 'other') }, { f: handler, g: handler });
    await fc.client.send('work', 'fail');
    await until(() => fc.compute.stats.get('f')?.errors === 1);
    await fc.client.send('other', 'fine');
    await until(() => fc.compute.stats.get('g')?.durationsMs.length === 1);
    expect(fc.compute.stats.get('f')?.invocations).toBe(1);
  });

  it('retries when the instance dies, and delivers the same event', async () => {
    const fc = await start(
      { f: trigger(tolerant) },
      { f: "exports.handler = async (event) => { console.log('event', String(event)); process.exit(1) }" },
    );
    await fc.client.send('work', 'x');
    await fc.jumpUntil(() => fc.left('dead').length === 1, 'the dead letter');
    expect(new Set(fc.events().map((event) => JSON.stringify(event))).size).toBe(1);
  });

  it('P-123: comes again when the retries outlast its visibility', async () => {
    const fc = await start({ f: trigger(tolerant) }, { f: handler }, 30);
    await fc.client.send('work', 'fail');
    await fc.jumpUntil(() => fc.left('dead').length === 2, 'the second dead letter');
    expect(fc.logs.some((entry) => entry.message.includes('(P-123)'))).toBe(true);
  });

  it('P-118: acknowledges at once when it invokes asynchronously', async () => {
    const fc = await start({ f: trigger({ ...tolerant, asyncInvocationType: true }) });
    await fc.client.send('work', 'fail');
    await fc.jumpUntil(() => fc.logs.some((entry) => entry.message.includes('given up')), 'the end of the retries');
    expect(fc.left('work')).toEqual([]);
    expect(fc.left('dead')).toEqual([]);
    expect(fc.compute.stats.get('f')?.invocations).toBe(4);
  });

  it('dead-letters what cannot be pushed asynchronously: more than 128 KB', async () => {
    const batch = { ...tolerant.runOptions, batchWindow: { CountBasedWindow: 3 } };
    const fc = await start({ f: trigger({ asyncInvocationType: true, runOptions: batch }) });
    await until(() => fc.mns.parked === 1);
    fc.compute.install([{ ...fc.specs[0], triggers: [] } as (typeof fc.specs)[0]]);
    for (const letter of ['a', 'b', 'c']) await fc.client.send('work', letter.repeat(50_000));
    fc.compute.install(fc.specs);
    await fc.jumpUntil(() => fc.left('dead').length === 3 && fc.left('work').length === 0, 'the dead letters');
    expect(fc.compute.stats.get('f')?.invocations).toBe(0);
  });

  it('P-115: fails a batch as a whole, and dead-letters each of its events', async () => {
    const batch = { ...tolerant.runOptions, batchWindow: { CountBasedWindow: 2 } };
    const fc = await start({ f: trigger({ runOptions: batch }) });
    await until(() => fc.mns.parked === 1);
    fc.compute.install([{ ...fc.specs[0], triggers: [] } as (typeof fc.specs)[0]]);
    for (const text of ['fine', 'fail']) await fc.client.send('work', text);
    fc.compute.install(fc.specs);
    await fc.jumpUntil(() => fc.left('dead').length === 2 && fc.left('work').length === 0, 'the dead letters');
    expect(fc.events().map((events) => (events as unknown[]).length)).toEqual([2, 2, 2, 2]);
    const bodies = fc.left('dead').map(({ body }) => (JSON.parse(body) as { data: { messageBody: string } }).data);
    expect(bodies.map(({ messageBody }) => messageBody).toSorted()).toEqual(['fail', 'fine']);
  });

  it.each([
    ['synchronous', false],
    ['asynchronous', true],
  ])(
    'P-117: ends an invocation at the limit of triggers, below the timeout of the function, %s',
    async (_, isAsync) => {
      const fc = await start(
        { f: trigger({ ...tolerant, asyncInvocationType: isAsync }) },
        { f: 'exports.handler = () => new Promise(() => setInterval(() => 0, 50))' },
        240,
        { triggerLimitMs: 150 },
      );
      await fc.client.send('work', 'x');
      await until(() => fc.logs.some(({ message }) => message.includes('Function timed out after 0.15 seconds')));
      await fc.jumpUntil(() => fc.compute.stats.get('f')?.invocations === 4 && fc.isQuiet(), 'the retries');
      expect(fc.left('dead')).toHaveLength(isAsync ? 0 : 1);
    },
  );

  it('knows the waits of EXPONENTIAL_DECAY_RETRY', () => {
    const waits: number[] = [];
    for (let retry = 0; ; retry += 1) {
      const waitMs = retryWaitMs('EXPONENTIAL_DECAY_RETRY', retry, Math.random);
      if (waitMs === undefined) break;
      waits.push(waitMs);
    }
    expect(waits).toHaveLength(176);
    expect(waits.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512].map((seconds) => seconds * 1000));
  });
});

describe('queue trigger: failures of the queue', () => {
  it.each(['unavailable', 'html-502', 'reset-before', 'throttle'] as const)(
    'backs off and goes on when receiving meets %s',
    async (kind) => {
      const fc = await start();
      await until(() => fc.mns.parked === 1);
      fc.edge.faults.add({ kind, service: 'mns', action: 'ReceiveMessage', times: 3 });
      await fc.client.send('work', 'one');
      await fc.client.send('work', 'two');
      await fc.jumpUntil(() => fc.events().length >= 2 && fc.left('work').length === 0, 'both messages');
      expect(fc.edge.faults.list()[0]?.struck).toBe(3);
    },
  );

  it('gets a message again that was received into a cut connection', async () => {
    const fc = await start();
    fc.edge.faults.add({ kind: 'reset-after', service: 'mns', action: 'ReceiveMessage', times: 1 });
    fc.compute.install([{ ...fc.specs[0], triggers: [] } as (typeof fc.specs)[0]]);
    await fc.client.send('work', 'one');
    fc.compute.install(fc.specs);
    await fc.jumpUntil(() => fc.events().length === 1 && fc.left('work').length === 0, 'the message');
  });

  it('gets a message again whose delete failed', async () => {
    const fc = await start();
    fc.edge.faults.add({ kind: 'unavailable', service: 'mns', action: 'DeleteMessage', times: 1 });
    await fc.client.send('work', 'one');
    await fc.jumpUntil(() => fc.events().length === 2 && fc.left('work').length === 0, 'the second delivery');
  });

  it('loses nothing when the dead-letter queue refuses', async () => {
    const fc = await start();
    await fc.client.send('work', 'fail');
    fc.edge.faults.add({ kind: 'unavailable', service: 'mns', action: 'SendMessage', times: 1 });
    await fc.jumpUntil(() => fc.left('dead').length === 1 && fc.left('work').length === 0, 'the dead letter');
    expect(fc.edge.faults.list()[0]?.struck).toBe(1);
  });
});

describe('queue trigger: life cycle', () => {
  it('is idle inside a long poll and busy with a message in hand', async () => {
    const fc = await start(
      { f: trigger(tolerant) },
      { f: "exports.handler = async () => { console.log('event 1'); await new Promise(() => {}) }" },
    );
    await until(() => fc.mns.parked === 1);
    expect([fc.compute.isIdle(), fc.compute.polling]).toEqual([true, 1]);
    await fc.client.send('work', 'x');
    await until(() => fc.events().length === 1);
    expect([fc.compute.isIdle(), fc.compute.polling]).toEqual([false, 0]);
  });

  it('keeps an unchanged trigger over a re-install', async () => {
    const fc = await start();
    await until(() => fc.mns.parked === 1);
    const received = fc.calls.length;
    fc.compute.install(fc.specs);
    expect(fc.mns.parked).toBe(1);
    expect(fc.calls.length).toBe(received);
  });

  it('does not poll when disabled', async () => {
    const fc = await start({ f: trigger({ triggerEnable: false }) });
    expect([fc.compute.polling, fc.mns.parked]).toEqual([0, 0]);
  });
});
