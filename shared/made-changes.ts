/** Whether what a call has changed shows: no change is made again and again that has no effect. Pure. */
import type { MadeChange, TokenState } from './deployment/record.ts';
import { NotShownError, PermanentError } from './errors.ts';

/** How long a change that was answered with success may take to show: queries may lag (P-021). */
export const showsAfterMs = 15_000;

/** So often a change may be without effect. */
const mostFailures = 2;

const quote = (params: unknown): string => {
  const text = JSON.stringify(params) ?? '';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

/** A change that has had no effect as often as it may. */
const withoutEffect = (purpose: string, params: unknown): PermanentError =>
  new PermanentError(
    'change.no-effect',
    `The change "${purpose.replaceAll('-', ' ')}" was answered with success ${mostFailures} times and had no effect; it was asked for with ${quote(params)}`,
    {
      remedy:
        'Look at the named resource in the console: somebody may change it back, or it shows the value in another form. Correct one of both, then retry.',
    },
  );

const notShown = (purpose: string): NotShownError =>
  new NotShownError(`the change "${purpose.replaceAll('-', ' ')}" does not show yet`);

/**
 * What to record of a change that is about to be made, by what is known of the same change.
 *
 * @returns `failure` where it had no effect as often as it may.
 * @throws NotShownError while the last one may still show.
 */
export function nextChange(
  before: MadeChange | undefined,
  { purpose, params, nowMs }: { purpose: string; params: unknown; nowMs: number },
): { made: MadeChange; failure?: PermanentError } {
  if (before === undefined) return { made: { atMs: nowMs, failures: 0 } };
  // What has failed before is tried again by a release whose pauses are long enough.
  if (before.failures < mostFailures && nowMs - before.atMs < showsAfterMs) throw notShown(purpose);
  const made = { atMs: nowMs, failures: before.failures + 1 };
  return made.failures < mostFailures ? { made } : { made, failure: withoutEffect(purpose, params) };
}

/**
 * How often the resource of a create was not there afterwards, in this run of the stage.
 *
 * @throws NotShownError while the last one may still show, PermanentError where it has not shown as often as it may.
 */
export function lostCreates(
  before: TokenState | undefined,
  { purpose, params, epoch, nowMs }: { purpose: string; params: unknown; epoch: number; nowMs: number },
): number {
  // Of a former run: somebody has deleted it since.
  if (before?.resultId === undefined || before.made?.epoch !== epoch) return 0;
  if (nowMs - before.made.atMs < showsAfterMs) throw notShown(`create-${purpose}`);
  const lost = before.made.lost + 1;
  if (lost >= mostFailures) throw withoutEffect(`create-${purpose}`, params);
  return lost;
}
