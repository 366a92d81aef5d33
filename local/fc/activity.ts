import type { Clock } from '../../shared/clock.ts';

/** Tells work that goes on now from work that waits for the clock, so that a test knows when time may jump. */
export class Activity {
  readonly #clock: Clock;
  #busy = 0;
  #waits = new Set<{ untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts `work` as going on until it settles, except while it is inside `waitUntil` or `rest`. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
    }
  }

  /** Waits inside tracked work; returns early when `signal` aborts. */
  async waitUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    const wait = { untilMs: atMs };
    this.#waits.add(wait);
    this.#busy -= 1;
    try {
      await this.#clock.waitUntil(atMs, signal);
    } finally {
      this.#busy += 1;
      this.#waits.delete(wait);
    }
  }

  /** Awaits something outside, inside tracked work, that may take for ever without anything going on. */
  async rest<T>(outside: Promise<T>): Promise<T> {
    this.#busy -= 1;
    try {
      return await outside;
    } finally {
      this.#busy += 1;
    }
  }

  /** Nothing goes on, and whatever waits for the clock waits for the future. */
  isIdle(): boolean {
    if (this.#busy > 0) return false;
    const now = this.#clock.nowMs();
    for (const { untilMs } of this.#waits) if (untilMs <= now) return false;
    return true;
  }
}
