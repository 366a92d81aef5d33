import { type Clock, VirtualClock } from '../../shared/clock.ts';

/**
 * The cloud's time as workers read it, without asking the main thread: `[mode, value]`. Mode 0 is real time plus
 * `value` ms, mode 1 stands still at `value`. Both cells change one after the other, so `value` of mode 1 is written first.
 */
export class SharedTime {
  readonly buffer = new SharedArrayBuffer(16);
  readonly #cells = new Float64Array(this.buffer);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.sync();
    if (!(clock instanceof VirtualClock)) return;
    const before = clock.onMove;
    clock.onMove = (nowMs) => {
      this.#cells[1] = nowMs;
      before?.(nowMs);
    };
  }

  /** Takes the clock's instant over; done before every invocation, for clocks that tell nobody when they jump. */
  sync(): void {
    const isFrozen = this.#clock instanceof VirtualClock;
    // A millisecond of difference is the reading itself, not an offset.
    const offset = this.#clock.nowMs() - Date.now();
    this.#cells[1] = isFrozen ? this.#clock.nowMs() : Math.abs(offset) <= 2 ? 0 : offset;
    this.#cells[0] = isFrozen ? 1 : 0;
  }
}
