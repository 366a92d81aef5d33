import type { CloudContext } from '../cloud-context.ts';
import { ShortMemory } from '../short-memory.ts';
import { defaultAttributes, type QueueAttributes } from './attributes.ts';
import { refuse } from './errors.ts';
import { type DeadLetterPolicy, Queue, type QueueHost, type StoredMessage } from './queue.ts';

export interface MnsOptions {
  /** Order of receiving; the real service promises none, so neither does the default, `shuffled`. */
  order?: 'shuffled' | 'fifo';
  /** For how long a deleted queue's name cannot be used again; default 10000. */
  deletedRecentlyMs?: number;
}

/** All queues of the account. */
export class MnsState implements QueueHost {
  readonly context: CloudContext;
  readonly order: 'shuffled' | 'fifo';
  readonly queues = new Map<string, Queue>();
  /** Names of queues that were deleted a moment ago. */
  readonly #deleted: ShortMemory<true>;
  #sequence = 0;
  #isClosed = false;

  constructor(context: CloudContext, options: MnsOptions = {}) {
    this.context = context;
    this.order = options.order ?? 'shuffled';
    this.#deleted = new ShortMemory(context.clock, options.deletedRecentlyMs ?? 10_000);
  }

  /** @throws ApiError `QueueNotExist` */
  queue(name: string): Queue {
    const queue = this.queues.get(name);
    if (queue === undefined) throw refuse('QueueNotExist');
    return queue;
  }

  /** @returns whether the queue is new; `false` if it exists with just these attributes. */
  create(name: string, given: Partial<QueueAttributes>): boolean {
    if (name.length > 120 || name === '') throw refuse('QueueNameLengthError');
    if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name)) throw refuse('InvalidQueueName');
    const attributes = { ...defaultAttributes, ...given };
    const existing = this.queues.get(name);
    if (existing !== undefined) {
      const keys = Object.keys(attributes) as (keyof QueueAttributes)[];
      if (keys.every((key) => attributes[key] === existing.attributes[key])) return false;
      throw refuse('QueueAlreadyExist');
    }
    if (this.#deleted.get(name) === true) throw refuse('QueueDeletedRecently');
    this.queues.set(name, new Queue(this, name, attributes));
    return true;
  }

  /** The documentation names no error for a queue that is not there: deleting it succeeds. */
  delete(name: string): void {
    const queue = this.queues.get(name);
    if (queue === undefined) return;
    this.queues.delete(name);
    this.#deleted.set(name, true);
    queue.isDeleted = true;
    queue.wake();
  }

  /** `undefined` turns it off. Set by the control plane in the real service: the XML protocol has no word for it. */
  setDeadLetterPolicy(name: string, policy: DeadLetterPolicy | undefined): void {
    if (policy?.targetQueue === name) throw new Error(`queue ${name} cannot be its own dead-letter queue`);
    this.queue(name).deadLetterPolicy = policy;
  }

  /**
   * Receives up to `count` messages, waiting up to `waitMs` for the first.
   *
   * @returns no message when the wait is over, the caller is gone or the service closes.
   * @throws ApiError `QueueNotExist`, also when the queue is deleted meanwhile.
   */
  async receive(name: string, count: number, waitMs: number, signal: AbortSignal): Promise<StoredMessage[]> {
    const deadlineMs = this.context.clock.nowMs() + waitMs;
    const queue = this.queue(name);
    for (;;) {
      if (queue.isDeleted) throw refuse('QueueNotExist');
      if (signal.aborted) return [];
      const taken = queue.take(count);
      if (taken.length > 0 || this.#isClosed || this.context.clock.nowMs() >= deadlineMs) return taken;
      await queue.park(deadlineMs, signal);
    }
  }

  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  wasGiven(sequence: number): boolean {
    return sequence >= 1 && sequence <= this.#sequence;
  }

  deadLetter(source: Queue, policy: DeadLetterPolicy, message: StoredMessage): boolean {
    const target = this.queues.get(policy.targetQueue);
    if (target === undefined) return false;
    target.adopt(message, {
      // The names stand in the Java SDK's MessageSystemPropertyName; the value of the type is inferred.
      DLQMessageType: 'MaxReceiveCountExceeded',
      DLQSourceArn: `acs:mns:${this.context.regionId}:${this.context.credentials.accountId}:/queues/${source.name}`,
      DLQOriginMessageId: message.id,
    });
    return true;
  }

  /** Ends every long poll and starts no new one. */
  close(): void {
    this.#isClosed = true;
    for (const queue of this.queues.values()) queue.wake();
  }

  /** Forgets all queues, also which were deleted recently. */
  reset(): void {
    for (const name of this.queues.keys()) this.delete(name);
    this.#deleted.clear();
  }
}
