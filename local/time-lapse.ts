import type { VirtualClock } from '../shared/clock.ts';

/** Turns of the event loop that must pass quietly before time jumps: an answer may be on its way between two sockets. */
const quietTurns = 3;

/**
 * Makes minutes pass in milliseconds: whenever nothing is under way, the clock jumps to the next instant that somebody
 * waits for.
 */
export class TimeLapse {
  readonly #clock: VirtualClock;
  readonly #isIdle: () => boolean;
  #isRunning = false;
  #done: Promise<void> = Promise.resolve();

  /** @param isIdle - whether only the clock can bring anything about now. */
  constructor(clock: VirtualClock, isIdle: () => boolean) {
    this.#clock = clock;
    this.#isIdle = isIdle;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#done = this.#run();
  }

  /** Resolves when time stands still again. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#done;
  }

  async #run(): Promise<void> {
    let quiet = 0;
    while (this.#isRunning) {
      if (!this.#isIdle()) {
        quiet = 0;
        // Real work takes milliseconds; spinning would take them from it.
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      quiet += 1;
      if (quiet <= quietTurns) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      quiet = 0;
      const nextMs = this.#clock.nextWaiterAtMs();
      if (nextMs === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      else this.#clock.advanceTo(nextMs);
    }
  }
}
