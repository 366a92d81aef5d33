import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Budget } from '../../../shared/budget.ts';
import { cloudResources, recordedResources } from '../../support/cloud-resources.ts';
import { StageDriver } from '../../support/stage-driver.ts';
import { tutorial } from '../../support/tutorial.ts';

let driver: StageDriver;

beforeEach(async () => {
  driver = await StageDriver.start({ latency: 'none' });
});

afterEach(async () => {
  await driver.close();
});

const active = () => driver.harness.cloud.tablestore.rows('dualstack_alb_active').map((row) => String(row['id']));

const queueOf = (stage: string) => {
  const queue = driver.harness.cloud.mns.queues.get(`dualstack-alb-${stage}`);
  if (queue === undefined) throw new Error(`no queue ${stage}`);
  return queue;
};

/** After this long without a sign of life a message counts as lost. */
const lostAfterMs = 300_000;

describe('a message that was lost', () => {
  it('is sent again after five minutes, not before', async () => {
    queueOf('preflight').loseNext(1);
    await driver.harness.request(tutorial());
    driver.harness.clock.advance(lostAfterMs - 1);
    expect(await driver.harness.sweep()).toMatchObject({ looked: 1, lost: 0 });
    expect(driver.liveMessages()).toEqual([]);
    driver.harness.clock.advance(1);
    expect(await driver.harness.sweep()).toMatchObject({ looked: 1, lost: 1 });
    expect(driver.liveMessages()).toEqual(['preflight/0']);
  });

  it('is not sent once more by the next tick', async () => {
    queueOf('preflight').loseNext(1);
    await driver.harness.request(tutorial());
    driver.harness.clock.advance(lostAfterMs);
    await driver.harness.sweep();
    driver.harness.clock.advance(60_000);
    expect(await driver.harness.sweep()).toMatchObject({ looked: 1, lost: 0 });
    expect(driver.liveMessages()).toEqual(['preflight/0']);
  });

  it('is sent once by two ticks at once', async () => {
    queueOf('preflight').loseNext(1);
    await driver.harness.request(tutorial());
    driver.harness.clock.advance(lostAfterMs);
    const reports = await Promise.all([driver.harness.sweep(), driver.harness.sweep()]);
    expect(reports.reduce((sum, { lost }) => sum + lost, 0)).toBe(1);
    expect(driver.liveMessages()).toEqual(['preflight/0']);
  });

  it('is the only one that is sent again while other branches go on', async () => {
    const id = await driver.harness.request(tutorial());
    await driver.run({ held: ['security-group', 'server-group', 'load-balancer'] });
    // The messages of the three branches are there; that of one is taken away.
    driver.take('server-group')?.delete();
    driver.harness.clock.advance(lostAfterMs - 1);
    await driver.run();
    expect((await driver.harness.record(id)).status).toBe('provisioning');
    driver.harness.clock.advance(lostAfterMs);
    expect(await driver.harness.sweep()).toMatchObject({ lost: 1, overdue: 0, staleLeases: 0 });
    expect(driver.liveMessages()).toEqual(['server-group/0']);
    await driver.run();
    const record = await driver.harness.record(id);
    expect(record.status).toBe('ready');
    expect(cloudResources(driver.harness.cloud)).toEqual(recordedResources(record));
  });
});

it('sends a wait’s message again that never came', async () => {
  const id = await driver.harness.request(tutorial());
  const taken = await driver.runTo('network');
  queueOf('network').loseNext(1);
  await driver.serveOnce(taken);
  expect(driver.liveMessages()).toEqual([]);
  driver.harness.clock.advance(lostAfterMs + 10_000);
  expect(await driver.harness.sweep()).toMatchObject({ overdue: 1 });
  expect(driver.liveMessages()).toEqual(['network/1']);
  await driver.run();
  expect((await driver.harness.record(id)).status).toBe('ready');
});

it('takes up a turn whose function died and whose message never came again', async () => {
  const id = await driver.harness.request(tutorial());
  const taken = await driver.runTo('network');
  driver.harness.cloud.faults.add({ kind: 'kill-after', action: 'CreateVpc' });
  await driver.serve(taken);
  taken.delete();
  // The lease ends after 45 s; the turn counts as lost five minutes later.
  driver.harness.clock.advance(45_000 + lostAfterMs);
  expect(await driver.harness.sweep()).toMatchObject({ staleLeases: 1 });
  await driver.run();
  const record = await driver.harness.record(id);
  expect(record.status).toBe('ready');
  expect(driver.harness.cloud.vpc.vpcs.list()).toHaveLength(1);
});

it('sends nothing for what is ready', async () => {
  await driver.provision(tutorial());
  driver.harness.clock.advance(2 * lostAfterMs);
  expect(await driver.harness.sweep()).toMatchObject({ looked: 1, lost: 0, overdue: 0, staleLeases: 0, failed: 0 });
  expect(driver.liveMessages()).toEqual([]);
});

it('sends nothing for what has failed and is kept', async () => {
  const record = await driver.provision({ dns: { domain: 'nobodys.example', icpFiled: true } });
  expect(record.status).toBe('failed');
  driver.harness.clock.advance(lostAfterMs * 2);
  expect(await driver.harness.sweep()).toMatchObject({ looked: 1, lost: 0, overdue: 0, staleLeases: 0 });
  expect(driver.liveMessages()).toEqual([]);
});

it('takes a deployment off its list that has no record', async () => {
  const runtime = driver.harness.runtime('sweep');
  await runtime.active.add('01h00000000000000000000000', driver.harness.clock.nowMs());
  expect(await driver.harness.sweep()).toMatchObject({ looked: 1, removed: 1 });
  expect(active()).toEqual([]);
});

it('goes on with the others when one cannot be read', async () => {
  const first = await driver.harness.request(tutorial());
  queueOf('preflight').loseNext(1);
  driver.harness.clock.advance(1000);
  await driver.harness.request({ ...tutorial(), name: 'second' });
  driver.harness.clock.advance(lostAfterMs);
  driver.harness.cloud.faults.add({
    kind: 'error',
    service: 'tablestore',
    action: 'GetRow',
    functionName: 'dualstack-alb-sweep',
    code: 'OTSParameterInvalid',
    httpStatus: 400,
  });
  expect(active()[0]).toBe(first);
  const report = await driver.harness.sweep();
  expect(report).toMatchObject({ looked: 2, failed: 1, lost: 1 });
});

it('walks a list of more than one page', async () => {
  const runtime = driver.harness.runtime('sweep');
  const ids = Array.from({ length: 230 }, (_value, index) => `01h0000000000000000000${String(index).padStart(4, '0')}`);
  for (const id of ids) await runtime.active.add(id, 0);
  expect(await driver.harness.sweep()).toMatchObject({ looked: 230, removed: 230 });
  expect(active()).toEqual([]);
});

it('a sweep whose time ends says what is left, and another one looks at it', async () => {
  const { harness } = driver;
  for (const name of ['one', 'two']) await harness.request({ ...tutorial(), name });
  harness.budgetOf = () => new Budget(0);
  expect(await harness.sweep()).toMatchObject({ looked: 0, left: 2, compared: 0 });
  harness.budgetOf = () => Budget.unlimited();
  expect(await harness.sweep()).toMatchObject({ looked: 2, left: 0 });
});
