import { describe, expect, it } from 'vitest';
import { Quotas } from '../../../shared/store/quotas.ts';
import { startStore } from './start.ts';

const minuteMs = 60_000;
const graceMs = 10 * minuteMs;

async function start() {
  const store = await startStore();
  const quotas = new Quotas(store.rows);
  return {
    store,
    quotas,
    hold: (id: string, { caller = 'a', most = 2, nowMs = 1_000_000 } = {}) =>
      quotas.hold('deployments', caller, id, most, nowMs),
  };
}

describe('what a caller has', () => {
  it('is bounded', async () => {
    const { hold } = await start();
    expect([await hold('d-1'), await hold('d-2'), await hold('d-3')]).toEqual([true, true, false]);
  });

  it('counts the same once', async () => {
    const { hold } = await start();
    expect([await hold('d-1'), await hold('d-1'), await hold('d-2'), await hold('d-1')]).toEqual(Array(4).fill(true));
  });

  it('is counted for each caller and each kind by itself', async () => {
    const { hold, quotas } = await start();
    await hold('d-1', { most: 1 });
    expect(await hold('d-2', { caller: 'b', most: 1 })).toBe(true);
    expect(await quotas.hold('watches', 'a', 'd-3', 1, 1_000_000)).toBe(true);
  });

  it('exceeds the bound by nothing where twenty ask at once', async () => {
    const { hold } = await start();
    const held = await Promise.all(Array.from({ length: 20 }, (_, index) => hold(`d-${index}`, { most: 5 })));
    expect(held.filter((is) => is)).toHaveLength(5);
  });

  it.each(['reset-after', 'html-502', 'throttle'] as const)('is counted once after %s', async (kind) => {
    const { store, hold } = await start();
    store.fault({ kind, action: 'PutRow' });
    expect(await hold('d-1', { most: 1 })).toBe(true);
    expect(await hold('d-2', { most: 1 })).toBe(false);
  });

  it('is less by what was let go', async () => {
    const { hold, quotas } = await start();
    await hold('d-1', { most: 1 });
    await quotas.letGo('deployments', 'a', 'd-1');
    expect(await hold('d-2', { most: 1 })).toBe(true);
  });

  it('is less by what is active no more, once nobody can just have asked for it', async () => {
    const { hold, quotas } = await start();
    await hold('d-1', { nowMs: 0 });
    await hold('d-2', { nowMs: 0 });
    await quotas.prune(new Set(['d-2']), graceMs - 1, graceMs);
    expect(await hold('d-3')).toBe(false);
    await quotas.prune(new Set(['d-2']), graceMs, graceMs);
    expect(await hold('d-3')).toBe(true);
    expect(await hold('d-4')).toBe(false);
  });

  it('is not held by an instant that lies ahead', async () => {
    const { hold, quotas } = await start();
    await hold('d-1', { nowMs: 9_000_000_000, most: 1 });
    await quotas.prune(new Set(), 1_000_000, graceMs);
    expect(await hold('d-2', { most: 1 })).toBe(true);
  });

  it('says nothing of who the caller is', async () => {
    const { store, hold } = await start();
    await hold('d-1', { caller: '1234567890123456' });
    expect(JSON.stringify(store.stored('groups'))).not.toContain('1234567890123456');
  });
});

describe('probes that a caller asks for', () => {
  const limits = [
    { count: 2, perMs: minuteMs },
    { count: 3, perMs: 60 * minuteMs },
  ];

  it('are bounded in a minute and in an hour, and say when the next may come', async () => {
    const { quotas } = await start();
    const at = (nowMs: number) => quotas.countProbe('a', limits, nowMs);
    const beganMs = 10_000_000;
    expect([await at(beganMs), await at(beganMs + 1000), await at(beganMs + 2000)]).toEqual([0, 0, 58_000]);
    expect([await at(beganMs + 60_000), await at(beganMs + 61_000)]).toEqual([0, 60 * minuteMs - 61_000]);
    expect(await at(beganMs + 60 * minuteMs)).toBe(0);
  });

  it('exceed the bound by nothing where ten ask at once', async () => {
    const { quotas } = await start();
    const waits = await Promise.all(Array.from({ length: 10 }, () => quotas.countProbe('a', limits, 10_000_000)));
    expect(waits.filter((ms) => ms === 0)).toHaveLength(2);
  });

  it('are not held up by instants that lie ahead', async () => {
    const { quotas } = await start();
    for (const _ of limits) await quotas.countProbe('a', limits, 9_000_000_000);
    expect(await quotas.countProbe('a', limits, 10_000_000)).toBe(0);
  });
});
