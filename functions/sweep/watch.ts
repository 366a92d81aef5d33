import { isAhead } from '../../shared/ahead.ts';
import { closeAlerts } from '../../shared/alert/close-alerts.ts';
import { alertMessage, recordForAlerts } from '../../shared/alert/record-change.ts';
import { alertQueue } from '../../shared/pipeline.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { AlertRow } from '../../shared/store/alerts.ts';
import type { Watched } from '../../shared/watch/watched.ts';

/** A tick may come late, and a probe takes its time. */
const patienceMs = 20_000;

/**
 * What alerts need though nothing is observed: the dead man's switch, what was put off, what a crash left in the outbox,
 * and the end of all alerts of a load balancer that is on its way out.
 */
export async function watchAlerts(runtime: Runtime, watched: Watched, row: AlertRow | undefined): Promise<void> {
  if (watched.endedBy !== undefined) {
    if (row !== undefined) await closeAlerts(runtime, watched);
    const { blocked } = watched;
    if (blocked !== undefined || (row !== undefined && Object.hasOwn(row.state.conditions, 'release-blocked')))
      await recordForAlerts(runtime, watched, { type: 'release', blockedBy: blocked, atMs: runtime.clock.nowMs() });
    return;
  }
  if (watched.sinceMs === undefined) return;
  const { tickMs, silentTicks } = watched.alerts;
  const nowMs = runtime.clock.nowMs();
  const sinceMs = Math.min(nowMs, Math.max(watched.sinceMs, knownPast(row?.state.observedAtMs, nowMs)));
  const isSilent = nowMs - sinceMs > silentTicks * tickMs + patienceMs;
  if (isSilent) await recordForAlerts(runtime, watched, { type: 'silence', sinceMs });
  else if (row !== undefined && needsTick(row)) await recordForAlerts(runtime, watched, { type: 'tick' });
}

/** An instant of a clock that was ahead says nothing. */
const knownPast = (atMs: number | undefined, nowMs: number): number =>
  atMs === undefined || isAhead(atMs, nowMs) ? 0 : atMs;

const needsTick = ({ state, outbox }: AlertRow): boolean =>
  outbox.length > 0 || Object.values(state.conditions).some(({ isFiring, told }) => isFiring || told !== undefined);

/**
 * Sends the alert function a message where one was lost, as notices that wait too long show; and while a channel fails,
 * since it forgets a channel that is none any more.
 */
export async function wakeAlerts(runtime: Runtime, isChannelFailing: boolean): Promise<boolean> {
  const lostMs = 60_000;
  const [oldest] = await runtime.notices.pending();
  const nowMs = runtime.clock.nowMs();
  const isLate = oldest !== undefined && (oldest.atMs + lostMs <= nowMs || isAhead(oldest.atMs, nowMs));
  if (!isLate && !isChannelFailing) return false;
  await runtime.queues.send(alertQueue, alertMessage);
  return true;
}
