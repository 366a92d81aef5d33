import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddedCloud } from '../local/cloud.ts';
import type { StsCredentials } from '../local/fc/instance.ts';
import { readFunctions } from '../local/fc/s-yaml.ts';
import type { FunctionSpec } from '../local/fc/spec.ts';
import type { LogLevel, Route } from '../local/fc/worker-protocol.ts';
import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { jsonLog } from '../shared/log.ts';
import { createRuntime } from '../shared/runtime.ts';
import { bootstrap } from './bootstrap.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { seedEventDeployment } from './event-deployment.ts';
import { baseEnvironment, control, type Endpoints, rolePolicies } from './installation.ts';
import type { FromInstance, Job, JobResult, ToInstance } from './instance-process.ts';
import { needIpv6Loopback } from './machine.ts';

const help = `npm run invoke -- FUNCTION EVENT [options]
Runs one function once, as Function Compute would: its bundle in a fresh instance, with
its role, environment, time limit and memory of s.yaml, on the bytes of the file EVENT.

  FUNCTION             network, api, sweep... (with or without the prefix of the installation)
  EVENT                a file, such as events/queue-stream.json
  --endpoint URL       on the embedded cloud at URL ("npm run cloud"); default: one that
                       lasts for this call, and has the deployment that events/ name
  --json               the result as JSON
  --report             every function on its largest event: duration and peak memory
                       beside what s.yaml asks for
  --help               this text

Exit status 1 when the function fails.`;

/** A cloud that functions can be run against. */
export interface Ground {
  specs: FunctionSpec[];
  accountId: string;
  regionId: string;
  credentials(role: string, functionName: string): Promise<StsCredentials>;
  route(address: string, port: number): Promise<Route>;
  close(): Promise<void>;
}

