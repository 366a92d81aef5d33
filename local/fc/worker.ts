/** One function instance: loads the bundle, then runs one invocation at a time. Bundled on its own by `buildWorker`. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { runBundle } from './worker-code.ts';
import { installDate } from './worker-date.ts';
import { installNetwork } from './worker-network.ts';
import { installRights } from './worker-rights.ts';
import type {
  FromWorker,
  HandlerContext,
  InvokeError,
  LogLevel,
  Route,
  ToWorker,
  WorkerData,
} from './worker-protocol.ts';
import { valueAt } from '../dictionary.ts';

type Callback = (error: unknown, data?: unknown) => void;
type Handler = (event: Buffer, context: HandlerContext, callback: Callback) => unknown;

const { file, exportName, codeCache, time, sent, freezes } = workerData as WorkerData;
const port = parentPort;
if (port === null) throw new Error('the worker of Function Compute runs in a worker thread only');
const post = (message: FromWorker) => port.postMessage(message);
const log = (level: LogLevel, message: string) => post({ type: 'log', level, message });

let isRunning = false;
let received = 0;

function captureOutput(): void {
  for (const [name, level] of [
    ['debug', 'debug'],
    ['log', 'info'],
    ['info', 'info'],
    ['warn', 'warn'],
    ['error', 'error'],
    ['trace', 'debug'],
  ] as const)
    console[name] = (...args: unknown[]) => log(level, format(...args));
  for (const [stream, level] of [
    [process.stdout, 'info'],
    [process.stderr, 'error'],
  ] as const)
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      log(level, (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')).replace(/\n$/, ''));
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
}

const routes = new Map<number, (route: Route) => void>();
let routeCount = 0;

installDate(time);
captureOutput();
installNetwork(
  (address, toPort) =>
    new Promise((resolve) => {
      routeCount += 1;
      routes.set(routeCount, resolve);
      post({ type: 'route', id: routeCount, address, port: toPort });
    }),
  () => {
    if (isRunning || received === 0) return;
    log('warn', 'P-144: a network call was made while no invocation ran; Function Compute freezes the instance then');
  },
);
installRights();

const describe = (error: unknown, kind: InvokeError['kind']): InvokeError => {
  if (!(error instanceof Error))
    return {
      kind,
      errorMessage: typeof error === 'string' ? error : format(error),
      errorType: typeof error,
      stackTrace: [],
    };
  const stack = (error.stack ?? '').split('\n').map((line) => line.trim());
  return {
    kind,
    errorMessage: error.message,
    errorType: error.name,
    stackTrace: stack.filter((line) => line.startsWith('at ')),
  };
};

/** The bundle alone counts, as in the cloud: modules resolve in its own `node_modules` and nowhere above. */
async function loadHandler(): Promise<Handler> {
  const folder = dirname(file);
  const packageFile = join(folder, 'package.json');
  const isEsm =
    existsSync(packageFile) && (JSON.parse(readFileSync(packageFile, 'utf8')) as { type?: string }).type === 'module';
  let exported: Record<string, unknown>;
  if (isEsm) exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  else ({ exported, compiled } = runBundle(file, [join(folder, 'node_modules')], codeCache));
  const handler = valueAt(exported, exportName);
  if (typeof handler !== 'function') throw new Error(`Handler '${exportName}' is missing on module '${file}'`);
  return handler as Handler;
}

/** Buffer as is, object as JSON, anything else as text. */
function toBody(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (value === undefined) return new Uint8Array();
  // eslint-disable-next-line typescript/no-base-to-string -- objects take the other branch
  return new TextEncoder().encode(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

let compiled: (() => Uint8Array | undefined) | undefined;
const loading = loadHandler();
loading.catch(() => undefined);

async function run(event: Uint8Array, context: HandlerContext): Promise<FromWorker> {
  let handler: Handler;
  try {
    handler = await loading;
  } catch (error) {
    return { type: 'error', error: describe(error, 'UnhandledInvocationError'), isFatal: true };
  }
  return await new Promise<FromWorker>((resolve) => {
    const succeed = (value: unknown) => {
      try {
        resolve({ type: 'result', body: toBody(value) });
      } catch (error) {
        fail(error, 'UnhandledInvocationError');
      }
    };
    const fail = (error: unknown, kind: InvokeError['kind']) =>
      resolve({ type: 'error', error: describe(error, kind), isFatal: false });
    const callback: Callback = (error, data) => {
      if (error === undefined || error === null) succeed(data);
      else fail(error, 'HandledInvocationError');
    };
    try {
      const returned = handler(Buffer.from(event.buffer, event.byteOffset, event.byteLength), context, callback);
      if (returned instanceof Promise || typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function')
        (returned as PromiseLike<unknown>).then(succeed, (error: unknown) => fail(error, 'UnhandledInvocationError'));
      else if (returned !== undefined && handler.length < 3)
        log('warn', 'the handler returned no promise and takes no callback: the invocation never ends');
    } catch (error) {
      fail(error, 'UnhandledInvocationError');
    }
  });
}

/** The function may write no file: who started it keeps the code. */
function giveCode(): void {
  const code = compiled?.();
  if (code !== undefined) post({ type: 'code', code });
}

/**
 * Stands still, timers and sockets included, until the next invocation is sent (P-144, P-145). Two turns of the loop
 * before that let finished requests give their sockets back to the pool.
 */
function freeze(): void {
  const counter = new Int32Array(sent);
  const served = received;
  setImmediate(() =>
    setImmediate(() => {
      if (isRunning || received !== served) return;
      const pending = process.getActiveResourcesInfo().filter((name) => name !== 'MessagePort' && name !== 'Immediate');
      if (pending.length > 0)
        log('warn', `P-144: the instance freezes while work is pending: ${[...new Set(pending)].join(', ')}`);
      if (served === 1) giveCode();
      Atomics.wait(counter, 0, served);
    }),
  );
}

async function serve(event: Uint8Array, context: HandlerContext): Promise<void> {
  received += 1;
  isRunning = true;
  const outcome = await run(event, context);
  isRunning = false;
  post(outcome);
  if (freezes) freeze();
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'invoke') void serve(message.event, message.context);
  else {
    routes.get(message.id)?.(message.route);
    routes.delete(message.id);
  }
});
