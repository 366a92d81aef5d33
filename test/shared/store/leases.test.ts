import { describe, expect, it } from 'vitest';
import { Leases } from '../../../shared/store/leases.ts';
import { startStore } from './start.ts';

const minute = 60_000;

async function start() {
  const store = await startStore();
  const leases = new Leases(store.rows);
  /** Takes the lease of the shard at second `atS` for the tick of minute `tick`; it holds for 40 s. */
  const take = (holder: string, tick: number, atS: number) =>
    leases.take('shard', { holder, tickMs: tick * minute, nowMs: atS * 1000, untilMs: (atS + 40) * 1000 });
  const release = (holder: string, tick: number) => leases.release('shard', { holder, tickMs: tick * minute });
  return { store, leases, take, release };
}

describe('a lease', () => {
  it('is held by one at a time', async () => {
    const { take } = await start();
    expect(await take('a', 1, 60)).toBe(true);
    expect(await take('b', 2, 99)).toBe(false);
  });

  it('goes to one of many that want it at once', async () => {
    const { take } = await start();
    const taken = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((holder) => take(holder, 1, 60)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const later = await Promise.all(['f', 'g', 'h'].map((holder) => take(holder, 2, 120)));
    expect(later.filter(Boolean)).toHaveLength(1);
  });

  it('ends by itself when its holder is gone', async () => {
    const { take } = await start();
    await take('a', 1, 60);
    expect(await take('b', 2, 100)).toBe(true);
  });

  it('is free again once it is given back', async () => {
    const { take, release } = await start();
    await take('a', 1, 60);
    await release('a', 1);
    expect(await take('b', 2, 61)).toBe(true);
  });

  it('is given for a tick once, however often the tick comes', async () => {
    const { take, release } = await start();
    await take('a', 2, 120);
    await release('a', 2);
    expect(await take('b', 2, 121)).toBe(false);
    expect(await take('c', 1, 122)).toBe(false);
  });

  it('is not held up by a tick or an end that lies in the future', async () => {
    const { take, leases } = await start();
    const year = 365 * 24 * 60 * minute;
    await leases.take('shard', { holder: 'forged', tickMs: year, nowMs: 0, untilMs: year });
    expect(await take('a', 1, 60)).toBe(true);
    expect(await take('b', 1, 120)).toBe(false);
  });

  it('is taken again after the clock has been put back', async () => {
    const { take } = await start();
    await take('a', 100, 6000);
    expect(await take('b', 50, 3000)).toBe(true);
  });

  it('is held by one whose clock is a little ahead', async () => {
    const { take } = await start();
    await take('a', 2, 119);
    expect(await take('b', 2, 110)).toBe(false);
  });

  it('stays with its holder when one that had it before gives it back', async () => {
    const { take, release } = await start();
    await take('a', 1, 60);
    await take('b', 2, 120);
    await release('a', 1);
    expect(await take('c', 3, 130)).toBe(false);
  });

  it('holds for others under other names', async () => {
    const { leases, take } = await start();
    await take('a', 1, 60);
    expect(await leases.take('other', { holder: 'b', tickMs: minute, nowMs: 60_000, untilMs: 100_000 })).toBe(true);
  });

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable', 'throttle'] as const)(
    'P-135: is taken in spite of %s',
    async (kind) => {
      const { store, take } = await start();
      store.fault({ kind, action: 'PutRow' });
      expect(await take('a', 1, 60)).toBe(true);
      expect(await take('b', 2, 70)).toBe(false);
    },
  );

  it('ends by itself when giving it back fails', async () => {
    const { store, take, release } = await start();
    await take('a', 1, 60);
    store.fault({ kind: 'reset-before', action: 'PutRow', times: 9 });
    await release('a', 1);
    store.edge.faults.clear();
    expect(await take('b', 2, 99)).toBe(false);
    expect(await take('b', 2, 100)).toBe(true);
  });
});
