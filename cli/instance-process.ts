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

export interface Start {
  spec: FunctionSpec;
  /** Absolute path of the bundle. */
  file: string;
  /** Absolute path of the function's code. */
  folder: string;
  workerPath: string;
  credentials: StsCredentials;
  accountId: string;
  regionId: string;
}

export interface Invocation {
  /** Base64; absent when the function failed. */
  body?: string;
  error?: InvokeError;
  /** From the request to the answer; of the first, loading the bundle included: what Function Compute bills of a cold start. */
  durationMs: number;
  /** Largest resident size of the process so far, which is the runtime and the function together. */
  peakMemoryMb: number;
}

export type FromInstance =
  | { type: 'log'; level: LogLevel; message: string }
  | { type: 'route'; id: number; address: string; port: number }
  | { type: 'result'; invocation: Invocation };

export type ToInstance =
  | { type: 'start'; start: Start }
  | { type: 'invoke'; requestId: string; /** Base64. */ event: string }
  | { type: 'route'; id: number; route: Route };

const tell = (message: FromInstance): void => void process.send?.(message);

const routes = new Map<number, (route: Route) => void>();
let asked = 0;
let instance: Instance | undefined;

process.on('message', (message: ToInstance) => {
  if (message.type === 'start') instance = begin(message.start);
  else if (message.type === 'route') routes.get(message.id)?.(message.route);
  else if (instance !== undefined) void serve(instance, message.requestId, Buffer.from(message.event, 'base64'));
});

// Without the command nothing would end the worker.
process.on('disconnect', () => process.exit());

const begin = (start: Start): Instance =>
  new Instance({
    ...start,
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

/** What is told is what is billed by. */
const toTenths = (ms: number): number => Math.round(ms * 10) / 10;

async function serve(running: Instance, requestId: string, event: Buffer): Promise<void> {
  const startedAt = performance.now();
  const outcome = await running.invoke(requestId, event, Number.POSITIVE_INFINITY);
  const invocation = { durationMs: toTenths(performance.now() - startedAt), peakMemoryMb: peakMemoryMb() };
  tell({
    type: 'result',
    invocation: {
      ...('body' in outcome ? { body: outcome.body.toString('base64') } : { error: outcome.error }),
      ...invocation,
    },
  });
}

/**
 * On Linux `maxRSS` begins with the size of the process that forked this one, which may be many times as large; what /proc
 * says begins with this program.
 */
function peakMemoryMb(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kib !== undefined) return Number(kib) / 1024;
  } catch {
    // Another system.
  }
  return process.resourceUsage().maxRSS / 1024;
}
