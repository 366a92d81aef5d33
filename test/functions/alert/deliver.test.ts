import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../../functions/alert/deliver.ts';
import { Budget } from '../../../shared/budget.ts';
import { alertAfterObservation } from '../../../shared/alert/after-observation.ts';
import type { Observation } from '../../../shared/probe/observation.ts';
import { Harness } from '../../support/harness.ts';
import { addReadyDeployment } from '../../support/ready-deployment.ts';
import { minute, observed, silent, targetId } from '../../shared/alert/observations.ts';

const others = ['01khq0000000000000000000ab', '01khq0000000000000000000ac'];

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ latency: 'none', sweeps: false, readTimeoutMs: 10_000 });
  for (const id of [targetId, ...others]) await addReadyDeployment(harness.runtime('api'), id);
});
afterEach(() => harness.close());

const role = () => `${harness.config.name}-alert`;
const run = (id = 'run') => deliver(harness.runtime('alert', role()), id);
const observe = async (other: Partial<Observation> = {}, target = targetId) => {
  const runtime = harness.runtime('probe');
  await alertAfterObservation(runtime)({ ...observed(harness.clock.nowMs(), other), targetId: target });
};
/** Minutes pass; each target is seen in each. */
const see = async (what: Partial<Observation>[], targets = [targetId]) => {
  for (const other of what) {
    harness.clock.advance(minute);
    for (const target of targets) await observe(other, target);
  }
};
const bad = silent('ECS02');
const inbox = () => harness.cloud.inbox.messages;
const taken = (channel: string) => inbox().filter((message) => message.channel === channel && message.isTaken);
const queued = () => harness.cloud.mns.queues.get('dualstack-alb-alert')?.messages ?? [];
const rows = (table: string) => harness.cloud.tablestore.rows(`dualstack_alb_${table}`);
const boxes = () => rows('notices').map((row) => `${String(row['box'])} ${String(row['id']).replace(/^.*?-/, '')}`);