export async function runInvoke(args: string[], { root, buildFunctions }: Checkout): Promise<number> {
  const { values: options, positionals } = parse(args);
  if (options.help) {
    console.log(help);
    return 0;
  }
  const [name, file] = positionals;
  if (!options.report && (name === undefined || file === undefined || positionals.length > 2))
    throw new CommandError('A function and an event file are needed, in this order.\nTry --help.');
  if (options.report && positionals.length > 0)
    throw new CommandError('--report runs every function: it takes no function and no event.\nTry --help.');
  const event = file === undefined ? undefined : readEvent(file);
  if (options.endpoint === undefined) await needIpv6Loopback();
  const codeDir = await buildFunctions();
  if (options.report) {
    printReport(await measureAll(root, codeDir));
    return 0;
  }
  const ground = await groundOf(root, options.endpoint, name === 'stages' ? 's-one-queue.yaml' : 's.yaml');
  try {
    const spec = ground.specs.find(({ functionName }) => [name, `dualstack-alb-${name}`].includes(functionName));
    if (spec === undefined)
      throw new CommandError(
        `There is no function "${name}". There are: ${ground.specs.map(({ functionName }) => functionName.replace('dualstack-alb-', '')).join(', ')}.`,
      );
    const logs: { level: LogLevel; message: string }[] = [];
    const requestId = randomUUID().toUpperCase();
    const result = await runOnce(ground, { root, codeDir, spec, requestId, event: event as Buffer }, (level, message) =>
      logs.push({ level, message }),
    );
    if (options.json) console.log(JSON.stringify(asJson(spec, requestId, result, logs), undefined, 2));
    else print(spec, requestId, result, logs);
    return result.error === undefined ? 0 : 1;
  } finally {
    await ground.close();
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      strict: true,
      options: {
        endpoint: { type: 'string' },
        json: { type: 'boolean', default: false },
        report: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\nTry --help.`);
  }
}

function readEvent(file: string): Buffer {
  try {
    return readFileSync(resolve(file));
  } catch (error) {
    throw new CommandError(
      `cannot read the event ${file}: ${error instanceof Error ? error.message : String(error)}\nThe files of events/ are: ${readdirSync('events').join(', ')}.`,
    );
  }
}

/** The cloud at `endpoint`, or one of its own with queues, tables, roles and the deployment that the events name. */
export async function groundOf(root: string, endpoint?: string, definition = 's.yaml'): Promise<Ground> {
  const cloud = endpoint === undefined ? new EmbeddedCloud({ clock: systemClock, latency: 'none' }) : undefined;
  const url = endpoint === undefined ? await (cloud as EmbeddedCloud).start() : endpoint.replace(/\/+$/, '');
  try {
    const there = (await control(url, 'GET', 'endpoints').catch((error: unknown) => {
      throw new CommandError(
        `--endpoint ${endpoint} does not answer as an embedded cloud: ${error instanceof Error ? error.message : String(error)}\nStart one with "npm run cloud".`,
      );
    })) as Endpoints;
    const base = baseEnvironment(there.regionId, there.accountId, { oneQueue: definition !== 's.yaml' });
    const environment = {
      DUALSTACK_ALB_ENDPOINT: url,
      DUALSTACK_ALB_DNS_SERVERS: `${there.dns.host}:${there.dns.port}`,
    };
    for (const [role, policy] of Object.entries(rolePolicies(root, base.DUALSTACK_ALB_NAME)))
      await control(url, 'PUT', `roles/${role}`, [policy]);
    const config = loadConfig({ ...base, ...environment });
    await bootstrap(config, there.credentials);
    if (cloud !== undefined)
      await seedEventDeployment(
        createRuntime({ config, credentials: there.credentials, log: jsonLog('warn') }),
        JSON.parse(readFileSync(join(root, 'events', 'create-load-balancer.json'), 'utf8')) as object,
      );
    const specs = readFunctions(readFileSync(join(root, definition), 'utf8'), base, { accountId: there.accountId });
    return {
      specs: specs.map((spec) => ({
        ...spec,
        environmentVariables: { ...spec.environmentVariables, ...environment },
      })),
      accountId: there.accountId,
      regionId: there.regionId,
      credentials: async (role, functionName) =>
        (await control(url, 'POST', 'credentials', { role, functionName })) as StsCredentials,
      route: async (address, port) =>
        (await control(url, 'GET', `route?address=${encodeURIComponent(address)}&port=${port}`)) as Route,
      close: async () => await cloud?.close(),
    };
  } catch (error) {
    await cloud?.close();
    throw error;
  }
}

/** One invocation in a process of its own. */
export async function runOnce(
  ground: Ground,
  {
    root,
    codeDir,
    spec,
    requestId,
    event,
  }: { root: string; codeDir: string; spec: FunctionSpec; requestId: string; event: Buffer },
  onLog: (level: LogLevel, message: string) => void,
): Promise<JobResult> {
  const file = join(codeDir, `${spec.handler.slice(0, spec.handler.lastIndexOf('.'))}.js`);
  if (!existsSync(file)) throw new CommandError(`The bundle ${file} is missing. Run "npm run build".`);
  const credentials = await ground.credentials(spec.role.slice(spec.role.lastIndexOf('/') + 1), spec.functionName);
  const job: Job = {
    spec,
    file,
    workerPath: join(root, 'dist', 'tools', 'worker.cjs'),
    credentials,
    accountId: ground.accountId,
    regionId: ground.regionId,
    requestId,
    event: event.toString('base64'),
  };
  const child = fork(join(root, 'dist', 'tools', 'instance-process.mjs'), { execArgv: [] });
  const say = (message: ToInstance): boolean => child.send(message);
  try {
    return await new Promise<JobResult>((resolvePromise, reject) => {
      child.on('message', (message: FromInstance) => {
        if (message.type === 'log') onLog(message.level, message.message);
        else if (message.type === 'result') resolvePromise(message.result);
        else
          void ground
            .route(message.address, message.port)
            .catch((): Route => ({ refusal: 'EHOSTUNREACH' }))
            .then((route) => say({ type: 'route', id: message.id, route }));
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => reject(new Error(`the instance's process ended (${signal ?? code})`)));
      say({ type: 'job', job });
    });
  } finally {
    child.kill('SIGKILL');
  }
}

/** Function Compute meters whole milliseconds. */
const billedMs = ({ durationMs }: JobResult): number => Math.ceil(durationMs);

function asJson(spec: FunctionSpec, requestId: string, result: JobResult, logs: object[]) {
  return {
    functionName: spec.functionName,
    requestId,
    ...(result.error === undefined ? { result: bodyOf(result) } : { error: result.error }),
    durationMs: Math.round(result.durationMs * 10) / 10,
    billedMs: billedMs(result),
    memoryMb: spec.memorySize,
    peakMemoryMb: Math.round(result.peakMemoryMb),
    logs,
  };
}

