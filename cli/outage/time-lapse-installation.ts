import type { EmbeddedCloud } from '../../local/cloud.ts';
import type { LogEntry } from '../../local/fc/function-runtime.ts';
import { latencies } from '../../local/latency.ts';
import { TimeLapse } from '../../local/time-lapse.ts';
import { VirtualClock } from '../../shared/clock.ts';
import type { Checkout } from '../checkout.ts';
import { type Installation, startInstallation } from '../installation.ts';

/** An installation whose minutes pass in milliseconds, but only while somebody waits for something. */
export class TimeLapseInstallation {
  readonly installation: Installation;
  readonly cloud: EmbeddedCloud;
  readonly clock: VirtualClock;
  readonly #lapse: TimeLapse;

  private constructor(installation: Installation, cloud: EmbeddedCloud, clock: VirtualClock) {
    this.installation = installation;
    this.cloud = cloud;
    this.clock = clock;
    const { functions } = installation;
    this.#lapse = new TimeLapse(
      clock,
      () => cloud.isIdle() && functions.isIdle() && functions.polling === cloud.mns.parked,
    );
  }

  static async start(
    { root, buildFunctions }: Checkout,
    seed: number,
    onLog: (entry: LogEntry) => void,
  ): Promise<TimeLapseInstallation> {
    const clock = new VirtualClock(Date.now());
    const installation = await startInstallation({
      root,
      codeDir: buildFunctions,
      port: 0,
      endpoint: undefined,
      // On a clock that jumps, each round of health checks is a jump.
      cloud: { clock, latency: { ...latencies.short, healthCheckIntervalMs: 10_000 }, seed },
      onLog,
    });
    return new TimeLapseInstallation(installation, installation.cloud as EmbeddedCloud, clock);
  }

  async close(): Promise<void> {
    await this.#lapse.stop();
    await this.installation.close();
  }

  /** Lets time pass until something is found. @returns undefined when nothing was after `longestMs` of the cloud's time. */
  async until<T>(find: () => T | undefined | Promise<T | undefined>, longestMs: number): Promise<T | undefined> {
    const endMs = this.clock.nowMs() + longestMs;
    this.#lapse.start();
    try {
      for (;;) {
        const found = await find();
        if (found !== undefined || this.clock.nowMs() >= endMs) return found;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      await this.#lapse.stop();
    }
  }

  async pass(ms: number): Promise<void> {
    await this.until(() => undefined, ms);
  }
}
