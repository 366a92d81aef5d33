import type { Declared } from './observation.ts';
import type { TickShares } from './shares.ts';

/** What the next probe of a target needs of those before. */
export interface ProbeState {
  /** The last ticks, oldest first. */
  ticks: TickShares[];
  /** The last view of what the load balancer declares. */
  declared?: Declared;
  /** Until when the function is not tried, since it had no IPv6 route (vantage `auto`). */
  instanceUntilMs?: number;
}
