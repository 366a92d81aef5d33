/**
 * One function instance in a process of its own, so that its memory can be told: started by `npm run invoke`, with which it
 * talks over the channel of `fork`.
 */
import { readFileSync } from 'node:fs';
import { systemClock } from '../shared/clock.ts';
import { Instance, type StsCredentials } from '../local/fc/instance.ts';
import { SharedTime } from '../local/fc/shared-time.ts';
import type { FunctionSpec } from '../local/fc/spec.ts';
import type { InvokeError, LogLevel, Route } from '../local/fc/worker-protocol.ts';

export interface Job {
  spec: FunctionSpec;
  /** Absolute path of the bundle. */
  file: string;
  workerPath: string;
  credentials: StsCredentials;
  accountId: string;
  regionId: string;
  requestId: string;
  /** Base64. */
  event: string;
}

export interface JobResult {
  /** Base64; absent when the function failed. */
  body?: string;
  error?: InvokeError;
  /** From the request to the answer, loading the bundle included: what Function Compute bills of a cold start. */
  durationMs: number;
  /** Largest resident size of the process, which is the runtime and the function together. */
  peakMemoryMb: number;
}

export type FromInstance =
  | { type: 'log'; level: LogLevel; message: string }
  | { type: 'route'; id: number; address: string; port: number }
  | { type: 'result'; result: JobResult };

export type ToInstance = { type: 'job'; job: Job } | { type: 'route'; id: number; route: Route };

const tell = (message: FromInstance): void => void process.send?.(message);

const routes = new Map<number, (route: Route) => void>();
let asked = 0;

process.on('message', (message: ToInstance) => {
  if (message.type === 'job') void serve(message.job);
  else routes.get(message.id)?.(message.route);
});

/**
 * Largest resident size of this program. Linux counts into `maxRSS` how large the process was that forked this one, which
 * may be many times as large.
 */
function peakResidentKb(): number {
  try {
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (peak !== undefined) return Number(peak);
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS;
}

async function serve(job: Job): Promise<void> {
  const instance = new Instance({
    ...job,
    time: new SharedTime(systemClock),
    freezes: true,
    route: async (address, port) =>
      await new Promise((resolve) => {
        asked += 1;
        routes.set(asked, resolve);
        tell({ type: 'route', id: asked, address, port });
      }),
    onLog: (level, line) => tell({ type: 'log', level, message: line }),
    onEnd: () => undefined,
  });
  const startedAt = performance.now();
  const outcome = await instance.invoke(job.requestId, Buffer.from(job.event, 'base64'), Number.POSITIVE_INFINITY);
  const durationMs = performance.now() - startedAt;
  const peakMemoryMb = peakResidentKb() / 1024;
  tell({
    type: 'result',
    result: {
      ...('body' in outcome ? { body: outcome.body.toString('base64') } : { error: outcome.error }),
      durationMs,
      peakMemoryMb,
    },
  });
  await instance.kill();
}
