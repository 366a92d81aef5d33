import { createHash } from 'node:crypto';
import { isAhead } from '../../shared/ahead.ts';
import type { Channel, Delivered } from '../../shared/alert/channel.ts';
import { firstPortion, limitsOf, messageOf, readAnswer } from '../../shared/alert/channel-kinds.ts';
import type { Notice } from '../../shared/alert/notification.ts';
import { post } from '../../shared/alert/post.ts';
import { alertMessage } from '../../shared/alert/record-change.ts';
import { waitMs } from '../../shared/rate-limit.ts';
import { alertQueue } from '../../shared/pipeline.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { isSettled, type NoticeRow } from '../../shared/store/alerts.ts';
import type { Delivery } from '../../shared/store/channels.ts';
import { longestRetryMs, afterFailure, afterLoss, afterTaken } from './after-answer.ts';
import { mostUrgentFirst } from './urgency.ts';

/** What a tick has to tell goes out together: what begins within this time after it waits for the next. */
const gapMs = 30_000;
/** What could not be sent within this time is not worth sending any more. */
const longestMs = 24 * 3_600_000;
const busyMs = 5000;
/** No message is begun with less time left: one that is not answered takes five seconds, and the rows take their time. */
const leastMs = 10_000;

export interface ChannelReport {
  sent: number;
  refused: number;
}

/** One run at one channel. It holds the lease of the channel's row, and each of its writes says so. */
class Run {
  readonly #runtime: Runtime;
  readonly #channel: Channel;
  readonly #runId: string;
  readonly report: ChannelReport = { sent: 0, refused: 0 };

  constructor(runtime: Runtime, channel: Channel, runId: string) {
    this.#runtime = runtime;
    this.#channel = channel;
    this.#runId = runId;
  }

