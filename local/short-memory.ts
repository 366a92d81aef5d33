import type { Clock } from '../shared/clock.ts';

/**
 * Values by key, each forgotten a fixed time after it was set, and the oldest before its time where there are too many. Needs
 * no timer: each `set` frees what is over.
 */
export class ShortMemory<Value> {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #most: number;
  /** In order of setting. */
  readonly #entries = new Map<string, { value: Value; setAtMs: number }>();

  constructor(clock: Clock, lifeMs: number, most = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#most = most;
  }

  /** Values in memory, those included that are forgotten but not freed yet. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || this.#isOver(entry) ? undefined : entry.value;
  }

  /** What is not forgotten, the oldest first. */
  *values(): Generator<Value> {
    for (const entry of this.#entries.values()) if (!this.#isOver(entry)) yield entry.value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, setAtMs: this.#clock.nowMs() });
    for (const [oldest, entry] of this.#entries) {
      if (!this.#isOver(entry) && this.#entries.size <= this.#most) return;
      this.#entries.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  #isOver({ setAtMs }: { setAtMs: number }): boolean {
    return this.#clock.nowMs() >= setAtMs + this.#lifeMs;
  }
}
