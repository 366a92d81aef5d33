import { expect, it, onTestFinished } from 'vitest';
import { TimeLapse } from '../../local/time-lapse.ts';
import { VirtualClock } from '../../shared/clock.ts';

const startMs = Date.UTC(2026, 10, 22);

function lapseOf(isIdle: () => boolean): VirtualClock {
  const clock = new VirtualClock(startMs);
  const lapse = new TimeLapse(clock, isIdle);
  lapse.start();
  onTestFinished(() => lapse.stop());
  return clock;
}

it('jumps from one waiter’s instant to the next', async () => {
  const clock = lapseOf(() => true);
  const seen: number[] = [];
  await Promise.all(
    [3_600_000, 60_000].map(async (ms) => {
      await clock.waitUntil(startMs + ms);
      seen.push(clock.nowMs() - startMs);
    }),
  );
  expect(seen).toEqual([60_000, 3_600_000]);
});

it('stands still while something is under way', async () => {
  let isIdle = false;
  const clock = lapseOf(() => isIdle);
  const waiting = clock.waitUntil(startMs + 1000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(clock.nowMs()).toBe(startMs);
  isIdle = true;
  await waiting;
  expect(clock.nowMs()).toBe(startMs + 1000);
});

it('stands still once it is stopped', async () => {
  const clock = new VirtualClock(startMs);
  const lapse = new TimeLapse(clock, () => true);
  lapse.start();
  await lapse.stop();
  void clock.waitUntil(startMs + 1000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(clock.nowMs()).toBe(startMs);
});
