import { channelProblem } from '../../shared/alert/channel-problem.ts';
import { recordForAlerts } from '../../shared/alert/record-change.ts';
import { defaultAlertSettings } from '../../shared/alert/settings.ts';
import type { Runtime } from '../../shared/runtime.ts';

/** What the alerts of the channels are kept under, and where the API shows them. */
const id = 'channels';

/**
 * Lets the other channels say which keep refusing messages, and when each takes them again.
 *
 * @returns whether one does.
 */
export async function watchChannels(runtime: Runtime): Promise<boolean> {
  const deliveries = await runtime.channels.deliveries();
  const problems = new Map<string, string>();
  for (const [name, delivery] of deliveries) {
    const problem = channelProblem(delivery);
    if (problem !== undefined) problems.set(name, problem);
  }
  if (problems.size === 0 && (await runtime.alerts.find(id)) === undefined) return false;
  const target = { id, name: runtime.config.name, alerts: defaultAlertSettings };
  await recordForAlerts(runtime, target, { type: 'channels', problems, atMs: runtime.clock.nowMs() });
  return problems.size > 0;
}
