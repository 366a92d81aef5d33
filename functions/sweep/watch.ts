import { recordForAlerts, alertMessage, alertSettingsOf } from '../../shared/alert/record-change.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { alertQueue } from '../../shared/pipeline.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { AlertRow } from '../../shared/store/alerts.ts';

/** A tick may come late, and a probe takes its time. */
const patienceMs = 20_000;

/**
 * What alerts need though nothing is observed: the dead man's switch, what was put off, what a crash left in the outbox,
 * and the end of all alerts of a load balancer that is on its way out.
 */
export async function watchAlerts(
  runtime: Runtime,
  record: DeploymentRecord,
  row: AlertRow | undefined,
): Promise<void> {
  const { deploymentId } = record;
  if (record.desired === 'released') {
    if (row === undefined) return;
    const after = await recordForAlerts(
      runtime,
      deploymentId,
      { type: 'closed', reason: 'it is being released' },
      record,
    );
    const isSettled = after?.outbox.length === 0 && record.status !== 'releasing';
    if (isSettled) await runtime.alerts.remove(deploymentId);
    return;
  }
  if (record.readyAtMs === undefined || !['ready', 'repairing'].includes(record.status)) return;
  const { tickMs, silentTicks } = alertSettingsOf(record);
  const sinceMs = Math.max(record.readyAtMs, row?.state.observedAtMs ?? 0);
  const isSilent = runtime.clock.nowMs() - sinceMs > silentTicks * tickMs + patienceMs;
  if (isSilent) await recordForAlerts(runtime, deploymentId, { type: 'silence', sinceMs }, record);
  else if (row !== undefined && needsTick(row)) await recordForAlerts(runtime, deploymentId, { type: 'tick' }, record);
}

const needsTick = ({ state, outbox }: AlertRow): boolean =>
  outbox.length > 0 || Object.values(state.conditions).some(({ isFiring, told }) => isFiring || told !== undefined);

/** Notices whose queue message was lost: another one. */
export async function wakeAlerts(runtime: Runtime): Promise<boolean> {
  const lostMs = 60_000;
  const [oldest] = await runtime.notices.pending(50);
  if (oldest === undefined || oldest.atMs + lostMs > runtime.clock.nowMs()) return false;
  await runtime.queues.send(alertQueue, alertMessage);
  return true;
}
