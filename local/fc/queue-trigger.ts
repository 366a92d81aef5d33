import type { Clock } from '../../shared/clock.ts';
import type { MnsClient } from '../mns/client.ts';
import type { Activity } from './activity.ts';
import { parseDeadLetterQueue } from './arn.ts';
import { eventOf, passesFilter, type ReceivedMessage } from './cloud-events.ts';
import type { InvokeResult } from './function-runtime.ts';
import type { QueueTriggerSpec } from './spec.ts';

/** What a pump needs of a queue service. */
export type QueueClient = Pick<MnsClient, 'receive' | 'delete' | 'send'>;

export interface QueueTriggerOptions {
  trigger: QueueTriggerSpec;
  functionName: string;
  accountId: string;
  regionId: string;
  clock: Clock;
  activity: Activity;
  client: QueueClient;
  random: () => number;
  invoke: (event: Buffer, type: 'sync' | 'async') => Promise<InvokeResult>;
  log: (level: 'info' | 'warn' | 'error', message: string) => void;
}

const longPollSeconds = 30;

/**
 * Waits between pushes of one batch. Source: https://alibabacloud.com/help/en/eventbridge/user-guide/retry-and-dead-letter
 * (read 2026-11-22): 3 retries 10 to 20 s apart at random, or 176 retries 1, 2, 4 ... 512 s apart.
 */
export const retryWaitMs = (strategy: string, retry: number, random: () => number): number | undefined => {
  if (strategy === 'EXPONENTIAL_DECAY_RETRY') return retry >= 176 ? undefined : 1000 * Math.min(512, 2 ** retry);
  return retry >= 3 ? undefined : 10_000 + Math.floor(random() * 10_000);
};

/**
 * An eventbridge trigger on an MNS queue: EventBridge's stream between the two. It takes a batch, pushes it, and deletes
 * the messages only when the push succeeded or the batch is safe in the dead-letter queue; whatever goes wrong in
 * between leaves them in the queue, to be seen again.
 */
export class QueueTrigger {
  readonly #options: QueueTriggerOptions;
  readonly #stop = new AbortController();
  readonly #queueName: string;
  #state: 'Running' | 'Ready' | 'Stopped' = 'Running';
  #isPolling = false;
  #done: Promise<void> = Promise.resolve();
  #lastTrouble = '';

  constructor(options: QueueTriggerOptions) {
    this.#options = options;
    this.#queueName =
      options.trigger.triggerConfig.eventSourceConfig.eventSourceParameters.sourceMNSParameters.QueueName;
  }

  /** `Ready`: blocked by a batch that failed for good under errorsTolerance NONE (P-111). */
  get state(): 'Running' | 'Ready' | 'Stopped' {
    return this.#state;
  }

  /** Inside a long poll, with nothing in hand. */
  get isPolling(): boolean {
    return this.#isPolling;
  }

  start(): void {
    this.#done = this.#options.activity.track(() => this.#run());
  }

  /** Ends the long poll; a batch that is being pushed is finished first, one that waits for its retry stays in the queue. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    let troubles = 0;
    while (!this.#stop.signal.aborted && this.#state === 'Running') {
      try {
        const first = await this.#poll();
        if (first !== undefined) await this.#deliver(await this.#fill(first));
        troubles = 0;
        this.#lastTrouble = '';
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        const trouble = error instanceof Error ? error.message : String(error);
        if (trouble !== this.#lastTrouble) this.#options.log('warn', `queue ${this.#queueName}: ${trouble}`);
        this.#lastTrouble = trouble;
        await this.#wait(Math.min(5000, 200 * 2 ** troubles));
        troubles += 1;
      }
    }
    if (this.#state === 'Running') this.#state = 'Stopped';
  }

  async #poll(): Promise<ReceivedMessage | undefined> {
    const { client, activity } = this.#options;
    this.#isPolling = true;
    try {
      return await activity.rest(client.receive(this.#queueName, { waitSeconds: longPollSeconds }, this.#stop.signal));
    } finally {
      this.#isPolling = false;
    }
  }

  /** More messages until the count or the time of the batch window is reached; 0 s takes what is there. */
  async #fill(first: ReceivedMessage): Promise<ReceivedMessage[]> {
    const { client, clock, trigger } = this.#options;
    const { mode, runOptions } = trigger.triggerConfig;
    const batch = [first];
    if (mode === 'event-driven') return batch;
    const { CountBasedWindow, TimeBasedWindow } = runOptions.batchWindow;
    const untilMs = clock.nowMs() + TimeBasedWindow * 1000;
    while (batch.length < CountBasedWindow && !this.#stop.signal.aborted) {
      const waitSeconds = Math.max(0, Math.ceil((untilMs - clock.nowMs()) / 1000));
      const receiving = client.receive(this.#queueName, { waitSeconds }, this.#stop.signal).catch(() => undefined);
      // The window may close by the clock alone, so time may pass here.
      const next = waitSeconds === 0 ? await receiving : await this.#options.activity.rest(receiving);
      if (next === undefined) break;
      batch.push(next);
    }
    return batch;
  }

