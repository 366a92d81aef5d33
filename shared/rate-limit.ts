/** At most so many within so long. */
export interface RateLimit {
  count: number;
  perMs: number;
}

/** Returns how long to wait before one more is allowed, after these; 0: not at all. */
export function waitMs(limits: readonly RateLimit[], doneAtMs: readonly number[], nowMs: number): number {
  let longest = 0;
  for (const { count, perMs } of limits) {
    const recent = doneAtMs.filter((ms) => ms > nowMs - perMs).sort((a, b) => a - b);
    const blocking = recent[recent.length - count];
    if (blocking !== undefined) longest = Math.max(longest, blocking + perMs - nowMs);
  }
  return longest;
}
