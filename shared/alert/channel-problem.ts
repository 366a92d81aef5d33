import type { Delivery } from '../store/channels.ts';

/** So many messages that were not taken in a row are more than a bad moment. */
const manyFailures = 3;

/** Returns what is wrong with a channel that keeps refusing messages; undefined: nothing, or not yet. */
export function channelProblem({ failing, failures }: Delivery): string | undefined {
  if (failing === undefined) return undefined;
  if (failing.failure !== 'refused' && failures < manyFailures) return undefined;
  const times = failures === 1 ? 'once' : `${failures} times`;
  return `not taken ${times} since ${new Date(failing.sinceMs).toISOString()}: ${failing.reason}`;
}
