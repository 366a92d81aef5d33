import type { Clock } from '../../shared/clock.ts';
import type { Instance } from './instance.ts';

/** The warm instances of one function. Each ends by itself once it has been idle for longer than the platform keeps it. */
export class IdleInstances {
  readonly #clock: Clock;
  readonly #keepMs: number;
  /** The longest idle first. */
  #instances: Instance[] = [];
  #watching: AbortController | undefined;

  /** @param keepMs - by the cloud's clock. */
  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  get size(): number {
    return this.#instances.length;
  }

  add(instance: Instance): void {
    instance.idleSinceMs = this.#clock.nowMs();
    this.#instances.push(instance);
    if (this.#watching === undefined) void this.#watch();
  }

  /** Takes the one that was used last. */
  take(): Instance | undefined {
    this.#endOld();
    return this.#instances.pop();
  }

  /** It has ended by itself. */
  forget(instance: Instance): void {
    this.#instances = this.#instances.filter((other) => other !== instance);
  }

  /** Ends them all, and the watch on them. */
  clear(): void {
    this.#watching?.abort();
    this.#watching = undefined;
    for (const instance of this.#instances.splice(0)) void instance.kill();
  }

  /** Waits once for all: instances come and go with each request. */
  async #watch(): Promise<void> {
    const watching = new AbortController();
    this.#watching = watching;
    for (let first = this.#instances[0]; first !== undefined && !watching.signal.aborted; first = this.#instances[0]) {
      await this.#clock.waitUntil(first.idleSinceMs + this.#keepMs + 1, watching.signal, true);
      this.#endOld();
    }
    if (this.#watching === watching) this.#watching = undefined;
  }

  #endOld(): void {
    const oldestMs = this.#clock.nowMs() - this.#keepMs;
    for (const instance of this.#instances.filter(({ idleSinceMs }) => idleSinceMs < oldestMs)) {
      this.forget(instance);
      void instance.kill();
    }
  }
}
