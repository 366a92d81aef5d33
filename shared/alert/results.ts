import type { AlertSettings, Rule } from './settings.ts';
import type { ConditionState } from './state.ts';
import { oneLine, shortened } from '../text.ts';

const count = (results: string, sign: string): number => results.split(sign).length - 1;

/** Length of the run of `sign` at the end. */
function streak(results: string, sign: string): number {
  let length = 0;
  while (length < results.length && results[results.length - 1 - length] === sign) length += 1;
  return length;
}

/**
 * Bytes of evidence that are kept: it may quote what a server answered. A row of alerts may have as many of them as a
 * group has servers, a thousand, and a column of the store two megabytes.
 */
const mostEvidence = 1000;

/** Results further apart than this many ticks have nothing to do with each other. */
const staleTicks = 10;

/** The condition after one more result. Pure. */
export function addResult(
  before: ConditionState,
  result: { isBad: boolean; evidence: string; atMs: number },
  rule: Rule,
  settings: AlertSettings,
): ConditionState {
  const { atMs, isBad } = result;
  const isStale = !before.isFiring && atMs - before.lastResultMs > staleTicks * settings.tickMs;
  const kept = isStale ? '' : before.results;
  const length = Math.max(rule.failures, rule.successes, rule.mOfN?.of ?? 1);
  const results = `${kept}${isBad ? 'x' : '.'}`.slice(-length);
  const after: ConditionState = { ...before, results, lastResultMs: atMs };
  if (isBad) {
    after.evidence = shortened(oneLine(result.evidence), mostEvidence);
    after.lastBadMs = atMs;
    delete after.endedAtMs;
    if (!kept.includes('x') && !before.isFiring) after.badSinceMs = atMs;
  } else if (before.isFiring && !kept.endsWith('.')) after.endedAtMs = atMs;
  return before.isFiring ? ended(after, rule, settings) : fired(after, rule, settings);
}

function fired(condition: ConditionState, rule: Rule, { flapping }: AlertSettings): ConditionState {
  const { results, lastResultMs: atMs } = condition;
  const isStreak = streak(results, 'x') >= rule.failures;
  const isPatchy = rule.mOfN !== undefined && count(results.slice(-rule.mOfN.of), 'x') >= rule.mOfN.bad;
  if (!isStreak && !isPatchy) return condition;
  return {
    ...condition,
    isFiring: true,
    isPatchy: !isStreak,
    firedAtMs: atMs,
    firesMs: [...condition.firesMs.filter((ms) => ms > atMs - flapping.withinMs), atMs],
  };
}

/** Comes and goes: begun more than once within the time that counts. */
export const isFlapping = (condition: ConditionState, { flapping }: AlertSettings): boolean =>
  condition.firesMs.filter((ms) => ms > (condition.firedAtMs ?? 0) - flapping.withinMs).length >= flapping.fires;

function ended(condition: ConditionState, rule: Rule, settings: AlertSettings): ConditionState {
  const { results, lastBadMs = 0, lastResultMs: atMs } = condition;
  if (streak(results, '.') < rule.successes) return condition;
  // Half of what began it, or it would begin and end with every other result.
  if (
    condition.isPatchy === true &&
    rule.mOfN !== undefined &&
    count(results.slice(-rule.mOfN.of), 'x') > rule.mOfN.bad / 2
  )
    return condition;
  if (isFlapping(condition, settings) && atMs - lastBadMs < settings.flapping.calmMs) return condition;
  // What has ended counts no more for what may begin.
  return { ...condition, isFiring: false, isPatchy: false, results: '' };
}
