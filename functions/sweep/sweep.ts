import { messageVersion } from '../../shared/messages.ts';
import { lostMessages, resent } from '../../shared/deployment/lost-messages.ts';
import { messageOf } from '../../shared/deployment/transitions.ts';
import { actionOf } from '../../shared/deployment/progress.ts';
import type { DeploymentRecord, PlannedMessage, ProgressState } from '../../shared/deployment/record.ts';
import { batches } from '../../shared/alibaba/pages.ts';
import { firstAt } from '../../shared/first-at.ts';
import { inParallel } from '../../shared/in-parallel.ts';
import { queueOf } from '../../shared/pipeline.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { AlertRow } from '../../shared/store/alerts.ts';
import { ulidTimeMs } from '../../shared/ulid.ts';
import { type Watched, watchedDeployment, watchedOnly } from '../../shared/watch/watched.ts';
import { isKeepAliveDue, keepStreamsAlive } from './keep-alive.ts';
import { isDriftDue, lookForDrift, mostComparisons } from './look-for-drift.ts';
import { wakeAlerts, watchAlerts } from './watch.ts';
import { watchChannels } from './watch-channels.ts';

export interface SweepReport {
  looked: number;
  /** Messages that were sent again: a first one that never arrived, a wait that is overdue, a turn whose lease ran out. */
  lost: number;
  overdue: number;
  staleLeases: number;
  /** Compared with what stands in the cloud. */
  compared: number;
  /** Taken off the list, since nothing is left of them. */
  removed: number;
  failed: number;
  /** Not looked at for lack of time: a later sweep begins with others. */
  left: number;
}

/** Each is a few reads of the store; one after the other, a thousand would take longer than the function may. */
const parallelLooks = 10;

/** Deployments whose alerts are read at once. */
const pageSize = 100;

/**
 * Walks what is active: messages that must have been lost go out again, what is released or watched no more is taken off the
 * list, and what nobody has observed for too long is an alert, as is a channel of alerts that fails. Comparisons, which ask
 * the cloud, come last and take what time is left.
 */
export async function sweep(runtime: Runtime): Promise<SweepReport> {
  const report: SweepReport = {
    looked: 0,
    lost: 0,
    overdue: 0,
    staleLeases: 0,
    compared: 0,
    removed: 0,
    failed: 0,
    left: 0,
  };
  const { budget, clock } = runtime;
  const due: DeploymentRecord[] = [];
  const active = await runtime.active.all();
  const pages = batches(active, pageSize);
  // None is always the last when time runs short.
  const first = firstAt(clock.nowMs(), pages.length);
  for (const ids of [...pages.slice(first), ...pages.slice(0, first)]) {
    if (budget.isSpent) {
      report.left += ids.length;
      continue;
    }
    const alerts = await runtime.alerts.between(ids[0] ?? '', ids.at(-1) ?? '');
    const left = await inParallel(ids, { limit: parallelLooks, budget }, async (deploymentId) => {
      report.looked += 1;
      try {
        const record = await sweepOne(runtime, deploymentId, alerts.get(deploymentId), report);
        if (record !== undefined) due.push(record);
      } catch (error) {
        report.failed += 1;
        runtime.log('error', 'could not sweep a deployment', {
          deploymentId,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    });
    report.left += left.length;
  }
  await wakeAlerts(runtime, await watchChannels(runtime));
  await runtime.quotas.prune(new Set(active), clock.nowMs(), 2 * runtime.config.lostAfterMs);
  if (isKeepAliveDue(clock.nowMs())) await keepStreamsAlive(runtime);
  await inParallel(due.slice(0, mostComparisons), { limit: 1, budget }, async (record) => {
    report.compared += 1;
    await lookForDrift(runtime, record);
  });
  runtime.log(report.left > 0 ? 'warn' : 'info', 'swept', { ...report });
  return report;
}

const kinds: Partial<Record<ProgressState, 'lost' | 'overdue' | 'staleLeases'>> = {
  queued: 'lost',
  waiting: 'overdue',
  running: 'staleLeases',
};

/** @returns the record, where it is time to compare it with what stands in the cloud. */
async function sweepOne(
  runtime: Runtime,
  deploymentId: string,
  alerts: AlertRow | undefined,
  report: SweepReport,
): Promise<DeploymentRecord | undefined> {
  const { config, clock } = runtime;
  let lost: PlannedMessage[] = [];
  const nowMs = clock.nowMs();
  // The record is marked first, so that two sweeps at once do not both send.
  const record = await runtime.deployments.update(deploymentId, (current) => {
    lost = lostMessages(current, nowMs, config.lostAfterMs);
    return lost.length === 0 ? undefined : resent(current, lost, nowMs);
  });
  const watched = record === undefined ? await watchOf(runtime, deploymentId) : watchedDeployment(record);
  // Listed, but its record is still to come, or never came: its request has been accepted a moment ago at the most.
  if (watched === undefined && ulidTimeMs(deploymentId) + 2 * config.lostAfterMs > nowMs) return undefined;
  if (watched !== undefined) await watchAlerts(runtime, watched, alerts);
  if (watched === undefined || watched.isOver) {
    await runtime.active.remove(deploymentId);
    report.removed += 1;
    return undefined;
  }
  if (record === undefined) return undefined;
  for (const planned of lost) {
    await runtime.queues.send(
      queueOf(planned.stage, runtime.config.stageQueue),
      messageOf(record, planned, messageVersion),
    );
    report[kinds[record.stages[planned.stage][actionOf(record)].state] ?? 'lost'] += 1;
  }
  return isDriftDue(record, watched, alerts, nowMs) ? record : undefined;
}

async function watchOf(runtime: Runtime, id: string): Promise<Watched | undefined> {
  const watch = await runtime.watches.find(id);
  return watch === undefined ? undefined : watchedOnly(watch);
}
