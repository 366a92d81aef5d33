import { channelProblem } from '../../shared/alert/channel-problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { isSettled, type NoticeRow } from '../../shared/store/alerts.ts';
import type { Delivery } from '../../shared/store/channels.ts';

/**
 * Answers with each channel that something was sent to: whether it takes messages, why not, and what waits for it. Nothing
 * of its address or secret is known here.
 */
export async function listChannels(runtime: Runtime): Promise<Response> {
  const [deliveries, pending] = await Promise.all([runtime.channels.deliveries(), runtime.notices.pending()]);
  return Response.json({
    channels: [...deliveries].map(([name, delivery]) => presentChannel(name, delivery, pending)),
  });
}

function presentChannel(name: string, delivery: Delivery, pending: NoticeRow[]): object {
  const { type, takenAtMs, retryAtMs, failures, failing, lost, outcomes = {} } = delivery;
  const waiting = pending.filter(
    (row) => !isSettled(row, name) && !Object.hasOwn(outcomes, row.notice.change.id),
  ).length;
  return {
    name,
    type,
    status: channelProblem(delivery) === undefined ? 'ok' : 'failing',
    waiting,
    ...(takenAtMs === undefined ? {} : { lastTakenAt: instant(takenAtMs) }),
    ...(failing === undefined
      ? {}
      : {
          failures,
          failingSince: instant(failing.sinceMs),
          failure: failing.failure,
          reason: failing.reason,
          ...(retryAtMs === undefined ? {} : { nextTryAt: instant(retryAtMs) }),
        }),
    ...(lost === undefined ? {} : { lost: { count: lost.count, lastAt: instant(lost.lastMs), reason: lost.reason } }),
  };
}

const instant = (ms: number): string => new Date(ms).toISOString();