  async #deliver(batch: ReceivedMessage[]): Promise<void> {
    const { trigger, clock, accountId, regionId, functionName } = this.#options;
    const { mode, eventRuleFilterPattern } = trigger.triggerConfig;
    const origin = { accountId, regionId, functionName };
    const events = batch
      .map((message) => eventOf(message, trigger, origin, clock.nowMs()))
      .filter((event) => passesFilter(event, eventRuleFilterPattern));
    if (
      events.length > 0 &&
      !(await this.#push(Buffer.from(JSON.stringify(mode === 'event-driven' ? events[0] : events))))
    ) {
      if (this.#stop.signal.aborted) return;
      if (!(await this.#giveUp(events))) return;
    }
    for (const message of batch) await this.#acknowledge(message);
  }

  /** Whether the function took the batch. */
  async #push(event: Buffer): Promise<boolean> {
    const { trigger, random, log, invoke } = this.#options;
    const { asyncInvocationType, runOptions } = trigger.triggerConfig;
    for (let retry = 0; ; retry += 1) {
      const result = await invoke(event, asyncInvocationType ? 'async' : 'sync');
      if (result.refusal === undefined && result.error === undefined) return true;
      const waitMs = retryWaitMs(runOptions.retryStrategy.PushRetryStrategy, retry, random);
      const reason = result.refusal?.message ?? result.error?.errorMessage ?? '';
      log('warn', `push ${retry + 1} of ${trigger.triggerName} failed: ${reason}`);
      if (waitMs === undefined) return false;
      await this.#wait(waitMs);
      if (this.#stop.signal.aborted) return false;
    }
  }

  /** What becomes of a batch after the last retry; false leaves it in the queue. */
  async #giveUp(events: object[]): Promise<boolean> {
    const { trigger, client, log } = this.#options;
    const { mode, runOptions } = trigger.triggerConfig;
    // Fault tolerance and dead letters are options of streams; a bus drops the event.
    const isStream = mode === 'event-streaming';
    if (isStream && runOptions.errorsTolerance === 'NONE') {
      this.#state = 'Ready';
      log(
        'error',
        `P-111: the stream of ${trigger.triggerName} is blocked: a batch failed and errorsTolerance is NONE`,
      );
      return false;
    }
    const arn = isStream ? runOptions.deadLetterQueue?.Arn : undefined;
    const target = arn === undefined ? undefined : parseDeadLetterQueue(arn);
    if (target === undefined) {
      log('error', `P-112: ${events.length} event(s) of ${trigger.triggerName} dropped: there is no dead-letter queue`);
      return true;
    }
    for (const event of events) await client.send(target.queueName, JSON.stringify(event));
    log('error', `${events.length} event(s) of ${trigger.triggerName} moved to ${target.queueName}`);
    return true;
  }

  async #acknowledge(message: ReceivedMessage): Promise<void> {
    try {
      await this.#options.client.delete(this.#queueName, message.receiptHandle);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const hasExpired = this.#options.clock.nowMs() >= message.nextVisibleAtMs;
      const why = hasExpired ? 'its visibility timeout ended before the push did (P-123)' : reason;
      this.#options.log('warn', `message ${message.messageId} will come again: ${why}`);
    }
  }

  async #wait(ms: number): Promise<void> {
    const { activity, clock } = this.#options;
    await activity.waitUntil(clock.nowMs() + ms, this.#stop.signal);
  }
}
