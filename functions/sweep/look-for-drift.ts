import { isAhead } from '../../shared/ahead.ts';
import { recordForAlerts } from '../../shared/alert/record-change.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { AlertRow } from '../../shared/store/alerts.ts';
import { type Watched, watchedDeployment } from '../../shared/watch/watched.ts';
import { findDrift } from '../drift.ts';

/** While an alert lasts, since what differs is likely its cause; else now and then. */
const soonMs = 5 * 60_000;
const seldomMs = 60 * 60_000;

/** Comparisons of one sweep: each asks the cloud some twenty times. */
export const mostComparisons = 3;

/** Whether it is time to compare the deployment with what stands in the cloud. What is being mended is not compared. */
export function isDriftDue(
  record: DeploymentRecord,
  { sinceMs, alerts }: Watched,
  row: AlertRow | undefined,
  nowMs: number,
): boolean {
  if (sinceMs === undefined || record.status === 'repairing' || !alerts.rules.drift.isEnabled) return false;
  const conditions = Object.values(row?.state.conditions ?? {});
  const isFiring = conditions.some(({ kind, isFiring: fires }) => fires && kind !== 'no-observation');
  const lastMs = row?.state.driftLookedAtMs;
  if (isFiring && (lastMs === undefined || conditions.some(({ firedAtMs = 0 }) => firedAtMs > lastMs))) return true;
  const beganMs = lastMs ?? sinceMs;
  return nowMs - beganMs >= (isFiring ? soonMs : seldomMs) || isAhead(beganMs, nowMs);
}

/**
 * Compares, and lets the alerts know. What cannot be compared, or is on its way, says nothing, and is not tried again at
 * once.
 */
export async function lookForDrift(runtime: Runtime, record: DeploymentRecord): Promise<void> {
  const { deploymentId } = record;
  const told = await findDrift(runtime, record).then(
    ({ differences, undecided }) => {
      const unreported = differences.filter(({ hasOwnAlert = false }) => !hasOwnAlert);
      return unreported.length > 0 || undecided.length === 0
        ? unreported.map(({ stage, message }) => `${stage}: ${message}`)
        : undefined;
    },
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      runtime.log('warn', 'could not compare with what stands in the cloud', { deploymentId, reason });
      return undefined;
    },
  );
  const atMs = runtime.clock.nowMs();
  await recordForAlerts(runtime, watchedDeployment(record), { type: 'drift', differences: told, atMs });
}
