import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sealedFor } from '../../support/message-keys.ts';
import { assert, integer, property } from 'fast-check';
import { isKeepAliveDue } from '../../../functions/sweep/keep-alive.ts';
import { serveProbe } from '../../../functions/probe/serve.ts';
import { keepAlive } from '../../../shared/messages.ts';
import { queueNamesOf } from '../../../shared/pipeline.ts';
import { Harness } from '../../support/harness.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

describe('P-120: an event stream that is idle for a month is charged by the day', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start({ sweeps: false, deadLetters: true });
    const noon = new Date(harness.clock.nowMs());
    // Noon of a day that is none of theirs.
    harness.clock.advanceTo(Date.UTC(noon.getUTCFullYear(), noon.getUTCMonth() + 1, 5, 12));
  });
  afterEach(() => harness.close());

  const waiting = (): Record<string, number> =>
    Object.fromEntries([...harness.cloud.mns.queues.values()].map(({ name, messages }) => [name, messages.length]));
  const names = queueNamesOf().map((name) => `dualstack-alb-${name}`);
  const eachHas = (count: number) => Object.fromEntries(names.map((name) => [name, count]));

  it('sweep sends every queue an event at the beginning of the 11th, and none before', async () => {
    await harness.sweep();
    expect(waiting()).toEqual(eachHas(0));
    const eleventh = new Date(harness.clock.nowMs()).setUTCHours(0, 0, 0, 0) + 6 * day;
    harness.clock.advanceTo(eleventh);
    await harness.sweep();
    expect(waiting()).toEqual(eachHas(1));
  });

  it('a queue that does not take it holds up no other', async () => {
    harness.clock.advanceTo(new Date(harness.clock.nowMs()).setUTCHours(0, 0, 0, 0) + 6 * day);
    harness.cloud.faults.add({
      kind: 'error',
      service: 'mns',
      action: 'SendMessage',
      params: { QueueName: 'dualstack-alb-network' },
      code: 'AccessDenied',
      httpStatus: 403,
      times: 0,
    });
    await harness.sweep();
    expect(waiting()).toEqual({ ...eachHas(1), 'dualstack-alb-network': 0 });
  });

  it('no function does anything about it', async () => {
    harness.clock.advanceTo(new Date(harness.clock.nowMs()).setUTCHours(0, 0, 0, 0) + 6 * day);
    await harness.sweep();
    const from = harness.cloud.wireLog.length;
    await harness.run();
    const runtime = harness.runtime('probe');
    const event = JSON.stringify([{ id: '1', data: { messageId: '1', messageBody: sealedFor('probe', keepAlive) } }]);
    expect(await serveProbe(runtime, event, { holder: 'request', after: () => Promise.resolve() })).toEqual([]);
    expect(waiting()).toMatchObject({ 'dualstack-alb-network': 0, 'dualstack-alb-dead-letter': 0 });
    expect(harness.cloud.wireLog.slice(from)).toEqual([]);
    expect(harness.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('no month goes by without one, though a whole day of them fails', () => {
    assert(
      property(integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2040, 0, 1) }), (startMs) => {
        const due: number[] = [];
        for (let dayMs = startMs - (startMs % day); dayMs < startMs + 29 * day; dayMs += day)
          if (isKeepAliveDue(dayMs + minute)) due.push(dayMs);
        expect(due.length).toBeGreaterThanOrEqual(2);
        expect(isKeepAliveDue((due[0] ?? 0) + 5 * minute)).toBe(false);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
