import type { Clock } from '../../shared/clock.ts';
import type { Activity } from './activity.ts';
import { parseSchedule } from './schedule.ts';
import type { TimerTriggerSpec } from './spec.ts';

export interface TimerTriggerOptions {
  trigger: TimerTriggerSpec;
  clock: Clock;
  activity: Activity;
  /** Invokes the function asynchronously (facts section 9.4: not said, assumed). */
  invoke: (event: Buffer) => Promise<unknown>;
}

/** More ticks than this that one jump of the clock passed over: only the last of them fires. */
const mostLateTicks = 10;

/** Fires on the cloud's clock. Ticks that a jump passed over fire late, as on the platform, with their own triggerTime (P-154). */
export class TimerTrigger {
  readonly #options: TimerTriggerOptions;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(options: TimerTriggerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#done = this.#options.activity.track(() => this.#run());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { trigger, clock, activity, invoke } = this.#options;
    const { cronExpression, payload } = trigger.triggerConfig;
    const schedule = parseSchedule(cronExpression);
    let lastMs = clock.nowMs();
    for (;;) {
      const nextMs = schedule.nextMs(lastMs);
      if (nextMs === undefined) return;
      await activity.waitUntil(nextMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      const due = [nextMs];
      for (;;) {
        const following = schedule.nextMs(due.at(-1) as number);
        if (following === undefined || following > clock.nowMs()) break;
        due.push(following);
      }
      lastMs = due.at(-1) as number;
      for (const tickMs of due.length > mostLateTicks ? due.slice(-1) : due) {
        const triggerTime = new Date(tickMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
        await invoke(Buffer.from(JSON.stringify({ triggerTime, triggerName: trigger.triggerName, payload })));
      }
    }
  }
}
