import { createHash } from 'node:crypto';
import type { CloudContext } from '../cloud-context.ts';
import type { QueueAttributes } from './attributes.ts';
import { refuse } from './errors.ts';

export interface StoredMessage {
  /** Grows over all queues; part of the receipt handle. */
  readonly sequence: number;
  /** As on the wire. A duplicate made by `duplicateNext` has the id of its original. */
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly priority: number;
  readonly delaySeconds: number;
  /** Order, even by priority, holds only within a stripe. */
  readonly stripe: number;
  readonly enqueuedAtMs: number;
  readonly systemProperties: Record<string, string>;
  readonly isDuplicate: boolean;
  firstDequeuedAtMs: number | undefined;
  dequeueCount: number;
  /** Not to be received before; the current handle is valid until then. */
  visibleAtMs: number;
  handle: string | undefined;
  /** Comes back once after its deletion. */
  comesBack: boolean;
}

export interface DeadLetterPolicy {
  targetQueue: string;
  /** A message received more often than this goes to the target. */
  maxReceiveCount: number;
}

/** What a queue needs of the service around it. */
export interface QueueHost {
  readonly context: CloudContext;
  readonly order: 'shuffled' | 'fifo';
  nextSequence(): number;
  /** Whether a message with this sequence number ever existed. */
  wasGiven(sequence: number): boolean;
  /** Takes the message over if the policy's target exists. */
  deadLetter(source: Queue, policy: DeadLetterPolicy, message: StoredMessage): boolean;
}

const stripes = 3;
const md5 = (text: string): string => createHash('md5').update(text).digest('hex').toUpperCase();
const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

/** One queue: its messages and how they move between delayed, active and inactive. All instants are computed when read. */
export class Queue {
  readonly name: string;
  readonly createdAtMs: number;
  modifiedAtMs: number;
  attributes: QueueAttributes;
  deadLetterPolicy: DeadLetterPolicy | undefined;
  isDeleted = false;
  /** Accepted messages that `loseNext` swallowed. */
  readonly lost: StoredMessage[] = [];
  readonly #host: QueueHost;
  readonly #prefix: string;
  #messages = new Map<number, StoredMessage>();
  #parked = new Set<AbortController>();
  #duplicates = { left: 0, when: 'after-delete' as 'after-delete' | 'at-once' };
  #losses = 0;
  #handles = 0;

  constructor(host: QueueHost, name: string, attributes: QueueAttributes) {
    this.#host = host;
    this.name = name;
    this.attributes = attributes;
    this.createdAtMs = host.context.clock.nowMs();
    this.modifiedAtMs = this.createdAtMs;
    this.#prefix = md5(`${host.context.credentials.accountId}/${name}`).slice(0, 16);
  }

  /** Long polls that wait now. */
  get parked(): number {
    return this.#parked.size;
  }

