import type { Channel } from '../../shared/alert/channel.ts';
import { valueAt } from '../../shared/dictionary.ts';
import { inParallel } from '../../shared/in-parallel.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { isSettled, withOutcomes } from '../../shared/store/alerts.ts';
import { afterNoting } from './after-answer.ts';
import { deliverTo } from './deliver-to-channel.ts';

const parallelNotices = 10;

export interface DeliveryReport {
  pending: number;
  /** Messages that were taken. */
  sent: number;
  /** Messages that were not. */
  refused: number;
}

/**
 * Sends each channel what it has not been sent. What a channel refuses, or may not be sent yet, is tried again by a
 * delayed message of the queue; no channel holds up another.
 *
 * @param runId - tells invocations apart: only one at a time is at a channel.
 * @throws what went wrong with a channel, once the others are served.
 */
export async function deliver(runtime: Runtime, runId: string): Promise<DeliveryReport> {
  const channels = await channelsOf(runtime);
  const results = await Promise.allSettled(channels.map((channel) => deliverTo(runtime, channel, runId)));
  const reports = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const report: DeliveryReport = {
    pending: 0,
    sent: reports.reduce((sum, { sent }) => sum + sent, 0),
    refused: reports.reduce((sum, { refused }) => sum + refused, 0),
  };
  report.pending = await settle(runtime, channels);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return report;
}

/**
 * Writes into the notices what became of them in the channels, and archives those that are done with. What a run before
 * has left is done too.
 *
 * @returns how many are left.
 */
async function settle(runtime: Runtime, channels: Channel[]): Promise<number> {
  // In this order: a notice that one of these knows of is among the pending, or was and is done with.
  const deliveries = await runtime.channels.deliveries();
  const pending = await runtime.notices.pending();
  if (channels.length === 0 && pending.length > 0)
    runtime.log('warn', 'alerts are told to nobody: there is no channel', { notices: pending.length });
  let left = 0;
  const unlooked = await inParallel(pending, { limit: parallelNotices, budget: runtime.budget }, async (row) => {
    const { id } = row.notice.change;
    const outcomes = new Map(
      [...deliveries].flatMap(([name, delivery]) => {
        const outcome = valueAt(delivery.outcomes ?? {}, id);
        return outcome === undefined ? [] : [[name, outcome] as const];
      }),
    );
    const after = withOutcomes(row, outcomes);
    if (channels.every(({ name }) => isSettled(after, name))) await runtime.notices.archive(after);
    else {
      left += 1;
      if (after !== row) await runtime.notices.note(id, outcomes);
    }
  });
  for (const [name, { outcomes = {} }] of deliveries)
    // A channel that is none any more does not fail.
    if (channels.every((channel) => channel.name !== name)) await runtime.channels.forget(name);
    else if (Object.keys(outcomes).length > 0)
      await runtime.channels.delivery(name, (delivery) => afterNoting(delivery, outcomes));
  return left + unlooked.length;
}

/** Those of the environment, and those of the store that have other names. */
async function channelsOf(runtime: Runtime): Promise<Channel[]> {
  const { alertChannels } = runtime.config;
  const { channels, forms, refused } = await runtime.channels.list();
  for (const { name, reason } of refused)
    runtime.log('error', 'a row of the table channels is no channel', { channel: name, reason });
  for (const [name, form] of forms)
    if (form === 'plain')
      runtime.log('warn', 'a row of the table channels holds its secret unencrypted', { channel: name });
  return [...alertChannels, ...channels.filter(({ name }) => !alertChannels.some((channel) => channel.name === name))];
}
