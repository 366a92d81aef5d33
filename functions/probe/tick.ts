import { isAhead } from '../../shared/ahead.ts';
import { inParallel } from '../../shared/in-parallel.ts';
import { probeQueue } from '../../shared/pipeline.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Leases } from '../../shared/store/leases.ts';
import type { ShardMessage } from './messages.ts';
import { longestDelayMs, probeShard, type ShardParts, type ShardReport } from './probe-shard.ts';

export interface TickReport {
  deployments: number;
  /** Shards that went out over the queue. */
  sent: number;
  /** Shards that did not: their deployments are probed at the next tick. */
  unsent: number;
  own?: ShardReport;
  dropped?: 'late' | 'early' | 'repeated';
}

/** How long the walk over the active deployments and the sending may take. */
const walkMs = 25_000;

/** One after the other, the messages of many shards would take longer than the function may. */
const parallelSends = 20;

/** One tick of the timer: the first shard is probed here, while all others go out over the queue. */
export async function tick(runtime: Runtime, tickMs: number, parts: ShardParts): Promise<TickReport> {
  const nowMs = runtime.clock.nowMs();
  const report: TickReport = { deployments: 0, sent: 0, unsent: 0 };
  // Late ticks are not made up for: what they would have seen is gone (P-154).
  if (nowMs - tickMs > longestDelayMs) return dropped(runtime, report, tickMs, 'late');
  if (isAhead(tickMs, nowMs)) return dropped(runtime, report, tickMs, 'early');
  const leases = new Leases(runtime.rows);
  const { holder } = parts;
  if (!(await leases.take('probe-tick', { holder, tickMs, nowMs, untilMs: nowMs + walkMs })))
    return dropped(runtime, report, tickMs, 'repeated');
  const shards = shardsOf(await runtime.active.all(), tickMs, runtime.config.probeShardSize);
  report.deployments = shards.reduce((sum, { deploymentIds }) => sum + deploymentIds.length, 0);
  const [own, ...others] = shards;
  const sending = sendShards(runtime, others, report);
  try {
    if (own !== undefined) report.own = await probeShard(runtime, own, parts);
  } finally {
    await sending;
  }
  await leases.release('probe-tick', { holder, tickMs });
  return report;
}

/** Never throws. */
async function sendShards(runtime: Runtime, messages: ShardMessage[], report: TickReport): Promise<void> {
  const left = await inParallel(messages, { limit: parallelSends, budget: runtime.budget }, async (message) => {
    try {
      await runtime.queues.send(probeQueue, message);
      report.sent += 1;
    } catch (error) {
      report.unsent += 1;
      runtime.log('error', 'could not send a shard', {
        shard: message.shard,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  });
  report.unsent += left.length;
}

export function shardsOf(deploymentIds: string[], tickMs: number, size: number): ShardMessage[] {
  const shards = Math.ceil(deploymentIds.length / size);
  return Array.from({ length: shards }, (_, shard) => ({
    v: 1,
    kind: 'shard',
    tickMs,
    shard,
    shards,
    deploymentIds: deploymentIds.slice(shard * size, (shard + 1) * size),
  }));
}

function dropped(
  runtime: Runtime,
  report: TickReport,
  tickMs: number,
  reason: TickReport['dropped'] & string,
): TickReport {
  runtime.log('warn', 'a tick is dropped', { tick: new Date(tickMs).toISOString(), reason });
  return { ...report, dropped: reason };
}