  get #nowMs(): number {
    return this.#runtime.clock.nowMs();
  }

  /** @returns undefined while another run is at the channel. */
  async begin(): Promise<Delivery | undefined> {
    const nowMs = this.#nowMs;
    let isOurs = false;
    const delivery = await this.#runtime.channels.delivery(this.#channel.name, (before) => {
      const { lease } = before;
      const isOver = lease === undefined || lease.untilMs <= nowMs;
      isOurs = isOver || isAhead(lease.untilMs, nowMs + this.#runtime.config.leaseMs) || lease.id === this.#runId;
      return isOurs ? { ...withoutAhead(before, nowMs), type: this.#channel.type, lease: this.#lease() } : undefined;
    });
    return isOurs ? delivery : undefined;
  }

  async end(): Promise<void> {
    await this.#write(({ lease: _lease, ...rest }) => rest);
  }

  /** Gives up what is too old. */
  async giveUpOld(rows: NoticeRow[]): Promise<NoticeRow[]> {
    const old = rows.filter(({ atMs }) => atMs + longestMs <= this.#nowMs);
    if (old.length > 0) await this.#giveUp(old, 'it could not be sent for a day');
    return rows.filter((row) => !old.includes(row));
  }

  /**
   * Sends the first of the rows that go out now.
   *
   * @returns the channel's row afterwards, and the rows that are left.
   */
  async send(
    delivery: Delivery,
    rows: NoticeRow[],
    due: NoticeRow[],
  ): Promise<{ delivery: Delivery; rows: NoticeRow[] }> {
    const { name } = this.#channel;
    const nowMs = this.#nowMs;
    const repeated = repeatOf(delivery, rows);
    // A repeat says word for word what may have been taken.
    const atMs = repeated === undefined ? nowMs : repeated.atMs;
    const all = (repeated?.rows ?? mostUrgentFirst(due, delivery.rejected)).map((row) => ({
      row,
      notice: noticeAt(row, atMs),
    }));
    const whole = { id: messageIdOf([]), atMs: nowMs, notices: all.map(({ notice }) => notice) };
    const { most } = batchOf(delivery, nowMs);
    const { notices, room, isSmallest } = firstPortion(this.#channel, whole, most);
    const sent = all.slice(0, notices.length).map(({ row }) => row);
    const id = messageIdOf(sent);
    const request = messageOf(this.#channel, { id, atMs: nowMs, notices }, room);
    const changes = changesOf(sent);
    const sending = { id, atMs, changes };
    await this.#write(({ most: _most, ...mine }) => ({
      ...mine,
      ...batchOf(delivery, nowMs),
      sending,
      lease: this.#lease(),
    }));
    const answer = await this.#runtime.budget
      .within(`channel ${name}`, () => post(request))
      .then(
        (got) => readAnswer(this.#channel, got),
        (error: unknown): Delivered => ({
          ok: false,
          failure: 'unanswered',
          reason: error instanceof Error ? error.message : 'no answer',
        }),
      );
    if (answer.ok) {
      this.report.sent += 1;
      const after = await this.#write((mine) => afterTaken(mine, changes, this.#nowMs));
      this.#runtime.log('info', 'told', { channel: name, notification: id, changes: sent.length });
      return { delivery: after, rows: rows.filter((row) => !sent.includes(row)) };
    }
    this.report.refused += 1;
    this.#runtime.log('error', 'a channel refused a message', { channel: name, reason: answer.reason });
    const after = await this.#write((mine) => afterFailure(mine, answer, { load: request.load, changes }, this.#nowMs));
    if (answer.failure === 'too-large' && isSmallest) {
      await this.#giveUp(sent, answer.reason);
      return { delivery: after, rows: rows.filter((row) => !sent.includes(row)) };
    }
    return { delivery: after, rows };
  }

  async #giveUp(rows: NoticeRow[], reason: string): Promise<void> {
    const changes = changesOf(rows);
    for (const change of changes)
      this.#runtime.log('error', 'an alert could not be sent', { channel: this.#channel.name, change, reason });
    await this.#write((mine) => afterLoss(mine, changes, reason, this.#nowMs));
  }

  #lease(): { id: string; untilMs: number } {
    return { id: this.#runId, untilMs: this.#nowMs + this.#runtime.config.leaseMs };
  }

  /** @throws Error when another run has taken over: this one must not go on. */
  async #write(change: (mine: Delivery) => Delivery): Promise<Delivery> {
    let isOurs = false;
    const after = await this.#runtime.channels.delivery(this.#channel.name, (before) => {
      isOurs = before.lease?.id === this.#runId;
      return isOurs ? change(before) : undefined;
    });
    if (!isOurs) throw new Error(`channel ${this.#channel.name}: the lease ran out`);
    return after;
  }
}

/** Without the instants that would hold the channel up for as long as a clock was ahead. */
function withoutAhead({ sentAtMs, retryAtMs, batchAtMs, ...rest }: Delivery, nowMs: number): Delivery {
  return {
    ...rest,
    sentAtMs: sentAtMs.filter((ms) => !isAhead(ms, nowMs)),
    ...(retryAtMs === undefined || isAhead(retryAtMs, nowMs + longestRetryMs) ? {} : { retryAtMs }),
    ...(batchAtMs === undefined || isAhead(batchAtMs, nowMs) ? {} : { batchAtMs }),
  };
}

