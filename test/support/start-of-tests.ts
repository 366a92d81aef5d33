/** Sweep sends its keep-alive messages in the first minutes of these days, in UTC. */
const keepAliveDays = [1, 11, 21];

const hourMs = 3_600_000;

/**
 * Returns the instant at which the clock of a test begins: now, or some days later where a test would come upon the messages that
 * keep event streams alive, which few tests are about.
 */
export function startOfTests(nowMs = Date.now()): number {
  const isNear = [0, 12, 24].some((hours) => keepAliveDays.includes(new Date(nowMs + hours * hourMs).getUTCDate()));
  return isNear ? nowMs + 3 * 86_400_000 : nowMs;
}
