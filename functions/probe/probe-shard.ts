import { OutOfTimeError } from '../../shared/budget.ts';
import { inParallel } from '../../shared/in-parallel.ts';
import type { AfterObservation } from '../../shared/probe/after-observation.ts';
import { declaredCalls } from '../../shared/probe/declared.ts';
import { defaultLimits, type RequestLimits } from '../../shared/probe/request-target.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Leases } from '../../shared/store/leases.ts';
import { frontCalls } from '../../shared/watch/look-up-front.ts';
import type { ShardMessage } from './messages.ts';
import { probeDeployment } from './probe-deployment.ts';
import { allowanceOf, RateBudget } from './rate-budget.ts';
import { firstAt } from '../../shared/first-at.ts';

/** A tick that comes later than this is worth nothing: the next one has begun. */
export const longestDelayMs = 60_000;

/** Longer than the function may run (30 s), so that a lease ends only behind its holder. */
const leaseMs = 40_000;

/** No probe is begun with less time left than its requests may take. */
const probeMs = defaultLimits.probeTimeoutMs;

const parallelTargets = 25;

export interface ShardReport {
  probed: number;
  /** Instances that were asked, and answer later. */
  asked: number;
  skipped: number;
  failed: number;
  /** Not begun, or given up, for lack of time. */
  left: number;
  dropped?: 'late' | 'busy';
}

export interface ShardParts {
  /** Tells this run from others. */
  holder: string;
  after: AfterObservation;
  limits?: RequestLimits | undefined;
}

/** Probes the deployments of one shard, unless the tick is stale, was begun already, or the one before still runs. */
export async function probeShard(runtime: Runtime, message: ShardMessage, parts: ShardParts): Promise<ShardReport> {
  const report: ShardReport = { probed: 0, asked: 0, skipped: 0, failed: 0, left: 0 };
  const { tickMs, shard, shards, deploymentIds } = message;
  const nowMs = runtime.clock.nowMs();
  const { holder } = parts;
  if (nowMs - tickMs > longestDelayMs) return dropped(runtime, message, report, 'late');
  const leases = new Leases(runtime.rows);
  const name = `probe-shard-${shard}`;
  if (!(await leases.take(name, { holder, tickMs, nowMs, untilMs: nowMs + leaseMs })))
    return dropped(runtime, message, report, 'busy');
  try {
    const budget = new RateBudget(
      allowanceOf(message, runtime.config.probeDeclaredPerSecond, Math.max(declaredCalls, frontCalls)),
    );
    // None is always the last when time or API calls run short.
    const first = firstAt(tickMs, deploymentIds.length);
    const left = await inParallel(
      [...deploymentIds.slice(first), ...deploymentIds.slice(0, first)],
      { limit: parallelTargets, budget: runtime.budget.before(probeMs) },
      (id) => probeOne(runtime, id, { ...parts, budget }, report),
    );
    report.left += left.length;
  } finally {
    await leases.release(name, { holder, tickMs });
  }
  runtime.log(report.left > 0 ? 'warn' : 'info', 'probed a shard', { shard, shards, ...report });
  return report;
}

async function probeOne(
  runtime: Runtime,
  deploymentId: string,
  parts: Parameters<typeof probeDeployment>[2],
  report: ShardReport,
): Promise<void> {
  try {
    const observation = await probeDeployment(runtime, deploymentId, parts);
    if (observation === undefined) report.skipped += 1;
    else if (observation === 'asked') report.asked += 1;
    else report.probed += 1;
  } catch (error) {
    if (error instanceof OutOfTimeError) {
      report.left += 1;
      return;
    }
    report.failed += 1;
    runtime.log('error', 'could not probe a deployment', {
      deploymentId,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

function dropped(
  runtime: Runtime,
  { shard, tickMs }: ShardMessage,
  report: ShardReport,
  reason: 'late' | 'busy',
): ShardReport {
  runtime.log('warn', 'a tick is dropped', { shard, tick: new Date(tickMs).toISOString(), reason });
  return { ...report, dropped: reason };
}
