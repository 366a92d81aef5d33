/** So many calls a second, and never more than a second's worth at once. */
export class RateBudget {
  readonly #perSecond: number;
  readonly #mostHeld: number;
  readonly #nowMs: () => number;
  #held: number;
  #atMs: number;

  /** @param nowMs - a monotonic clock. */
  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
    this.#mostHeld = perSecond;
    this.#held = perSecond;
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
