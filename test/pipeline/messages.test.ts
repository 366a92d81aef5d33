import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageMessage } from '../../shared/messages.ts';
import { inventoryOf, nothing, oneOfEverything } from '../support/inventory.ts';
import { someInstallation } from '../support/message-keys.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';
import { derivedMessageKeys, seal } from '../../shared/queue/seal.ts';

let installation: TestInstallation;
beforeAll(async () => {
  installation = await TestInstallation.start({ latency: rareChecks });
}, patienceMs);
afterAll(() => installation.close());

const queue = (name: string) => {
  const found = installation.cloud.mns.queues.get(`dualstack-alb-${name}`);
  if (found === undefined) throw new Error(`no queue ${name}`);
  return found;
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const messageBody = (message: object): string => base64(JSON.stringify(message));
/** The body as the installation itself would send it to the queue. */
const ours = (queueName: string, body: string): string => {
  const keys = derivedMessageKeys(installation.cloud.credentials.root.accessKeySecret);
  const text = Buffer.from(body, 'base64').toString('utf8');
  return base64(seal(keys, { ...someInstallation, queue: queueName }, text, 0));
};
const notSigned = /the message is not signed by this installation/;
const invocations = (name: string): number =>
  installation.functions.stats.get(`dualstack-alb-${name}`)?.invocations ?? 0;

/** Dead letters on record: whose they are and what they say. */
const letters = (deploymentId: string): string[] =>
  installation.cloud.tablestore
    .rows('dualstack_alb_events')
    .flatMap((row) =>
      row['deployment'] === deploymentId && row['kind'] === 'dead-letter' ? [String(row['text'])] : [],
    );

/** Nothing is in a queue and nothing under way; minutes pass, so that whatever goes round in circles shows. */
async function minutesPass(minutes: number): Promise<void> {
  const endMs = installation.clock.nowMs() + minutes * 60_000;
  await installation.run(() => installation.clock.nowMs() >= endMs);
}

const firstMessage = (deploymentId: string): StageMessage => ({
  v: 1,
  deploymentId,
  stage: 'preflight',
  action: 'apply',
  epoch: 0,
  turn: 0,
});

const stranger = '01m8149t01h2m8q4t7w0y6zabc';

/** Bodies as they are sent, with the queue they go to; `%` stands for the deployment that is under way meanwhile. */
const corrupted: [what: string, queueName: string, body: (id: string) => string, reason: RegExp][] = [
  ['XML of somebody else', 'preflight', () => base64('<order>7</order>'), notSigned],
  ['text that was not encoded', 'network', () => 'hello world', notSigned],
  ['bytes that are no text', 'instances', () => Buffer.from([0xff, 0xfe, 0x00, 0x80]).toString('base64'), notSigned],
  ['half a message', 'dns', (id) => messageBody(firstMessage(id)).slice(0, 60), /not a message of this version/],
  ['a list', 'listener', (id) => messageBody([firstMessage(id)]), /not a message of this version/],
  ['a message without a turn', 'health', (id) => messageBody({ ...firstMessage(id), turn: undefined }), /turn/],
  ['a message with a key too many', 'verify', (id) => messageBody({ ...firstMessage(id), force: true }), /force/],
  ['a message of a version to come', 'preflight', (id) => messageBody({ ...firstMessage(id), v: 2 }), /v: /],
  [
    'a message for another stage',
    'network',
    (id) => messageBody({ ...firstMessage(id), stage: 'dns' }),
    /for stage dns/,
  ],
  [
    'a message with an unknown action',
    'dns',
    (id) => messageBody({ ...firstMessage(id), action: 'destroy' }),
    /action/,
  ],
  ['a message for an unknown deployment', 'preflight', () => messageBody(firstMessage(stranger)), /no such deployment/],
  ['a message of 60 KB', 'server-group', () => base64('x'.repeat(45_000)), notSigned],
  ['a true message that somebody else has sent', 'preflight', (id) => messageBody(firstMessage(id)), notSigned],
  [
    'a message that was sealed for another queue',
    'listener',
    (id) => ours('dns', messageBody({ ...firstMessage(id), stage: 'listener' })),
    /the signature of the message is not that of its text and queue/,
  ],
];

/** Its first message is of the previous version, one of its functions dies of another, and into its queues comes anything. */
describe('a deployment under way', () => {
  let id = '';
  let invoked = 0;

  beforeAll(async () => {
    const { cloud } = installation;
    // A push and its three repeats.
    cloud.faults.add({
      kind: 'kill-before',
      functionName: 'dualstack-alb-network',
      service: 'vpc',
      action: 'CreateVpc',
      times: 4,
    });
    queue('preflight').loseNext(1);
    id = await installation.request(tutorial());
    queue('preflight').send(ours('preflight', messageBody({ ...firstMessage(id), v: 0 })));
    await installation.run(() => installation.record(id).stages.network.apply.state === 'done');
    for (const [, queueName, body, reason] of corrupted)
      queue(queueName).send(/sign/.test(reason.source) ? body(id) : ours(queueName, body(id)));
    await installation.runUntilSettled(id);
    await minutesPass(2);
    invoked = invocations('dead-letter');
  }, patienceMs);

  it('becomes ready with exactly one of everything', () => {
    const record = installation.record(id);
    expect(record.failure).toBeUndefined();
    expect(record.status).toBe('ready');
    expect(inventoryOf(installation.cloud, id)).toEqual(oneOfEverything);
    expect(inventoryOf(installation.cloud, undefined)).toEqual(nothing);
  });

  it('is served by its message of the previous version, which is no dead letter', () => {
    expect(queue('preflight').lost).toHaveLength(1);
    expect(letters(id).filter((text) => /version: v/.test(text))).toHaveLength(1);
    expect(installation.record(id).stages.preflight.apply.finishedAtMs).toBeLessThan(
      installation.record(id).createdAtMs + 60_000,
    );
  });

  it('has the message in its history that its function died of, and goes on by the sweep', () => {
    expect(installation.cloud.faults.list().map(({ struck }) => struck)).toEqual([4]);
    expect(letters(id).filter((text) => text === 'undelivered: the trigger gave up after its retries')).toHaveLength(1);
  });

  it.each(corrupted)('records %s with a reason', (_what, queueName, _body, reason) => {
    const all = ['none', id, stranger].flatMap(letters);
    expect(
      all.filter((text) => text.startsWith('refused: ') && reason.test(text)),
      queueName,
    ).not.toEqual([]);
  });

  it('has each refused message once in its history, if that names it, and else in nobody’s', () => {
    const refused = (of: string) => letters(of).filter((text) => text.startsWith('refused: ')).length;
    expect({ nobody: refused('none'), own: refused(id), strangers: refused(stranger) }).toEqual({
      nobody: 8,
      own: 5,
      strangers: 1,
    });
  });

  it('P-111: has no message that goes round in circles or holds up a queue', () => {
    expect(invoked).toBe(corrupted.length + 1);
    expect(installation.functions.streams.filter(({ state }) => state !== 'Running')).toEqual([]);
    const left = [...installation.cloud.mns.queues.values()].flatMap(({ name, messages }) => messages.map(() => name));
    expect(left).toEqual([]);
  });

  it('drops a message of an older turn or another epoch without a trace', async () => {
    const record = installation.record(id);
    const older = { ...firstMessage(id), stage: 'dns', action: 'release', epoch: record.epoch };
    queue('preflight').send(ours('preflight', messageBody(firstMessage(id))));
    queue('preflight').send(ours('preflight', messageBody({ ...firstMessage(id), epoch: 99 })));
    queue('dns').send(ours('dns', messageBody(older)));
    await minutesPass(1);
    expect(installation.record(id)).toEqual(record);
    expect(invocations('dead-letter')).toBe(invoked);
  });

  it('is not troubled by what comes into the dead-letter queue itself: it is recorded and not sent on', async () => {
    queue('dead-letter').send(base64('<order>8</order>'));
    queue('dead-letter').send('not encoded');
    await minutesPass(1);
    expect(invocations('dead-letter')).toBe(invoked + 2);
    expect(letters('none').filter((text) => text === 'unknown: not signed by this installation')).toHaveLength(2);
    expect(queue('dead-letter').messages).toEqual([]);
  });
});
