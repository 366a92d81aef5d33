import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../functions/alert/deliver.ts';
import { allStages } from '../../functions/all-stages.ts';
import { keepDeadLetter } from '../../functions/dead-letter/keep.ts';
import { serveProbe } from '../../functions/probe/serve.ts';
import { createSharedHandler, createStageHandler } from '../../shared/handler.ts';
import { keepAlive, readDeliveries } from '../../shared/messages.ts';
import { pipeline, stageNames } from '../../shared/pipeline.ts';
import { receive } from '../../shared/queue/receive.ts';
import { withNewKey } from '../../shared/queue/seal.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { contextOf, Harness } from '../support/harness.ts';
import { eventOf, queueEvent, sealedBy, sentMessage } from '../support/message-keys.ts';
import { tutorial } from '../support/tutorial.ts';

/** Why each is refused. */
const notSigned = /signed by this installation$|signed with key|signature of the message/;

let harness: Harness;
let id: string;
beforeAll(async () => {
  harness = await Harness.start({ latency: 'none', sweeps: false });
  id = await harness.request(tutorial());
  await harness.runUntil(id, 'ready');
}, 60_000);
afterAll(() => harness.close());
beforeEach(() => {
  const queue = deadLetters();
  for (const { handle = '' } of queue.take(100)) queue.delete(handle);
});

const deadLetters = () => {
  const queue = harness.cloud.mns.queues.get('dualstack-alb-dead-letter');
  if (queue === undefined) throw new Error('no queue of dead letters');
  return queue;
};
const letters = () => deadLetters().messages;
const state = () =>
  JSON.stringify(
    [...(harness.cloud.tablestore.tables().keys() ?? [])].map((name) => harness.cloud.tablestore.rows(name)),
  );

const stage = (name: (typeof stageNames)[number]) => ({
  queue: pipeline[name].queue,
  role: 'provisioner',
  /** What would act if it were believed. */
  message: () => ({ v: 1, deploymentId: id, stage: name, action: 'apply', epoch: 0, turn: 0 }),
  serve: (runtime: Runtime, event: Buffer) =>
    createStageHandler(allStages[name], () => runtime)(event, contextOf(name)),
});

const functions = {
  ...Object.fromEntries(stageNames.map((name) => [name, stage(name)])),
  stages: {
    ...stage('dns'),
    queue: 'stages',
    serve: (runtime: Runtime, event: Buffer) =>
      createSharedHandler(allStages, () => ({ ...runtime, config: { ...runtime.config, stageQueue: 'stages' } }))(
        event,
        contextOf('stages'),
      ),
  },
  probe: {
    queue: 'probe',
    role: 'prober',
    message: () => ({ v: 1, kind: 'shard', tickMs: harness.clock.nowMs(), shard: 0, shards: 1, deploymentIds: [id] }),
    serve: (runtime: Runtime, event: Buffer) =>
      serveProbe(runtime, event, { holder: 'forged', after: () => Promise.reject(new Error('it was believed')) }),
  },
  alert: {
    queue: 'alert',
    role: 'alert',
    message: () => ({ v: 1, kind: 'alert' }),
    serve: (runtime: Runtime, event: Buffer) =>
      receive(runtime, 'alert', event, 'request', () => deliver(runtime, 'forged')),
  },
};

const config = () => harness.config;
const strangers = withNewKey([], 0);
const forgeries: [string, (queue: string, message: object) => unknown][] = [
  ['is not signed', (_queue, message) => JSON.stringify(message)],
  ['is not signed and comes in base64', (_queue, message) => Buffer.from(JSON.stringify(message)).toString('base64')],
  ['is not signed and parsed by the platform', (_queue, message) => message],
  [
    'is signed by another key of that name',
    (queue, message) => sealedBy({ ...config(), messageKeys: strangers }, queue, message),
  ],
  [
    'is signed by another key',
    (queue, message) => sealedBy({ ...config(), messageKeys: withNewKey([], 9) }, queue, message),
  ],
  ['is signed for another queue', (queue, message) => sealedBy(config(), queue === 'dns' ? 'verify' : 'dns', message)],
  ['is signed by another installation', (queue, message) => sealedBy({ ...config(), name: 'other' }, queue, message)],
  ['was altered', (queue, message) => sealedBy(config(), queue, message).replace('"v":1', '"v":0')],
  ['keeps a stream alive, and is not signed', () => JSON.stringify(keepAlive)],
  ['is huge', (_queue, message) => JSON.stringify({ ...message, text: 'x'.repeat(200_000) })],
];

describe.each(Object.entries(functions))('%s', (name, { queue, role, message, serve }) => {
  it.each(forgeries)('puts away a message that %s, and changes nothing', async (_, forge) => {
    const runtime = harness.runtime(name, `${harness.config.name}-${role}`);
    const before = state();
    const from = harness.cloud.wireLog.length;
    await serve(runtime, queueEvent('forged', forge(queue, message()) as string));
    expect(state()).toBe(before);
    expect(harness.cloud.wireLog.slice(from).map(({ action }) => action)).toEqual(['SendMessage']);
    expect(letters().map((letter) => sentMessage(letter))).toMatchObject([
      { kind: 'refused-message', queue, messageId: 'forged', reason: expect.stringMatching(notSigned) as string },
    ]);
    expect(sentMessage(letters()[0] ?? { body: '' })).not.toHaveProperty('deploymentId');
  });
});

describe('the dead letter of a forged message', () => {
  it('is recorded once, in nobody’s history, and makes nothing run', async () => {
    const { queue, message, serve } = stage('dns');
    const forged = JSON.stringify(message());
    const record = await harness.record(id);
    // The answer of the first try is lost: the trigger delivers the message again.
    for (let times = 0; times < 2; times += 1)
      await serve(harness.runtime('dns'), queueEvent(`forged-${queue}`, forged));
    const put = [...letters()];
    expect(put).toHaveLength(2);
    for (const letter of put)
      for (const delivery of readDeliveries(eventOf(letter), 'request'))
        await keepDeadLetter(harness.runtime('dead-letter'), delivery);
    const { events } = await harness.runtime('api', 'dualstack-alb-api').events.list('none', { limit: 100 });
    expect(events).toMatchObject([
      {
        kind: 'dead-letter',
        text: 'refused: the message is not signed by this installation',
        details: { body: forged },
      },
    ]);
    expect(await harness.record(id)).toEqual(record);
  });
});
