import type { Runtime } from '../runtime.ts';
import type { Watched } from '../watch/watched.ts';
import { recordForAlerts } from './record-change.ts';

/** Takes back what was told of what is watched no more, and forgets its alerts once it is over. */
export async function closeAlerts(runtime: Runtime, watched: Watched): Promise<void> {
  const { id, endedBy: reason, isOver } = watched;
  if (reason === undefined || (await runtime.alerts.find(id)) === undefined) return;
  const after = await recordForAlerts(runtime, watched, { type: 'closed', reason });
  if (after?.outbox.length === 0 && isOver) await runtime.alerts.remove(id);
}
