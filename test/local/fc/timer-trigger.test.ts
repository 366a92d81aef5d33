import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../local/fc/schedule.ts';
import { startFunctions, until } from './support/function-compute.ts';

const iso = (ms: number | undefined) => new Date(ms ?? Number.NaN).toISOString();
const noon = Date.UTC(2026, 10, 22, 12, 0, 30);

describe('timer trigger: expressions', () => {
  it.each([
    ['@every 5m', '2026-11-22T12:05:30.000Z'],
    ['0 0 4 * * *', '2026-11-23T04:00:00.000Z'],
    ['CRON_TZ=Asia/Shanghai 0 0 4 * * *', '2026-11-22T20:00:00.000Z'],
    ['0 */15 * * * MON-FRI', '2026-11-23T00:00:00.000Z'],
  ])('reads %s', (expression, next) => {
    expect(iso(parseSchedule(expression).nextMs(noon))).toBe(next);
  });
});

async function start(triggerConfig: object) {
  const fc = await startFunctions(
    { f: "exports.handler = async (event) => console.log('tick', String(event))" },
    {
      f: { triggers: [{ triggerName: 'every', triggerType: 'timer', triggerConfig }] },
    },
  );
  const ticks = () =>
    fc.logs
      .filter((entry) => entry.message.startsWith('tick '))
      .map((entry) => JSON.parse(entry.message.slice(5)) as { triggerTime: string });
  return { ...fc, ticks };
}

describe('timer trigger', () => {
  it('invokes with time, name and payload', async () => {
    const { clock, ticks } = await start({ cronExpression: '0 * * * * *', payload: '{"kind":"probe"}' });
    clock.advanceTo((Math.floor(clock.nowMs() / 60_000) + 1) * 60_000);
    await until(() => ticks().length === 1);
    expect(ticks()[0]).toEqual({
      triggerTime: new Date(clock.nowMs()).toISOString().replace('.000Z', 'Z'),
      triggerName: 'every',
      payload: '{"kind":"probe"}',
    });
  });

  it('P-154: fires ticks that a jump passed over late, with their own time', async () => {
    const { clock, ticks } = await start({ cronExpression: '@every 1m' });
    clock.advance(180_000);
    await until(() => ticks().length === 3);
    expect(new Set(ticks().map((tick) => tick.triggerTime)).size).toBe(3);
  });

  it('is idle between two ticks', async () => {
    const { compute, clock, ticks } = await start({ cronExpression: '@every 1m' });
    expect(compute.isIdle()).toBe(true);
    clock.advance(60_000);
    expect(compute.isIdle()).toBe(false);
    await until(() => ticks().length === 1 && compute.isIdle());
  });

  it('does not fire when disabled', async () => {
    const { compute, clock } = await start({ cronExpression: '@every 1m', enable: false });
    expect(clock.nextWaiterAtMs()).toBeUndefined();
    expect(compute.isIdle()).toBe(true);
  });
});
