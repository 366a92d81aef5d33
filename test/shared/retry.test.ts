import { describe, expect, it } from 'vitest';
import { lookAgainMs, retryDelayMs } from '../../shared/retry.ts';

describe('the delay of a repeat', () => {
  const least = (attempt: number) => retryDelayMs(attempt, { random: () => 0 });
  const most = (attempt: number) => retryDelayMs(attempt, { random: () => 1 });

  it('doubles from attempt to attempt', () => {
    expect([1, 2, 3, 4].map(most)).toEqual([1000, 2000, 4000, 8000]);
  });

  it('is jittered between half and the whole step', () => {
    expect([1, 2, 3, 4].map(least)).toEqual([500, 1000, 2000, 4000]);
  });

  it('ends growing at a minute', () => {
    expect([7, 8, 100, 10_000].map(most)).toEqual([60_000, 60_000, 60_000, 60_000]);
  });

  it('is never shorter than the hint of the server', () => {
    expect(retryDelayMs(1, { hintMs: 7000, random: () => 0.5 })).toBe(7000);
  });

  it('is longer than a short hint', () => {
    expect(retryDelayMs(5, { hintMs: 100, random: () => 1 })).toBe(16_000);
  });

  it('takes another base with another cap', () => {
    expect(retryDelayMs(3, { baseMs: 50, capMs: 120, random: () => 1 })).toBe(120);
  });
});

describe('the next look at what is being made', () => {
  it.each([
    [0, 1000],
    [5000, 1000],
    [20_000, 2000],
    [60_000, 6000],
    [100_000, 10_000],
    [3_600_000, 10_000],
  ])('comes after %d ms of waiting in %d ms', (waitedMs, delayMs) => {
    expect(lookAgainMs(waitedMs)).toBe(delayMs);
  });

  it('costs about 25 looks in a minute', () => {
    let looks = 0;
    for (let waitedMs = 0; waitedMs < 60_000; waitedMs += lookAgainMs(waitedMs)) looks += 1;
    expect(looks).toBeGreaterThan(20);
    expect(looks).toBeLessThan(32);
  });
});
