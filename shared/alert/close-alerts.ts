import type { Runtime } from '../runtime.ts';
import type { Watched } from '../watch/watched.ts';
import { recordForAlerts } from './record-change.ts';

/**
 * Resolves the alerts of what is watched no more, and forgets them once it is over. That its release is blocked is said, and
 * taken back, until then.
 */
export async function closeAlerts(runtime: Runtime, watched: Watched): Promise<void> {
  const { id, endedBy: reason, isOver } = watched;
  if (reason === undefined || (await runtime.alerts.find(id)) === undefined) return;
  const after = await recordForAlerts(runtime, watched, { type: 'closed', reason, isOver });
  if (after?.outbox.length === 0 && isOver) await runtime.alerts.remove(id);
}