describe('an alert', () => {
  it('waits for the next run where no time is left to hear what a channel says', async () => {
    await see([bad, bad, bad]);
    const before = queued().length;
    harness.budgetOf = () => new Budget(5000);
    expect(await run()).toEqual({ pending: 1, sent: 0, refused: 0 });
    expect(inbox()).toEqual([]);
    expect(queued().length).toBeGreaterThan(before);
    harness.budgetOf = () => Budget.unlimited();
    expect(await run('next')).toEqual({ pending: 0, sent: 5, refused: 0 });
  });

  it('reaches every channel once', async () => {
    await see([bad, bad, bad]);
    expect(await run()).toEqual({ pending: 0, sent: 5, refused: 0 });
    expect(await run()).toEqual({ pending: 0, sent: 0, refused: 0 });
    expect(
      inbox()
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual(['dingtalk', 'feishu', 'slack', 'webhook', 'wecom']);
    for (const { body } of inbox()) expect(body).toContain('backend ECS02 is down');
    expect(boxes()).toEqual(['sent fired']);
  });

  it('sends one message of the queue, a moment later, when there is something to tell', async () => {
    await see([{}, bad, bad]);
    expect(queued()).toHaveLength(0);
    await see([bad]);
    expect(queued().map(({ delaySeconds }) => delaySeconds)).toEqual([5]);
  });

  it('is over with how long it lasted', async () => {
    await see([bad, bad, bad]);
    await run();
    await see([{}, {}]);
    await run();
    expect(taken('wecom')).toHaveLength(2);
    expect(taken('wecom')[1]?.body).toContain('Over after 3 min');
  });

  it('stands in the history of its deployment', async () => {
    await see([bad, bad, bad, {}, {}]);
    expect(rows('events').map((row) => `${String(row['deployment'])} ${String(row['text'])}`)).toEqual(
      expect.arrayContaining([
        `${targetId} fired backend-down ECS02: none of 20 answers came from ECS02`,
        expect.stringMatching(/resolved backend-down ECS02/),
      ]),
    );
  });

  it('is one message per channel for all that a tick has to tell', async () => {
    await see([bad, bad, bad], [targetId, ...others]);
    await run();
    expect(taken('webhook')).toHaveLength(1);
    expect(JSON.parse(taken('webhook')[0]?.body ?? '')).toMatchObject({ title: '3 FIRING' });
  });

  it('waits half a minute after a message, and comes in the next', async () => {
    await see([bad, bad, bad]);
    await run();
    const before = queued().length;
    await see([], [targetId]);
    for (let count = 0; count < 3; count += 1) {
      harness.clock.advance(1000);
      await observe(bad, others[0]);
    }
    expect(await run()).toEqual({ pending: 1, sent: 0, refused: 0 });
    expect(queued().length).toBeGreaterThan(before);
    harness.clock.advance(30_000);
    expect(await run()).toMatchObject({ sent: 5, pending: 0 });
  });
});

describe('nothing is lost and nothing is told twice', () => {
  it('when an observation is delivered again', async () => {
    await see([bad, bad, bad]);
    await observe(bad);
    await run();
    expect(boxes()).toEqual(['sent fired']);
  });

  // State, notice, history, outbox: what is written one after the other once there is something to tell.
  it.each([
    ...[0, 1, 2, 3].map((skip) => ({ service: 'tablestore', action: 'PutRow', skip, code: 'OTSParameterInvalid' })),
    { service: 'mns', action: 'SendMessage', skip: 0, code: 'InvalidArgument' },
  ])('when the function dies at $action number $skip', async (where) => {
    await see([bad, bad]);
    harness.cloud.faults.add({ kind: 'error', times: 0, ...where });
    harness.clock.advance(minute);
    await observe(bad).catch(() => undefined);
    harness.cloud.faults.clear();
    await see([bad]);
    await run();
    expect(taken('webhook')).toHaveLength(1);
    expect(boxes()).toEqual(['sent fired']);
  });

  it('when two runs are at it at once', async () => {
    await see([bad, bad, bad]);
    const reports = await Promise.all([run('one'), run('two'), run('three')]);
    expect(reports.reduce((sum, { sent }) => sum + sent, 0)).toBe(5);
    expect(inbox()).toHaveLength(5);
    harness.clock.advance(minute);
    expect(await run()).toEqual({ pending: 0, sent: 0, refused: 0 });
  });

  it('when runs meet: they wake each other only while there is something to tell', async () => {
    const runtime = harness.runtime('alert', role());
    const hold = async () => {
      const lease = { id: 'other', untilMs: harness.clock.nowMs() + minute };
      for (const { name } of harness.config.alertChannels)
        await runtime.channels.delivery(name, (delivery) => ({ ...delivery, lease }));
    };
    await hold();
    expect(await run()).toEqual({ pending: 0, sent: 0, refused: 0 });
    expect(queued()).toHaveLength(0);
    await see([bad, bad, bad]);
    const before = queued().length;
    await hold();
    await run();
    expect(queued().length - before).toBe(5);
  });

  it('when a run dies with its lease', async () => {
    await see([bad, bad, bad]);
    const runtime = harness.runtime('alert', role());
    await runtime.channels.delivery('local-wecom', (before) => ({
      ...before,
      lease: { id: 'dead', untilMs: harness.clock.nowMs() + 45_000 },
    }));
    expect(await run()).toMatchObject({ sent: 4, pending: 1 });
    harness.clock.advance(45_000);
    expect(await run()).toMatchObject({ sent: 1, pending: 0 });
    expect(taken('slack')).toHaveLength(1);
  });

  it('when a message was sent, but not noted: it comes again under the same id', async () => {
    await see([bad, bad, bad]);
    harness.cloud.faults.add({ kind: 'late', service: 'inbox', action: 'webhook', delayMs: 6000, times: 1 });
    expect(await run()).toMatchObject({ sent: 4, refused: 1, pending: 1 });
    harness.cloud.faults.clear();
    harness.clock.advance(minute);
    expect(await run()).toMatchObject({ sent: 1, pending: 0 });
    const ids = taken('webhook').map(({ headers }) => headers['x-event-id']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  }, 15_000);
});

describe('a channel that refuses', () => {
  const refuseDingtalk = () =>
    harness.cloud.faults.add({ kind: 'unavailable', service: 'inbox', action: 'dingtalk', times: 1 });

  it('is tried again through the queue, and the others are not', async () => {
    await see([bad, bad, bad]);
    refuseDingtalk();
    expect(await run()).toEqual({ pending: 1, sent: 4, refused: 1 });
    expect(queued().map(({ delaySeconds }) => delaySeconds)).toEqual([5, 10]);
    expect(await run()).toEqual({ pending: 1, sent: 0, refused: 0 });
    harness.clock.advance(10_000);
    expect(await run()).toEqual({ pending: 0, sent: 1, refused: 0 });
    expect(taken('slack')).toHaveLength(1);
  });

  it('has one message of the queue under way, however often it is looked at', async () => {
    await see([bad, bad, bad]);
    refuseDingtalk();
    await run();
    const before = queued().length;
    for (let look = 0; look < 5; look += 1) await run(`look-${look}`);
    expect(queued()).toHaveLength(before);
  });

  it('P-188: is named in the logs without its URL or secret', async () => {
    await see([bad, bad, bad]);
    harness.cloud.faults.add({ kind: 'reset-before', service: 'inbox', times: 0 });
    await run();
    const log = JSON.stringify(harness.logs);
    expect(log).toContain('a channel refused a message');
    for (const { url, secret } of harness.cloud.inbox.channels('')) {
      expect(log).not.toContain(url);
      if (secret !== undefined) expect(log).not.toContain(secret);
    }
  });

  it('is given up after a day', async () => {
    await see([bad, bad, bad]);
    harness.cloud.faults.add({ kind: 'unavailable', service: 'inbox', action: 'dingtalk', times: 0 });
    await run();
    harness.clock.advance(24 * 60 * minute);
    expect(await run()).toMatchObject({ pending: 0 });
    expect(harness.logs.map(({ message }) => message)).toContain('an alert could not be sent');
  });
});

describe('a channel of the store', () => {
  it('is told too', async () => {
    const runtime = harness.runtime('probe');
    const url = `${harness.cloud.url}/hooks/local`;
    await runtime.channels.put({ type: 'webhook', name: 'mine', url, secret: 'local-webhook-secret' });
    await see([bad, bad, bad]);
    expect(await run()).toMatchObject({ sent: 6 });
    expect(taken('webhook')).toHaveLength(2);
  });

  it('has its secret in no log, where it can be read in the table neither', async () => {
    const { channels } = harness.runtime('probe');
    const url = `${harness.cloud.url}/hooks/local?token=0123456789abcdef`;
    await channels.put({ type: 'webhook', name: 'mine', url, secret: 'local-webhook-secret' });
    await see([bad, bad, bad]);
    await run();
    expect(harness.logs).toContainEqual(
      expect.objectContaining({
        message: 'a row of the table channels holds its secret unencrypted',
        channel: 'mine',
      }),
    );
    expect(JSON.stringify(harness.logs)).not.toMatch(/0123456789abcdef|local-webhook-secret/);
  });
});

describe('a row with instants of a clock that was ahead', () => {
  it('holds up no channel, nor what is to be sent', async () => {
    await see([bad, bad, bad]);
    const far = harness.clock.nowMs() + 86_400_000;
    const runtime = harness.runtime('alert');
    for (const { name } of harness.config.alertChannels)
      await runtime.channels.delivery(name, (before) => ({
        ...before,
        lease: { id: 'somebody', untilMs: far },
        sentAtMs: Array.from({ length: 100 }, () => far),
        retryAtMs: far,
        wakeAtMs: far,
        batchAtMs: far,
      }));
    expect(await run()).toEqual({ pending: 0, sent: 5, refused: 0 });
  });
});
