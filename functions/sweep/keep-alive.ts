import { inParallel } from '../../shared/in-parallel.ts';
import { keepAlive } from '../../shared/messages.ts';
import { queueNamesOf } from '../../shared/pipeline.ts';
import type { Runtime } from '../../shared/runtime.ts';

/** Days of a month on which every stream gets an event: two of them may fail, and none has been idle for a month. */
const days = [1, 11, 21];
const minutes = 5;
const parallelSends = 5;

/** The first minutes of these days, in UTC. Kept nowhere: a few events more cost less than a row. */
export function isKeepAliveDue(nowMs: number): boolean {
  const now = new Date(nowMs);
  return days.includes(now.getUTCDate()) && now.getUTCHours() === 0 && now.getUTCMinutes() < minutes;
}

/** Sends every queue, and with it every event stream, a message that does nothing. One that does not take it gets the next. */
export async function keepStreamsAlive(runtime: Runtime): Promise<void> {
  const queues = queueNamesOf(runtime.config.stageQueue);
  await inParallel(queues, { limit: parallelSends, budget: runtime.budget }, async (queue) => {
    try {
      await runtime.queues.send(queue, keepAlive);
    } catch (error) {
      runtime.log('warn', 'could not keep an event stream alive', {
        queue,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  });
}
