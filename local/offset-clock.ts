import type { Clock } from '../shared/clock.ts';

/** Real time that can be put forward: for a cloud that people watch and still want to see the next day of. */
export class OffsetClock implements Clock {
  #offsetMs = 0;
  #moves = new Set<() => void>();

  nowMs(): number {
    return Date.now() + this.#offsetMs;
  }

  async waitUntil(atMs: number, signal?: AbortSignal, isBackground = false): Promise<void> {
    while (signal?.aborted !== true && this.nowMs() < atMs) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#moves.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.min(atMs - this.nowMs(), 2_147_483_647));
        if (isBackground) timer.unref();
        this.#moves.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
  }

  advance(ms: number): void {
    this.#offsetMs += ms;
    for (const wake of this.#moves) wake();
  }
}