/** Sends a channel what is pending for it, as far as it takes it now; a delayed message of the queue brings the rest. */
export async function deliverTo(runtime: Runtime, channel: Channel, runId: string): Promise<ChannelReport> {
  const { clock } = runtime;
  const run = new Run(runtime, channel, runId);
  const begun = await run.begin();
  const pending = (await runtime.notices.pending()).filter((row) => !isSettled(row, channel.name));
  if (begun === undefined) {
    // The other may have looked before what brought us here was there. Where nothing is, runs that meet must not wake each other.
    if (pending.length > 0) await wakeAt(runtime, channel, clock.nowMs() + busyMs);
    return run.report;
  }
  let delivery = begun;
  const outcomes = delivery.outcomes ?? {};
  let rows = await run.giveUpOld(pending.filter(({ notice }) => !Object.hasOwn(outcomes, notice.change.id)));
  let nextMs: number | undefined;
  while (rows.length > 0 && nextMs === undefined) {
    const nowMs = clock.nowMs();
    const { due, notBeforeMs } = whatIsDue(channel, delivery, rows, nowMs);
    if (notBeforeMs > nowMs || runtime.budget.leftMs < leastMs) nextMs = Math.max(notBeforeMs, nowMs);
    else ({ delivery, rows } = await run.send(delivery, rows, due));
  }
  await run.end();
  if (nextMs !== undefined) await wakeAt(runtime, channel, nextMs);
  return run.report;
}

/** What goes out next, and when at the earliest. */
function whatIsDue(
  channel: Channel,
  delivery: Delivery,
  rows: NoticeRow[],
  nowMs: number,
): { due: NoticeRow[]; notBeforeMs: number } {
  const { sentAtMs, retryAtMs = 0 } = delivery;
  const batchAtMs = batchOf(delivery, nowMs).batchAtMs;
  const due = rows.filter(({ atMs }) => atMs <= batchAtMs || isAhead(atMs, nowMs));
  const allowedMs = Math.max(nowMs + waitMs(limitsOf(channel), sentAtMs, nowMs), retryAtMs);
  const isAny = due.length > 0 || repeatOf(delivery, rows) !== undefined;
  return { due, notBeforeMs: isAny ? allowedMs : Math.max(allowedMs, batchAtMs + gapMs) };
}

/**
 * The messages that belong together: those of now, or of a moment ago. What a channel refused is tried again in its full
 * size in the next, once it has taken less.
 */
function batchOf(delivery: Delivery, nowMs: number): Pick<Delivery, 'most'> & { batchAtMs: number } {
  const { batchAtMs, sentAtMs, failures, most } = delivery;
  const begunMs = batchAtMs ?? sentAtMs.at(-1) ?? Number.NEGATIVE_INFINITY;
  const isNew = begunMs + gapMs <= nowMs;
  return {
    batchAtMs: isNew ? nowMs : begunMs,
    ...(most === undefined || (isNew && failures === 0) ? {} : { most }),
  };
}

/** The message of which nobody knows whether it was taken, if all of it is still to be sent. */
function repeatOf({ sending }: Delivery, rows: NoticeRow[]): { rows: NoticeRow[]; atMs: number } | undefined {
  if (sending === undefined) return undefined;
  const same = sending.changes.flatMap((id) => rows.find(({ notice }) => notice.change.id === id) ?? []);
  return same.length === sending.changes.length ? { rows: same, atMs: sending.atMs } : undefined;
}

const changesOf = (rows: NoticeRow[]): string[] => rows.map(({ notice }) => notice.change.id);

const noticeAt = ({ notice }: NoticeRow, atMs: number): Notice => ({ ...notice, change: { ...notice.change, atMs } });

/** The same for the same changes: a repeat after a crash is known by it. */
const messageIdOf = (rows: NoticeRow[]): string =>
  createHash('sha256').update(changesOf(rows).join(' ')).digest('hex').slice(0, 16);

/** Sends a message that comes then, unless one does so already; what becomes of it, the sweep looks after. */
async function wakeAt(runtime: Runtime, channel: Channel, atMs: number): Promise<void> {
  const nowMs = runtime.clock.nowMs();
  let isNeeded = false;
  await runtime.channels.delivery(channel.name, (before) => {
    isNeeded = before.wakeAtMs === undefined || before.wakeAtMs <= nowMs || before.wakeAtMs > atMs + 1000;
    return isNeeded ? { ...before, wakeAtMs: atMs } : undefined;
  });
  if (isNeeded) await runtime.queues.send(alertQueue, alertMessage, Math.max(0, atMs - nowMs));
}
