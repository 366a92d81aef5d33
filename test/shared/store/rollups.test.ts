import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../shared/probe/observation.ts';
import { Rollups } from '../../../shared/store/rollups.ts';
import { observed, targetId } from '../alert/observations.ts';
import { startStore } from './start.ts';

async function start() {
  const store = await startStore();
  const rollups = new Rollups(store.rows);
  const see = async (at: string, other: Partial<Observation> = {}) =>
    await rollups.add(observed(Date.parse(at), other));
  const ticksAt = async (now: string) => {
    const summaries = await rollups.summaries(targetId, Date.parse(now));
    return Object.fromEntries(Object.entries(summaries).map(([span, { ticks }]) => [span, ticks]));
  };
  return { store, rollups, see, ticksAt };
}

const bad: Partial<Observation> = {
  verdict: 'fault',
  fault: { kind: 'front-timeout', evidence: '' },
  answered: 0,
  samples: [],
};

describe('the rollups of a target', () => {
  it('are one row for each hour', async () => {
    const { store, see } = await start();
    for (const at of ['2026-11-22T08:00:00Z', '2026-11-22T08:59:59.999Z', '2026-11-22T09:00:00Z']) await see(at);
    expect(store.stored('rollups').map((row) => `${String(row['target'])} ${String(row['hour'])}`)).toEqual([
      `${targetId} 2026-11-22T08`,
      `${targetId} 2026-11-22T09`,
    ]);
  });

  it('count an observation once, however often it comes', async () => {
    const { see, ticksAt } = await start();
    for (const at of ['2026-11-22T08:00:00Z', '2026-11-22T08:00:00Z', '2026-11-22T08:01:00Z']) await see(at);
    expect(await ticksAt('2026-11-22T08:30:00Z')).toMatchObject({ '24h': 2 });
  });

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable', 'throttle'] as const)(
    'P-135: count an observation once in spite of %s',
    async (kind) => {
      const { store, see, ticksAt } = await start();
      await see('2026-11-22T08:00:00Z');
      store.fault({ kind, action: 'PutRow' });
      await see('2026-11-22T08:01:00Z');
      expect(await ticksAt('2026-11-22T08:30:00Z')).toMatchObject({ '24h': 2 });
    },
  );

  it('lose none of two that come at once', async () => {
    const { see, ticksAt } = await start();
    // In different hours, as at the turn of one.
    await Promise.all([see('2026-11-22T08:59:00Z'), see('2026-11-22T09:00:00Z')]);
    expect(await ticksAt('2026-11-22T09:30:00Z')).toMatchObject({ '24h': 2 });
  });

  it('are those of one target', async () => {
    const { rollups, see, ticksAt } = await start();
    await see('2026-11-22T08:00:00Z');
    for (const id of ['01khq0000000000000000000a9', '01khq0000000000000000000ab'])
      await rollups.add({ ...observed(Date.parse('2026-11-22T08:00:00Z')), targetId: id });
    expect(await ticksAt('2026-11-22T08:30:00Z')).toEqual({ '24h': 1, '7d': 1, '30d': 1 });
  });
});

describe('the summaries', () => {
  it('are of the last 24 hours, 7 days and 30 days, the hour that is running included', async () => {
    const { see, ticksAt } = await start();
    for (const at of [
      '2026-11-22T08:10:00Z',
      // The first of the last 24 hours, and the one before.
      '2026-11-21T09:00:00Z',
      '2026-11-21T08:59:00Z',
      // Of the last 7 days.
      '2026-11-15T09:00:00Z',
      '2026-11-15T08:59:00Z',
      // Of the last 30 days.
      '2026-10-23T09:00:00Z',
      '2026-10-23T08:59:00Z',
    ])
      await see(at);
    expect(await ticksAt('2026-11-22T08:30:00Z')).toEqual({ '24h': 2, '7d': 4, '30d': 6 });
  });

  it('move on with the hours', async () => {
    const { see, ticksAt } = await start();
    await see('2026-11-21T09:00:00Z');
    expect(await ticksAt('2026-11-22T08:59:59Z')).toMatchObject({ '24h': 1 });
    expect(await ticksAt('2026-11-22T09:00:00Z')).toMatchObject({ '24h': 0, '7d': 1 });
  });

  it('tell the uptime of each span', async () => {
    const { rollups, see } = await start();
    // A day without a fault, before that an hour of outage in four.
    for (let hour = 0; hour < 96; hour += 1)
      await see(new Date(Date.UTC(2026, 10, 18, 9 + hour)).toISOString(), hour < 72 && hour % 4 === 0 ? bad : {});
    const summaries = await rollups.summaries(targetId, Date.UTC(2026, 10, 22, 8, 30));
    expect(summaries['24h']).toMatchObject({ uptime: 1, ticks: 24 });
    expect(summaries['7d']).toMatchObject({ uptime: 78 / 96, healthy: 78 / 96, ticks: 96 });
    expect(summaries['30d']).toMatchObject({ uptime: 78 / 96, ticks: 96 });
  });

  it('go on over more hours than one page of the store has', async () => {
    const { store, see, ticksAt } = await start();
    for (let hour = 0; hour < 230; hour += 1) await see(new Date(Date.UTC(2026, 10, 12, hour)).toISOString());
    store.calls.length = 0;
    expect(await ticksAt('2026-11-21T13:30:00Z')).toMatchObject({ '24h': 24, '7d': 168, '30d': 230 });
    expect(store.count('GetRange')).toBe(2);
  });

  it('are empty where nothing was observed', async () => {
    const { rollups } = await start();
    const empty = { ticks: 0, inconclusive: 0, phases: {} };
    expect(await rollups.summaries(targetId, Date.UTC(2026, 10, 22))).toEqual({
      '24h': empty,
      '7d': empty,
      '30d': empty,
    });
  });
});
