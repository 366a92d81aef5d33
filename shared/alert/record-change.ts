import { alertQueue } from '../pipeline.ts';
import type { Runtime } from '../runtime.ts';
import type { AlertRow } from '../store/alerts.ts';
import { isUlid } from '../ulid.ts';
import type { Watched } from '../watch/watched.ts';
import { type AlertInput, evaluateAlert } from './evaluate.ts';
import type { Notice } from './notification.ts';
import { newAlertState } from './state.ts';

/** What alerts can be about: a load balancer, or what serves all of them. */
export type AlertTarget = Pick<Watched, 'id' | 'name' | 'url' | 'alerts'>;

/** A message of the alert queue says no more than that there is something to tell. */
export const alertMessage = { v: 1, kind: 'alert' } as const;

/** What the targets of one tick have to tell goes out together. */
const gatherMs = 5000;

/**
 * Evaluates what has been seen. The new state and what it has to tell are written in one row; only then is it handed on,
 * and only then crossed off. A crash in between is made good by the next evaluation.
 */
export async function recordForAlerts(
  runtime: Runtime,
  watched: AlertTarget,
  input: AlertInput,
): Promise<AlertRow | undefined> {
  const { id } = watched;
  const row = await runtime.alerts.update(id, (before) => {
    const base: AlertRow = before ?? { state: newAlertState(id), outbox: [] };
    const { state, changes } = evaluateAlert(base.state, input, watched.alerts, runtime.clock.nowMs());
    const after: AlertRow = { state, outbox: [...base.outbox, ...changes] };
    return JSON.stringify(after) === JSON.stringify(base) ? undefined : after;
  });
  if (row === undefined || row.outbox.length === 0) return row;
  await handOn(runtime, row, watched);
  const handed = new Set(row.outbox.map((change) => change.id));
  return await runtime.alerts.update(id, (before) =>
    before === undefined ? undefined : { ...before, outbox: before.outbox.filter((change) => !handed.has(change.id)) },
  );
}

async function handOn(runtime: Runtime, { outbox }: AlertRow, watched: AlertTarget): Promise<void> {
  const target = noticeTargetOf(runtime, watched);
  for (const change of outbox) {
    await runtime.notices.add({ change, target }, runtime.clock.nowMs());
    const { type, kind, subject = '', evidence, alertId } = change;
    await runtime.events.append({
      deploymentId: watched.id,
      identity: `alert-${change.id}`,
      atMs: change.atMs,
      kind: 'alert',
      text: `${type} ${kind}${subject === '' ? '' : ` ${subject}`}: ${evidence}`,
      details: { alertId, sinceMs: change.sinceMs },
    });
    runtime.log('warn', `alert ${type}`, { deploymentId: watched.id, kind, subject, alertId });
  }
  await runtime.queues.send(alertQueue, alertMessage, gatherMs);
}

function noticeTargetOf({ config }: Runtime, { id, name, url }: AlertTarget): Notice['target'] {
  const base = config.publicUrl;
  return {
    id,
    name,
    ...(url === undefined ? {} : { url }),
    ...(base === undefined ? {} : { link: `${base}/${isUlid(id) ? `load-balancers/${id}` : id}` }),
  };
}
