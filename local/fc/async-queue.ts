import type { Clock } from '../../shared/clock.ts';
import type { Activity } from './activity.ts';
import { functionArn, parseDestination } from './arn.ts';
import type { InvokeResult } from './function-runtime.ts';
import type { QueueClient } from './queue-trigger.ts';
import { type AsyncInvokeSpec, defaultAsyncInvoke } from './spec.ts';

export interface AsyncItem {
  functionName: string;
  requestId: string;
  event: Buffer;
  delayMs: number;
  /** Most real time of one run. */
  limitMs: number;
}

export interface AsyncQueueOptions {
  clock: Clock;
  activity: Activity;
  accountId: string;
  regionId: string;
  /** Runs the function now. */
  run: (item: AsyncItem) => Promise<InvokeResult>;
  /** Undefined once the function is gone. */
  configOf: (functionName: string) => AsyncInvokeSpec | undefined;
  client: QueueClient | undefined;
  enqueue: (functionName: string, event: Buffer) => void;
  /** What the platform does with an accepted request: `twice` (at least once), `lost` (P-147). Default `once`. */
  fate: (functionName: string) => 'once' | 'twice' | 'lost';
  log: (level: 'warn' | 'error', message: string, functionName: string, requestId: string) => void;
}

/** Spacing of the retries after a handler's error is not published. */
const errorRetryMs = (attempt: number): number => 1000 * 2 ** (attempt - 1);

/** An MNS destination takes 64 KB, and the record embeds the input (P-150). */
const longestRecord = 65_536;

/**
 * Function Compute's internal queue of accepted requests: at least once, retries, age limit, destinations.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/error-handling-1-2 (read 2026-11-22)
 */
export class AsyncQueue {
  readonly #options: AsyncQueueOptions;
  readonly #stop = new AbortController();
  readonly #work = new Set<Promise<void>>();

  constructor(options: AsyncQueueOptions) {
    this.#options = options;
  }

  /** Requests accepted and not done. */
  get size(): number {
    return this.#work.size;
  }

  add(item: AsyncItem): void {
    const fate = this.#options.fate(item.functionName);
    if (fate === 'lost') return;
    for (let copy = 0; copy < (fate === 'twice' ? 2 : 1); copy += 1) {
      const work = this.#options.activity.track(() => this.#process(item));
      this.#work.add(work);
      const forget = () => void this.#work.delete(work);
      work.then(forget, (error: unknown) => {
        forget();
        this.#options.log('error', `asynchronous invocation: ${String(error)}`, item.functionName, item.requestId);
      });
    }
  }

  /** Requests that wait are given up. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#work);
  }

  async #process(item: AsyncItem): Promise<void> {
    const { clock, run, configOf } = this.#options;
    const acceptedMs = clock.nowMs();
    if (item.delayMs > 0) await this.#wait(item.delayMs);
    let runs = 0;
    let throttles = 0;
    while (!this.#stop.signal.aborted) {
      const config = configOf(item.functionName) ?? defaultAsyncInvoke;
      // Older requests are dropped unexecuted; that they reach onFailure is inferred (facts section 9.2).
      if (clock.nowMs() - acceptedMs > config.maxAsyncEventAgeInSeconds * 1000) {
        await this.#conclude(item, config, undefined, runs);
        return;
      }
      const result = await run(item);
      if (result.statusCode === 429) {
        // 0.5 s, 1, 2, 4 ... for up to 5 hours (P-148).
        const waitMs = 500 * 2 ** Math.min(throttles, 15);
        throttles += 1;
        if (clock.nowMs() + waitMs - acceptedMs > 5 * 3_600_000) {
          await this.#conclude(item, config, result, runs);
          return;
        }
        await this.#wait(waitMs);
        continue;
      }
      runs += 1;
      if (result.error === undefined || runs > config.maxAsyncRetryAttempts) {
        await this.#conclude(item, config, result, runs);
        return;
      }
      await this.#wait(errorRetryMs(runs));
    }
  }

  /** Hands the record to the destination. `result` undefined: too old. */
  async #conclude(
    item: AsyncItem,
    config: AsyncInvokeSpec,
    result: InvokeResult | undefined,
    runs: number,
  ): Promise<void> {
    const { clock, accountId, regionId, log } = this.#options;
    const hasFailed = result === undefined || result.error !== undefined || result.refusal !== undefined;
    const condition = result === undefined ? 'Expired' : (result.refusal?.code ?? result.error?.kind ?? '');
    if (hasFailed) log('error', `asynchronous invocation given up: ${condition}`, item.functionName, item.requestId);
    const arn = config.destinationConfig?.[hasFailed ? 'onFailure' : 'onSuccess']?.destination;
    const target = arn === undefined ? undefined : parseDestination(arn);
    if (target === undefined) return;
    const record = JSON.stringify({
      timestamp: clock.nowMs(),
      requestContext: {
        requestId: item.requestId,
        functionArn: functionArn(regionId, accountId, item.functionName),
        condition,
        approximateInvokeCount: runs,
      },
      requestPayload: item.event.toString('utf8'),
      responseContext: { statusCode: result?.statusCode ?? 500, functionError: result?.error?.kind ?? '' },
      responsePayload: result?.body.toString('utf8') ?? '',
    });
    if (target.kind === 'function') {
      this.#options.enqueue(target.functionName, Buffer.from(record));
      return;
    }
    if (Buffer.byteLength(record) > longestRecord)
      log(
        'error',
        `P-150: the record of ${Buffer.byteLength(record)} bytes is too long for an MNS destination, dropped`,
        item.functionName,
        item.requestId,
      );
    else await this.#send(target.queueName, record, item);
  }

  async #send(queueName: string, record: string, item: AsyncItem): Promise<void> {
    const { client, log } = this.#options;
    for (let attempt = 0; client !== undefined && attempt < 8 && !this.#stop.signal.aborted; attempt += 1)
      try {
        await client.send(queueName, record);
        return;
      } catch (error) {
        log('warn', `destination ${queueName}: ${String(error)}`, item.functionName, item.requestId);
        await this.#wait(500 * 2 ** attempt);
      }
    log('error', `the record for destination ${queueName} is lost`, item.functionName, item.requestId);
  }

  async #wait(ms: number): Promise<void> {
    const { activity, clock } = this.#options;
    await activity.waitUntil(clock.nowMs() + ms, this.#stop.signal);
  }
}
