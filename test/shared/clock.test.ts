import { describe, expect, it } from 'vitest';
import { systemClock, VirtualClock } from '../../shared/clock.ts';

/** Lets everything run that is ready to. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a virtual clock', () => {
  it('stands still', async () => {
    const clock = new VirtualClock(1000);
    await settle();
    expect(clock.nowMs()).toBe(1000);
  });

  it('never goes back', () => {
    const clock = new VirtualClock(1000);
    clock.advanceTo(500);
    clock.advance(-1);
    expect(clock.nowMs()).toBe(1000);
  });

  it('wakes those whose instant has come, in its order', async () => {
    const clock = new VirtualClock(0);
    const woken: number[] = [];
    for (const atMs of [30, 10, 20, 40]) void clock.waitUntil(atMs).then(() => woken.push(atMs));
    expect(clock.nextWaiterAtMs()).toBe(10);
    clock.advance(30);
    await settle();
    expect(woken).toEqual([10, 20, 30]);
    expect(clock.nextWaiterAtMs()).toBe(40);
  });

  it('makes nobody wait for what is past', async () => {
    const clock = new VirtualClock(1000);
    await clock.waitUntil(1000);
    expect(clock.nextWaiterAtMs()).toBeUndefined();
  });

  it('lets go of a waiter that is called off', async () => {
    const clock = new VirtualClock(0);
    const caller = new AbortController();
    const waiting = clock.waitUntil(10, caller.signal);
    caller.abort();
    await waiting;
    expect(clock.nextWaiterAtMs()).toBeUndefined();
  });

  it('tells each move once', () => {
    const clock = new VirtualClock(0);
    const moves: number[] = [];
    clock.onMove = (nowMs) => moves.push(nowMs);
    clock.advance(5);
    clock.advanceTo(5);
    clock.advanceTo(7);
    expect(moves).toEqual([5, 7]);
  });
});

describe('the system clock', () => {
  it('tells the time of the machine', () => {
    const before = Date.now();
    const nowMs = systemClock.nowMs();
    expect(nowMs).toBeGreaterThanOrEqual(before);
    expect(nowMs).toBeLessThanOrEqual(Date.now());
  });

  it('makes nobody wait for what is past', async () => {
    await expect(systemClock.waitUntil(0)).resolves.toBeUndefined();
  });

  it('waits until the instant, never less', async () => {
    const atMs = Date.now() + 20;
    await systemClock.waitUntil(atMs);
    expect(Date.now()).toBeGreaterThanOrEqual(atMs);
  });

  it('lets go of a waiter that is called off', async () => {
    const caller = new AbortController();
    const waiting = systemClock.waitUntil(Date.now() + 3_600_000, caller.signal);
    caller.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(systemClock.waitUntil(Date.now() + 3_600_000, AbortSignal.abort())).resolves.toBeUndefined();
  });

  it('lets the process end during a wait in the background', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const caller = new AbortController();
    const before = timers();
    const background = systemClock.waitUntil(Date.now() + 3_600_000, caller.signal, true);
    expect(timers()).toBe(before);
    const other = systemClock.waitUntil(Date.now() + 3_600_000, caller.signal);
    expect(timers()).toBe(before + 1);
    caller.abort();
    await Promise.all([background, other]);
  });
});
