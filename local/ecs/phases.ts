import type { Clock } from '../../shared/clock.ts';
import type { Timed } from '../lifecycle.ts';

/** A status that passes through several stages: each `[status, untilMs]` in turn, then `after` (undefined: gone). */
export function phases(clock: Clock, stages: [status: string, untilMs: number][], after: string | undefined): Timed {
  const last = stages.at(-1);
  if (last === undefined) throw new Error('a status needs at least one stage');
  return {
    get during() {
      const now = clock.nowMs();
      return (stages.find(([, untilMs]) => now < untilMs) ?? last)[0];
    },
    after,
    atMs: last[1],
  };
}
