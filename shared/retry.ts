/**
 * Delay before attempt number `attempt` (1 = first repeat) of something that failed: exponential with full jitter between
 * half and the whole step, never shorter than the server's own hint.
 */
export function retryDelayMs(
  attempt: number,
  options: { baseMs?: number; capMs?: number; hintMs?: number | undefined; random: () => number },
): number {
  const base = options.baseMs ?? 1000;
  const step = Math.min(options.capMs ?? 60_000, base * 2 ** Math.min(attempt - 1, 16));
  const jittered = step / 2 + (step / 2) * options.random();
  return Math.round(Math.max(jittered, options.hintMs ?? 0));
}

/**
 * Delay before the next look at something that is being made: a tenth of the time waited so far, within 1 to 10 s. So the
 * end is noticed at most about a tenth late, and a minute of waiting costs some 25 looks.
 */
export function lookAgainMs(waitedMs: number): number {
  return Math.min(10_000, Math.max(1000, Math.round(waitedMs / 10)));
}

/** The longest pause before a blocked release is tried again. */
const longestPauseMs = 15 * 60_000;

/**
 * Delay before a release that is blocked is tried again: growing from 10 s (from one minute where the cause is certain or
 * has lasted), never longer than a quarter of an hour.
 *
 * @param times - how often it was blocked in a row.
 */
export function blockedDelayMs(
  times: number,
  options: { isCertain: boolean; hintMs?: number | undefined; random: () => number },
): number {
  const { isCertain, hintMs = 0, random } = options;
  return retryDelayMs(times, {
    baseMs: isCertain ? 60_000 : 10_000,
    capMs: longestPauseMs,
    hintMs: Math.min(hintMs, longestPauseMs),
    random,
  });
}
