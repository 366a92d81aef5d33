/** How long work that talks to a network may take. A function that runs longer than its timeout is killed without a word. */

export const outOfTimeCode = 'OUT_OF_TIME';

/** No time was left for it, or it was cut off: the next turn goes on. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
  readonly code = outOfTimeCode;
}

/**
 * The time that is left until an instant. Whatever is bound to it begins nothing afterwards, and ends what it has begun: so no
 * loop over calls outlives it, however slow the other side is.
 */
export class Budget {
  readonly #endMs: number;
  readonly #nowMs: () => number;
  #isExceeded = false;

  /** @param nowMs - a monotonic clock. */
  constructor(ms: number, nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#endMs = nowMs() + ms;
  }

  /** Returns a budget without an end, for commands that a person can stop. */
  static unlimited(): Budget {
    return new Budget(Number.POSITIVE_INFINITY);
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - this.#nowMs());
  }

  get isSpent(): boolean {
    return this.leftMs <= 0;
  }

  /** Whether something was not begun, or was cut off, for lack of time. */
  get isExceeded(): boolean {
    return this.#isExceeded;
  }

  /** Returns a budget that ends so long before this one. */
  before(ms: number): Budget {
    return new Budget(this.leftMs - ms, this.#nowMs);
  }

  /** Returns the error of something that there is no time for, and notes that there was such a thing. */
  exceeded(what: string): OutOfTimeError {
    this.#isExceeded = true;
    return new OutOfTimeError(`${what}: no time is left`);
  }

  /** @throws OutOfTimeError where nothing is left. */
  require(what: string): void {
    if (this.isSpent) throw this.exceeded(what);
  }

  /**
   * Runs the work, and stops waiting for it when the budget ends: whether it takes effect then is open.
   *
   * @throws OutOfTimeError, and what the work throws.
   */
  async within<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.require(what);
    const begun = work();
    let stop = (): void => undefined;
    const end = new Promise<never>((_, reject) => {
      stop = this.atEnd(() => reject(this.exceeded(what)));
    });
    try {
      return await Promise.race([begun, end]);
    } finally {
      stop();
    }
  }

  /** Calls back when nothing is left. @returns what calls that off. */
  atEnd(callBack: () => void): () => void {
    const { leftMs } = this;
    if (leftMs > longestTimeoutMs) return () => undefined;
    const timer = setTimeout(callBack, Math.ceil(leftMs));
    return () => clearTimeout(timer);
  }
}

const longestTimeoutMs = 2_147_483_647;
