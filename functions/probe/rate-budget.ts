import { firstAt } from '../../shared/first-at.ts';

export interface Allowance {
  perSecond: number;
  /** Calls that may be saved up. */
  mostHeld: number;
  /** Calls that are there at the start. */
  held: number;
}

/** So many calls a second, and never more than `mostHeld` at once. */
export class RateBudget {
  readonly #perSecond: number;
  readonly #mostHeld: number;
  readonly #nowMs: () => number;
  #held: number;
  #atMs: number;

  /** @param nowMs - a monotonic clock. */
  constructor({ perSecond, mostHeld, held }: Allowance, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
    this.#mostHeld = mostHeld;
    this.#held = held;
    this.#atMs = nowMs();
  }

  /** Takes `calls` from the budget, or nothing when there are not that many. */
  take(calls: number): boolean {
    const nowMs = this.#nowMs();
    this.#held = Math.min(this.#mostHeld, this.#held + ((nowMs - this.#atMs) * this.#perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#held < calls) return false;
    this.#held -= calls;
    return true;
  }
}

/**
 * One shard's part of `perSecond` calls of all shards together. A shard can save up what is taken at once, however many
 * share; the first takings then come in turn, another shard's first at each tick. So all shards together have made at most
 * `max(perSecond, atOnce) + t * perSecond` calls `t` seconds after the tick.
 *
 * @param atOnce - calls that are taken at once.
 */
export function allowanceOf(
  { shard, shards, tickMs }: { shard: number; shards: number; tickMs: number },
  perSecond: number,
  atOnce: number,
): Allowance {
  const own = perSecond / shards;
  const mostHeld = Math.max(own, atOnce);
  const place = (shard + firstAt(tickMs, shards)) % shards;
  const waitSeconds = Math.max(0, (place + 1) * atOnce - Math.max(perSecond, atOnce)) / perSecond;
  return { perSecond: own, mostHeld, held: mostHeld - waitSeconds * own };
}