function bodyOf({ body = '' }: JobResult): unknown {
  const text = Buffer.from(body, 'base64').toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function print(
  spec: FunctionSpec,
  requestId: string,
  result: JobResult,
  logs: { level: LogLevel; message: string }[],
): void {
  console.log(`${spec.functionName}, request ${requestId}\n`);
  for (const { level, message } of logs) console.log(`  ${level.padEnd(5)} ${message}`);
  if (logs.length > 0) console.log('');
  if (result.error === undefined) {
    const body = bodyOf(result);
    console.log(`Result: ${typeof body === 'string' && body === '' ? '(empty)' : JSON.stringify(body, undefined, 2)}`);
  } else {
    const { errorType, errorMessage, stackTrace } = result.error;
    console.log(`Failed: ${errorType}: ${errorMessage}`);
    for (const line of stackTrace.slice(0, 10)) console.log(`  ${line}`);
  }
  console.log(
    `\nDuration: ${result.durationMs.toFixed(1)} ms   Billed: ${billedMs(result)} ms   Memory: ${spec.memorySize} MB   Peak: ${Math.round(result.peakMemoryMb)} MB`,
  );
}

export interface Measure {
  name: string;
  event: string;
  durationMs: number;
  peakMemoryMb: number;
  memoryMb: number;
  failed: boolean;
}

/** What each function can receive: the first part of a file's name, or those listed. */
export function eventsOf(functionName: string, files: string[]): string[] {
  const starts = { api: ['http-'], 'dead-letter': ['dead-letter-'] }[functionName];
  if (starts !== undefined) return files.filter((file) => starts.some((start) => file.startsWith(start)));
  const timer = files.filter((file) => file === `timer-${functionName}.json`);
  const own = files.filter((file) => file === `queue-${functionName}.json`);
  if (timer.length + own.length > 0) return [...timer, ...own];
  return ['queue-single.json', 'queue-stream.json', 'queue-raw-data.json'];
}

/** Runs every function on its largest event, in a process for each. */
export async function measureAll(root: string, codeDir: string): Promise<Measure[]> {
  const files = readdirSync(join(root, 'events'));
  const ground = await groundOf(root);
  try {
    const measures: Measure[] = [];
    for (const spec of ground.specs) {
      const name = spec.functionName.replace('dualstack-alb-', '');
      const [largest] = eventsOf(name, files)
        .map((file) => ({ file, event: readFileSync(join(root, 'events', file)) }))
        .sort((one, other) => other.event.length - one.event.length);
      if (largest === undefined) throw new Error(`events/ has none for ${name}`);
      const job = { root, codeDir, spec, requestId: randomUUID().toUpperCase(), event: addressed(largest.event, name) };
      const { durationMs, peakMemoryMb, error } = await runOnce(ground, job, () => undefined);
      const failed = error !== undefined;
      measures.push({ name, event: largest.file, durationMs, peakMemoryMb, memoryMb: spec.memorySize, failed });
    }
    return measures;
  } finally {
    await ground.close();
  }
}

/** The stage's own message, where the file has one for another stage. */
function addressed(event: Buffer, stage: string): Buffer {
  const text = event.toString('utf8');
  const inner = /"([A-Za-z0-9+/]{80,}={0,2})"/.exec(text)?.[1];
  const swap = (message: string): string => message.replace(/("stage"\s*:\s*)"[a-z0-9-]+"/, `$1"${stage}"`);
  if (inner === undefined) return Buffer.from(swap(text));
  return Buffer.from(
    text.replace(inner, Buffer.from(swap(Buffer.from(inner, 'base64').toString('utf8'))).toString('base64')),
  );
}

/** Memory that the platform sells: multiples of 64 MB from 128 MB. */
export const soldMemoryMb = (neededMb: number): number => Math.max(128, Math.ceil(neededMb / 64) * 64);

function printReport(measures: Measure[]): void {
  const width = Math.max(...measures.map(({ name }) => name.length));
  console.log(`${'function'.padEnd(width)}  event                          ms   peak MB   s.yaml MB   at most MB`);
  for (const { name, event, durationMs, peakMemoryMb, memoryMb, failed } of measures)
    console.log(
      `${name.padEnd(width)}  ${event.padEnd(27)} ${String(Math.round(durationMs)).padStart(5)}   ${String(Math.round(peakMemoryMb)).padStart(7)}   ${String(memoryMb).padStart(9)}   ${String(soldMemoryMb(2 * peakMemoryMb)).padStart(10)}${failed ? '  FAILED' : ''}`,
    );
  console.log('\nAt most: twice the peak, rounded up to what the platform sells (multiples of 64 MB from 128 MB).');
}