  /** All that have not been deleted and have not outlived the retention period, in order of sending. */
  get messages(): StoredMessage[] {
    this.#expire();
    return [...this.#messages.values()];
  }

  /** Messages in memory. */
  get stored(): number {
    return this.#messages.size;
  }

  stateOf(message: StoredMessage): 'Active' | 'Inactive' | 'Delayed' {
    if (message.visibleAtMs <= this.#nowMs) return 'Active';
    return message.dequeueCount === 0 ? 'Delayed' : 'Inactive';
  }

  visible(): StoredMessage[] {
    const now = this.#nowMs;
    return this.messages.filter((message) => message.visibleAtMs <= now);
  }

  /** The instant at which a delayed or inactive message becomes visible next. */
  nextVisibleAtMs(): number | undefined {
    const now = this.#nowMs;
    let next: number | undefined;
    for (const { visibleAtMs } of this.messages)
      if (visibleAtMs > now && (next === undefined || visibleAtMs < next)) next = visibleAtMs;
    return next;
  }

  send(
    body: string,
    options: { delaySeconds?: number | undefined; priority?: number | undefined } = {},
  ): StoredMessage {
    const delaySeconds = options.delaySeconds ?? this.attributes.delaySeconds;
    const message = this.#make({ body, priority: options.priority ?? 8, delaySeconds, enqueuedAtMs: this.#nowMs });
    message.visibleAtMs = this.#nowMs + delaySeconds * 1000;
    // A delayed message can be deleted or moved by the handle that its sender gets.
    if (delaySeconds > 0) this.#newHandle(message);
    if (this.#losses > 0) {
      this.#losses -= 1;
      this.lost.push(message);
      return message;
    }
    this.#put(message);
    return message;
  }

  /** A message of another queue, at once visible, with its age. */
  adopt(message: StoredMessage, systemProperties: Record<string, string>): void {
    this.#put(this.#make({ ...message, delaySeconds: 0, systemProperties }));
  }

  /** Receives up to `count` visible messages; those over the dead-letter policy's limit move away instead. */
  take(count: number): StoredMessage[] {
    const taken: StoredMessage[] = [];
    const candidates = this.visible();
    while (taken.length < count && candidates.length > 0) {
      const message = this.#pick(candidates);
      const policy = this.deadLetterPolicy;
      if (
        policy !== undefined &&
        message.dequeueCount >= policy.maxReceiveCount &&
        this.#host.deadLetter(this, policy, message)
      ) {
        this.#messages.delete(message.sequence);
        continue;
      }
      this.#receive(message);
      taken.push(message);
    }
    return taken;
  }

  /** Up to `count` visible messages, untouched. */
  peek(count: number): StoredMessage[] {
    const candidates = this.visible();
    const seen: StoredMessage[] = [];
    while (seen.length < count && candidates.length > 0) seen.push(this.#pick(candidates));
    return seen;
  }

  /** @throws ApiError `ReceiptHandleError` for a handle that is not the last one given, `MessageNotExist` for one that has run out or whose message is gone. */
  delete(handle: string): void {
    const message = this.#byHandle(handle);
    this.#messages.delete(message.sequence);
    if (message.comesBack) this.#put(this.#copy(message));
  }

  /** Counted from now. Same errors as `delete`. */
  changeVisibility(handle: string, visibilityTimeoutSeconds: number): StoredMessage {
    const message = this.#byHandle(handle);
    message.visibleAtMs = this.#nowMs + visibilityTimeoutSeconds * 1000;
    this.#newHandle(message);
    this.wake();
    return message;
  }

  /** Waits until something may have become visible: at `untilMs`, at a change of the queue, or when the signal aborts. */
  async park(untilMs: number, signal: AbortSignal): Promise<void> {
    const wake = new AbortController();
    const leave = () => wake.abort();
    signal.addEventListener('abort', leave, { once: true });
    this.#parked.add(wake);
    await this.#host.context.clock.waitUntil(Math.min(untilMs, this.nextVisibleAtMs() ?? untilMs), wake.signal);
    this.#parked.delete(wake);
    signal.removeEventListener('abort', leave);
  }

  /** Every long poll looks again. */
  wake(): void {
    for (const parked of this.#parked) parked.abort();
    this.#parked.clear();
  }

  duplicateNext(count: number, when: 'after-delete' | 'at-once'): void {
    this.#duplicates = { left: count, when };
  }

  loseNext(count: number): void {
    this.#losses = count;
  }

  get #nowMs(): number {
    return this.#host.context.clock.nowMs();
  }

  #expire(): void {
    const deadline = this.#nowMs - this.attributes.messageRetentionPeriod * 1000;
    for (const message of this.#messages.values())
      if (message.enqueuedAtMs <= deadline) this.#messages.delete(message.sequence);
  }

  /** Frees what has outlived the retention period, also of a queue that nobody reads. Those come first that were sent first. */
  #forgetOldest(): void {
    const deadline = this.#nowMs - this.attributes.messageRetentionPeriod * 1000;
    for (const { sequence, enqueuedAtMs } of this.#messages.values()) {
      if (enqueuedAtMs > deadline) return;
      this.#messages.delete(sequence);
    }
  }

  #put(message: StoredMessage): void {
    this.#forgetOldest();
    this.#messages.set(message.sequence, message);
    this.wake();
  }

  #make(from: {
    body: string;
    priority: number;
    delaySeconds: number;
    enqueuedAtMs: number;
    systemProperties?: Record<string, string>;
  }): StoredMessage {
    const sequence = this.#host.nextSequence();
    const stripe = this.#host.order === 'fifo' ? 0 : Math.floor(this.#host.context.random() * stripes);
    return {
      sequence,
      id: `${this.#prefix}-${stripe + 1}-${hex(this.#nowMs, 11)}-${hex(0x2_0000_0000 + sequence, 9)}`,
      body: from.body,
      bodyMd5: md5(from.body),
      priority: from.priority,
      delaySeconds: from.delaySeconds,
      stripe,
      enqueuedAtMs: from.enqueuedAtMs,
      systemProperties: from.systemProperties ?? {},
      isDuplicate: false,
      firstDequeuedAtMs: undefined,
      dequeueCount: 0,
      visibleAtMs: this.#nowMs,
      handle: undefined,
      comesBack: false,
    };
  }

  #copy(message: StoredMessage): StoredMessage {
    return {
      ...message,
      sequence: this.#host.nextSequence(),
      isDuplicate: true,
      visibleAtMs: this.#nowMs,
      handle: undefined,
      comesBack: false,
    };
  }

  #receive(message: StoredMessage): void {
    message.dequeueCount += 1;
    message.firstDequeuedAtMs ??= this.#nowMs;
    if (this.#duplicates.left > 0 && !message.isDuplicate && !message.comesBack) {
      this.#duplicates.left -= 1;
      if (this.#duplicates.when === 'at-once') this.#put(this.#copy(message));
      else message.comesBack = true;
    }
    message.visibleAtMs = this.#nowMs + this.attributes.visibilityTimeout * 1000;
    this.#newHandle(message);
  }

  /** Removes and returns one of the candidates: any stripe, then the best priority in it, then any (or the oldest, if `fifo`). */
  #pick(candidates: StoredMessage[]): StoredMessage {
    const any = <T>(items: T[]): T => items[Math.floor(this.#host.context.random() * items.length)] as T;
    const present = [...new Set(candidates.map(({ stripe }) => stripe))];
    const stripe = present.length === 1 ? present[0] : any(present);
    const inStripe = candidates.filter((message) => message.stripe === stripe);
    const priority = inStripe.reduce((least, message) => Math.min(least, message.priority), 16);
    const best = inStripe.filter((message) => message.priority === priority);
    const picked = this.#host.order === 'fifo' || best.length === 1 ? (best[0] as StoredMessage) : any(best);
    candidates.splice(candidates.indexOf(picked), 1);
    return picked;
  }

  /** In the form of the documentation's examples: `1-` and base64 of four numbers. */
  #newHandle(message: StoredMessage): void {
    this.#handles += 1;
    const inner = `${message.sequence}-${Math.floor(message.visibleAtMs / 1000)}-${this.#handles}-${message.priority}`;
    message.handle = `${message.stripe + 1}-${Buffer.from(inner).toString('base64')}`;
  }

  #byHandle(handle: string): StoredMessage {
    const encoded = /^\d-([A-Za-z0-9+/]+={0,2})$/.exec(handle)?.[1] ?? '';
    const sequence = /^(\d+)-\d+-\d+-\d+$/.exec(Buffer.from(encoded, 'base64').toString('latin1'))?.[1];
    if (sequence === undefined || !this.#host.wasGiven(Number(sequence))) throw refuse('ReceiptHandleError');
    this.#expire();
    const message = this.#messages.get(Number(sequence));
    if (message === undefined) throw refuse('MessageNotExist');
    if (message.handle !== handle) throw refuse('ReceiptHandleError');
    // https://help.aliyun.com/zh/mns/message-not-exist-appears-when-you-delete-a-message-in-mns says so of a handle that has run out.
    if (message.visibleAtMs <= this.#nowMs) throw refuse('MessageNotExist');
    return message;
  }
}
