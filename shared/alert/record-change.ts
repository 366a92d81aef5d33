import type { DeploymentRecord } from '../deployment/record.ts';
import { alertQueue } from '../pipeline.ts';
import type { Runtime } from '../runtime.ts';
import type { AlertRow } from '../store/alerts.ts';
import { type AlertInput, evaluateAlert } from './evaluate.ts';
import type { Notice } from './notification.ts';
import { type AlertSettings, defaultAlertSettings } from './settings.ts';
import { newAlertState } from './state.ts';

/** A message of the alert queue says no more than that there is something to tell. */
export const alertMessage = { v: 1, kind: 'alert' } as const;

/** What the targets of one tick have to tell goes out together. */
const gatherMs = 5000;

export const alertSettingsOf = (record: DeploymentRecord | undefined): AlertSettings =>
  record?.spec.alerts ?? defaultAlertSettings;

/**
 * Evaluates what has been seen of a target. The new state and what it has to tell are written in one row; only then is it
 * handed on, and only then crossed off. A crash in between is made good by the next evaluation of the target.
 *
 * @param known - the target's record, where it is at hand.
 */
export async function recordForAlerts(
  runtime: Runtime,
  targetId: string,
  input: AlertInput,
  known?: DeploymentRecord,
): Promise<AlertRow | undefined> {
  const record = known ?? (await runtime.deployments.find(targetId));
  const settings = alertSettingsOf(record);
  const row = await runtime.alerts.update(targetId, (before) => {
    const base: AlertRow = before ?? { state: newAlertState(targetId), outbox: [] };
    const { state, changes } = evaluateAlert(base.state, input, settings, runtime.clock.nowMs());
    const after: AlertRow = { state, outbox: [...base.outbox, ...changes] };
    return JSON.stringify(after) === JSON.stringify(base) ? undefined : after;
  });
  if (row === undefined || row.outbox.length === 0) return row;
  await handOn(runtime, row, record);
  const handed = new Set(row.outbox.map(({ id }) => id));
  return await runtime.alerts.update(targetId, (before) =>
    before === undefined ? undefined : { ...before, outbox: before.outbox.filter(({ id }) => !handed.has(id)) },
  );
}

async function handOn(
  runtime: Runtime,
  { state, outbox }: AlertRow,
  record: DeploymentRecord | undefined,
): Promise<void> {
  const target = targetOf(runtime, state.targetId, record);
  for (const change of outbox) {
    await runtime.notices.add({ change, target }, runtime.clock.nowMs());
    const { type, kind, subject = '', evidence, alertId } = change;
    await runtime.events.append({
      deploymentId: state.targetId,
      identity: `alert-${change.id}`,
      atMs: change.atMs,
      kind: 'alert',
      text: `${type} ${kind}${subject === '' ? '' : ` ${subject}`}: ${evidence}`,
      details: { alertId, sinceMs: change.sinceMs },
    });
    runtime.log('warn', `alert ${type}`, { deploymentId: state.targetId, kind, subject, alertId });
  }
  await runtime.queues.send(alertQueue, alertMessage, gatherMs);
}

/** Name and address as the record has them: nothing of it comes from what was observed. */
function targetOf(runtime: Runtime, id: string, record: DeploymentRecord | undefined): Notice['target'] {
  const base = runtime.config.publicUrl;
  const { spec } = record ?? {};
  const host =
    spec?.dns === undefined ? undefined : spec.dns.rr === '@' ? spec.dns.domain : `${spec.dns.rr}.${spec.dns.domain}`;
  const listener = spec?.listener;
  const port = listener === undefined || [80, 443].includes(listener.port) ? '' : `:${listener.port}`;
  return {
    id,
    name: spec?.name ?? id,
    ...(host === undefined ? {} : { url: `${listener?.protocol === 'HTTPS' ? 'https' : 'http'}://${host}${port}/` }),
    ...(base === undefined ? {} : { link: `${base}/load-balancers/${id}` }),
  };
}
