import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Budget } from '../../shared/budget.ts';
import { rareChecks, StageDriver } from '../support/stage-driver.ts';

let driver: StageDriver;
beforeEach(async () => {
  driver = await StageDriver.start({ latency: rareChecks });
});
afterEach(async () => await driver.close());

const historyOf = (kind: string) =>
  driver.harness.cloud.tablestore.rows('dualstack_alb_events').filter((row) => row['kind'] === kind);

describe('a turn whose time ends', () => {
  it('says so, counts as an attempt, and goes on with the next one', async () => {
    const { harness } = driver;
    const id = await harness.request({});
    let turns = 0;
    harness.budgetOf = () => {
      let nowMs = 0;
      turns += 1;
      // Each look at the clock takes half a second in the first two turns.
      return new Budget(3000, () => (turns > 2 ? 0 : (nowMs += 500)));
    };
    const first = await driver.runTo('preflight');
    await driver.serveOnce(first);
    const { apply } = (await harness.record(id)).stages.preflight;
    expect(apply).toMatchObject({ state: 'waiting', attempts: 1, turn: 1 });
    expect(apply.reason).toMatch(/^the time of the turn ended: .*: no time is left$/);
    expect(apply.lease).toBeDefined();
    const record = await driver.harness.record(id);
    expect(record.failure).toBeUndefined();
    await driver.run({ until: async () => (await harness.record(id)).stages.preflight.apply.state === 'done' });
    expect((await harness.record(id)).stages.preflight.apply).toMatchObject({ state: 'done', attempts: 0, turn: 3 });
  });

  it('of verify keeps what was seen, and is no verdict on the servers', async () => {
    const { harness } = driver;
    const id = await harness.request({});
    const taken = await driver.runTo('verify');
    const { wireLog } = harness.cloud;
    const from = wireLog.length;
    // The time is over once the load balancer has said how healthy its servers are.
    const isAsked = () => wireLog.slice(from).some(({ action }) => action === 'GetListenerHealthStatus');
    const budget = new Budget(10_000, () => (isAsked() ? 20_000 : 0));
    harness.budgetOf = (name) => (name === 'verify' ? budget : Budget.unlimited());
    await driver.serveOnce(taken);
    const { stages, conditions, failure } = await harness.record(id);
    expect(failure).toBeUndefined();
    expect(stages.verify.apply).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(stages.verify.apply.reason).toContain('the time of the turn ended: ');
    expect(conditions.filter(({ status }) => status === 'False')).toEqual([]);
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'HealthyByApi', status: 'True' }));
    harness.budgetOf = () => Budget.unlimited();
    await driver.run();
    expect(await harness.record(id)).toMatchObject({ status: 'ready' });
  });

  it('fails at last where the time is never enough, with what was slow', async () => {
    const { harness } = driver;
    const id = await harness.request({});
    harness.budgetOf = () => {
      let nowMs = 0;
      return new Budget(3000, () => (nowMs += 500));
    };
    await driver.run();
    expect(await harness.record(id)).toMatchObject({
      status: 'failed',
      failure: {
        code: 'preflight.out-of-time',
        message: expect.stringMatching(/^the time of 14 turns in a row ended: /) as string,
        remedy: expect.stringContaining('what is slow to answer') as string,
      },
    });
  });
});

describe('a turn whose function is killed', () => {
  const killAlways = (action: string) => driver.harness.cloud.faults.add({ kind: 'kill-before', action, times: 0 });

  it('is in the history where the timeout did it, and counts as an attempt', async () => {
    const { harness } = driver;
    const id = await harness.request({});
    const taken = await driver.runTo('preflight');
    harness.cloud.faults.add({ kind: 'kill-before', action: 'DescribeZones' });
    expect(await driver.serve(taken)).toBe(false);
    const { lease } = (await harness.record(id)).stages.preflight.apply;
    harness.clock.advance(31_000);
    const before = harness.clock.nowMs();
    await driver.serve(taken);
    const began = new Date((lease?.untilMs ?? 0) - harness.config.leaseMs).toISOString();
    expect(historyOf('cut-off')).toEqual([
      expect.objectContaining({
        deployment: id,
        at: before,
        text: `preflight: the turn that began at ${began} was cut off by the function’s timeout after 30 s`,
      }),
    ]);
    expect((await harness.record(id)).stages.preflight.apply.state).toBe('done');
  });

  it('is no event where its instance died early, and is served again as before', async () => {
    const { harness } = driver;
    const id = await harness.request({});
    const taken = await driver.runTo('preflight');
    harness.cloud.faults.add({ kind: 'kill-before', action: 'DescribeZones', times: 3 });
    for (let kills = 0; kills < 3; kills += 1) {
      expect(await driver.serve(taken)).toBe(false);
      harness.clock.advance(5000);
    }
    await driver.serve(taken);
    expect((await harness.record(id)).stages.preflight.apply).toMatchObject({ state: 'done', attempts: 0 });
    expect(historyOf('cut-off')).toEqual([]);
    expect(harness.logs.filter(({ message }) => message.includes('the end of its instance'))).toHaveLength(3);
  });

  it('fails at last where it is killed each time, instead of starting again for ever', async () => {
    const { harness } = driver;
    const id = await harness.request({});
    killAlways('DescribeZones');
    await driver.run();
    expect(await harness.record(id)).toMatchObject({
      status: 'failed',
      failure: { stage: 'preflight', code: 'preflight.cut-off' },
    });
  });
});
