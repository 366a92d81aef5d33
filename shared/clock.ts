/** Where code learns the time. Production uses `systemClock`; tests and the embedded cloud inject one of their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /**
   * Resolves at `atMs` or as soon as `signal` aborts, whichever comes first; never rejects.
   * Only the embedded cloud and command-line tools wait: a function never does.
   *
   * @param isBackground - the process may end meanwhile.
   */
  waitUntil(atMs: number, signal?: AbortSignal, isBackground?: boolean): Promise<void>;
}

const longestTimeoutMs = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async waitUntil(atMs, signal, isBackground = false) {
    while (signal?.aborted !== true) {
      const leftMs = atMs - Date.now();
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, Math.min(leftMs, longestTimeoutMs));
        if (isBackground) timer.unref();
        signal?.addEventListener('abort', done, { once: true });
      });
    }
  },
};

interface Waiter {
  atMs: number;
  wake: () => void;
}

/** A clock that stands still until told to move. Waiters due at or before the new instant wake in order of time. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #waiters = new Set<Waiter>();
  /** Called after each move; the embedded Function Compute uses it to share the instant with its workers. */
  onMove: ((nowMs: number) => void) | undefined;

  constructor(startMs = Date.UTC(2026, 10, 22, 8, 0, 0)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async waitUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    if (atMs <= this.#nowMs || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const waiter: Waiter = {
        atMs,
        wake: () => {
          this.#waiters.delete(waiter);
          signal?.removeEventListener('abort', waiter.wake);
          resolve();
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', waiter.wake, { once: true });
    });
  }

  /** The instant of the earliest waiter, or undefined when nobody waits. */
  nextWaiterAtMs(): number | undefined {
    let next: number | undefined;
    for (const { atMs } of this.#waiters) if (next === undefined || atMs < next) next = atMs;
    return next;
  }

  advance(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }

  /** Moves forward to `atMs`; an instant in the past changes nothing. */
  advanceTo(atMs: number): void {
    if (atMs <= this.#nowMs) return;
    this.#nowMs = atMs;
    this.onMove?.(atMs);
    const due = [...this.#waiters].filter((waiter) => waiter.atMs <= atMs).sort((a, b) => a.atMs - b.atMs);
    for (const waiter of due) waiter.wake();
  }
}
