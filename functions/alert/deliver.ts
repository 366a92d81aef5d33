import { createHash } from 'node:crypto';
import type { Channel } from '../../shared/alert/channel.ts';
import { limitsOf, readAnswer, requestFor, waitMs } from '../../shared/alert/channel-kinds.ts';
import type { Notification } from '../../shared/alert/notification.ts';
import { post } from '../../shared/alert/post.ts';
import { alertMessage } from '../../shared/alert/record-change.ts';
import { alertQueue } from '../../shared/pipeline.ts';
import { retryDelayMs } from '../../shared/retry.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { NoticeRow } from '../../shared/store/alerts.ts';
import type { Delivery } from '../../shared/store/channels.ts';

/** All that a tick has to tell goes into one message: two within this time would be two of one tick. */
const gapMs = 30_000;
/** What could not be told within this time is not worth telling any more. */
const longestMs = 24 * 3_600_000;
const hourMs = 3_600_000;
const mostAtOnce = 200;
const busyMs = 5000;

export interface DeliveryReport {
  pending: number;
  sent: number;
  refused: number;
}

type Result = 'idle' | 'sent' | 'refused' | 'waits';

/**
 * Tells each channel, in one message, all that it has not been told. What a channel refuses, or may not be sent yet, is
 * tried again by a delayed message of the queue; one at most is under way per channel.
 *
 * @param runId - tells invocations apart: only one at a time is at a channel.
 */
export async function deliver(runtime: Runtime, runId: string): Promise<DeliveryReport> {
  const channels = await channelsOf(runtime);
  const report: DeliveryReport = { pending: 0, sent: 0, refused: 0 };
  const results = await Promise.all(channels.map((channel) => deliverTo(runtime, channel, runId)));
  report.sent = results.filter((result) => result === 'sent').length;
  report.refused = results.filter((result) => result === 'refused').length;
  const pending = await runtime.notices.pending(mostAtOnce);
  if (channels.length === 0 && pending.length > 0)
    runtime.log('warn', 'alerts are told to nobody: there is no channel', { notices: pending.length });
  for (const row of pending)
    if (channels.every(({ name }) => Object.hasOwn(row.taken, name))) await runtime.notices.archive(row);
    else report.pending += 1;
  return report;
}

/** Those of the environment, and those of the store that have other names. */
async function channelsOf(runtime: Runtime): Promise<Channel[]> {
  const { alertChannels } = runtime.config;
  const { channels, refused } = await runtime.channels.list();
  for (const name of refused) runtime.log('error', 'a row of the table channels is no channel', { channel: name });
  return [...alertChannels, ...channels.filter(({ name }) => !alertChannels.some((channel) => channel.name === name))];
}

async function deliverTo(runtime: Runtime, channel: Channel, runId: string): Promise<Result> {
  const { clock, config } = runtime;
  const nowMs = clock.nowMs();
  let isOurs = false;
  const delivery = await runtime.channels.delivery(channel.name, (before) => {
    isOurs = before.lease === undefined || before.lease.untilMs <= nowMs || before.lease.id === runId;
    return isOurs ? { ...before, lease: { id: runId, untilMs: nowMs + config.leaseMs } } : undefined;
  });
  const due = (await runtime.notices.pending(mostAtOnce)).filter(({ taken }) => !Object.hasOwn(taken, channel.name));
  // The other may have looked before what brought us here was there. Where nothing is, runs that meet must not wake each other.
  if (!isOurs) return due.length === 0 ? 'idle' : await wakeAt(runtime, channel, nowMs + busyMs);
  const old = due.filter(({ atMs }) => atMs + longestMs <= nowMs);
  for (const row of old) {
    runtime.log('error', 'an alert could not be told', { channel: channel.name, change: row.notice.change.id });
    await runtime.notices.markTaken(row.notice.change.id, channel.name, nowMs);
  }
  const fresh = due.filter((row) => !old.includes(row));
  const limitMs = waitMs([...limitsOf(channel), { count: 1, perMs: gapMs }], delivery.sentAtMs, nowMs);
  const notBeforeMs = nowMs + Math.max(limitMs, (delivery.retryAtMs ?? 0) - nowMs, 0);
  if (fresh.length === 0 || notBeforeMs > nowMs) {
    await release(runtime, channel, runId, (mine) => mine);
    return fresh.length === 0 ? 'idle' : await wakeAt(runtime, channel, notBeforeMs);
  }
  return await send(runtime, channel, runId, fresh);
}

async function send(runtime: Runtime, channel: Channel, runId: string, rows: NoticeRow[]): Promise<Result> {
  const nowMs = runtime.clock.nowMs();
  const notification: Notification = {
    id: messageIdOf(rows),
    atMs: nowMs,
    notices: rows.map(({ notice }) => ({ ...notice, change: { ...notice.change, atMs: nowMs } })),
  };
  const answer = await post(requestFor(channel, notification)).then(
    (got) => readAnswer(channel, got),
    (error: unknown) => ({ ok: false as const, reason: error instanceof Error ? error.message : 'no answer' }),
  );
  if (answer.ok) {
    for (const row of rows) await runtime.notices.markTaken(row.notice.change.id, channel.name, nowMs);
    await release(runtime, channel, runId, ({ retryAtMs: _retryAtMs, ...mine }) => ({
      ...mine,
      failures: 0,
      sentAtMs: [...mine.sentAtMs.filter((ms) => ms > nowMs - hourMs), nowMs],
    }));
    if (rows.length === mostAtOnce) await wakeAt(runtime, channel, nowMs + gapMs);
    runtime.log('info', 'told', { channel: channel.name, notification: notification.id, changes: rows.length });
    return 'sent';
  }
  let retryAtMs = nowMs;
  await release(runtime, channel, runId, (mine) => {
    const hintMs = 'retryAfterMs' in answer ? answer.retryAfterMs : undefined;
    const limits = { baseMs: 10_000, capMs: hourMs, random: () => 1, hintMs: Math.min(hintMs ?? 0, hourMs) };
    retryAtMs = nowMs + retryDelayMs(mine.failures + 1, limits);
    return { ...mine, failures: mine.failures + 1, retryAtMs };
  });
  runtime.log('error', 'a channel refused a message', { channel: channel.name, reason: answer.reason });
  await wakeAt(runtime, channel, retryAtMs);
  return 'refused';
}

/** The same for the same changes: a repeat after a crash is known by it. */
const messageIdOf = (rows: NoticeRow[]): string =>
  createHash('sha256')
    .update(rows.map(({ notice }) => notice.change.id).join(' '))
    .digest('hex')
    .slice(0, 16);

async function release(
  runtime: Runtime,
  channel: Channel,
  runId: string,
  change: (delivery: Delivery) => Delivery,
): Promise<void> {
  await runtime.channels.delivery(channel.name, (before) => {
    const { lease, ...rest } = before;
    return lease?.id === runId ? change(rest) : undefined;
  });
}

/** Sends a message that comes then, unless one does so already; what becomes of it, the sweep looks after. */
async function wakeAt(runtime: Runtime, channel: Channel, atMs: number): Promise<'waits'> {
  const nowMs = runtime.clock.nowMs();
  let isNeeded = false;
  await runtime.channels.delivery(channel.name, (before) => {
    isNeeded = before.wakeAtMs === undefined || before.wakeAtMs <= nowMs || before.wakeAtMs > atMs + 1000;
    return isNeeded ? { ...before, wakeAtMs: atMs } : undefined;
  });
  if (isNeeded) await runtime.queues.send(alertQueue, alertMessage, Math.max(0, atMs - nowMs));
  return 'waits';
}
