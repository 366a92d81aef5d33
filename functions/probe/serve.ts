import { isAhead } from '../../shared/ahead.ts';
import { probeQueue } from '../../shared/pipeline.ts';
import { receive } from '../../shared/queue/receive.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { collect } from './collect.ts';
import { type ProbeMessage, probeMessageSchema, tickOf } from './messages.ts';
import { probeOnDemand } from './probe-on-demand.ts';
import { probeShard, type ShardParts } from './probe-shard.ts';
import { tick } from './tick.ts';

/** A tick of the timer, or messages of the probe queue. What cannot be read is logged and left: the next tick asks again. */
export async function serveProbe(runtime: Runtime, event: Buffer | string, parts: ShardParts): Promise<unknown> {
  const tickMs = tickOf(event);
  if (tickMs !== undefined) return await tick(runtime, tickMs, parts);
  const reports = await receive(runtime, probeQueue, event, parts.holder, async ({ messageId, body }) => {
    const parsed = probeMessageSchema.safeParse(body);
    if (!parsed.success) runtime.log('error', 'skipped a message of another version', { messageId });
    else if (isAhead(instantOf(parsed.data), runtime.clock.nowMs()))
      runtime.log('error', 'dropped a probe message whose instant lies in the future', { messageId });
    else return await serveMessage(runtime, parsed.data, { ...parts, holder: messageId });
    return undefined;
  });
  return reports.filter((report) => report !== undefined);
}

const instantOf = (message: ProbeMessage): number => (message.kind === 'shard' ? message.tickMs : message.atMs);

async function serveMessage(runtime: Runtime, message: ProbeMessage, parts: ShardParts): Promise<unknown> {
  switch (message.kind) {
    case 'shard':
      return await probeShard(runtime, message, parts);
    case 'on-demand':
      return await probeOnDemand(runtime, message);
    default:
      return await collect(runtime, message, parts.after);
  }
}
