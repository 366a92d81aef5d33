import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { CredentialStore } from '../credentials.ts';
import { MnsClient, type MnsCredential } from '../mns/client.ts';
import type { WireService } from '../wire.ts';
import { Activity } from './activity.ts';
import { AsyncQueue } from './async-queue.ts';
import {
  fingerprintOf,
  FunctionRuntime,
  type FunctionStats,
  type InvokeResult,
  type LogEntry,
  newStats,
  refused,
  type RuntimeOptions,
} from './function-runtime.ts';
import { HttpTriggers } from './http-trigger.ts';
import type { StsCredentials } from './instance.ts';
import { type QueueClient, QueueTrigger } from './queue-trigger.ts';
import { SharedTime } from './shared-time.ts';
import { type FunctionSpec, SpecError, type TriggerSpec, triggerListProblems } from './spec.ts';
import { TimerTrigger } from './timer-trigger.ts';
import type { LogLevel, Route } from './worker-protocol.ts';

export interface FunctionComputeOptions {
  clock: Clock;
  accountId: string;
  regionId: string;
  /** Where the built bundles are. */
  codeDir: string;
  /** Made by `buildWorker`. */
  workerPath: string;
  /** Temporary credentials for a new instance. `role` is the bare name, lower case. */
  credentials: (role: string, functionName: string) => Promise<StsCredentials>;
  /** The instance that held the credentials is gone. */
  revoke?: (accessKeyId: string) => void;
  /** Where a function's connection to an address of the cloud goes. */
  route: (address: string, port: number) => Promise<Route>;
  /** What queue triggers and destinations talk to; `queueClient` stands in for it. */
  mns?: { endpoint: string; credential: () => MnsCredential; timeoutMs?: number };
  queueClient?: QueueClient;
  /** Verifies signatures of HTTP triggers with `authType: function`. */
  credentialStore?: CredentialStore;
  log?: (entry: LogEntry) => void;
  /** 0 <= x < 1, for the spacing of retries. */
  random?: () => number;
  /** Stop an instance dead between invocations, as the platform does (P-144). Default true. */
  freezes?: boolean;
  /** Most instances of a function without reservation; default 100 (facts section 9.2). */
  concurrency?: number;
  /** Most real time of an invocation by a queue trigger, in both modes; default 5 minutes (P-117). */
  triggerLimitMs?: number;
  /** Default 5 minutes of the cloud's clock (facts section 9.4). */
  idleReclaimMs?: number;
  /** What becomes of accepted asynchronous requests; default each runs once. */
  asyncFate?: (functionName: string) => 'once' | 'twice' | 'lost';
}

export interface InvokeOptions {
  type?: 'sync' | 'async';
  requestId?: string;
  /** For `async`, by the cloud's clock. */
  delayMs?: number;
}

interface Installed {
  runtime: FunctionRuntime;
  triggers: { key: string; trigger: TimerTrigger | QueueTrigger }[];
}

const syncPayloadBytes = 32 * 1024 * 1024;
const asyncPayloadBytes = 128 * 1024;
/** Real time that calls to the queue service have when everything ends. */
const longestStopMs = 2000;

/** The embedded Function Compute: functions in workers, and HTTP, timer and queue triggers. */
export class FunctionCompute {
  readonly httpService: WireService;
  readonly #options: FunctionComputeOptions;
  readonly #activity: Activity;
  readonly #async: AsyncQueue;
  readonly #runtimeOptions: RuntimeOptions;
  readonly #client: QueueClient | undefined;
  readonly #ownClient: MnsClient | undefined;
  readonly #installed = new Map<string, Installed>();
  /** Replaced or removed, but possibly still answering. */
  readonly #retired = new Set<FunctionRuntime>();
  readonly #stats = new Map<string, FunctionStats>();
  readonly #followed = new Map<string, LogEntry[]>();
  #isStarted = false;
  #isClosed = false;

  constructor(options: FunctionComputeOptions) {
    this.#options = options;
    const { clock, accountId, regionId, mns } = options;
    this.#activity = new Activity(clock);
    this.#ownClient =
      options.queueClient !== undefined || mns === undefined ? undefined : new MnsClient({ ...mns, clock });
    this.#client = options.queueClient ?? this.#ownClient;
    this.#runtimeOptions = {
      clock,
      accountId,
      regionId,
      workerPath: options.workerPath,
      codeDir: options.codeDir,
      time: new SharedTime(clock),
      freezes: options.freezes ?? true,
      credentials: options.credentials,
      revoke: options.revoke ?? (() => undefined),
      route: options.route,
      concurrency: options.concurrency ?? 100,
      idleReclaimMs: options.idleReclaimMs ?? 300_000,
      log: (level, message, functionName, requestId) => this.#log(level, message, functionName, requestId),
    };
    this.#async = new AsyncQueue({
      clock,
      accountId,
      regionId,
      activity: this.#activity,
      client: this.#client,
      run: (item) => this.#runNow(item.functionName, item.event, item.requestId, item.limitMs),
      configOf: (functionName) => this.#installed.get(functionName)?.runtime.spec.asyncInvokeConfig,
      enqueue: (functionName, event) => void this.invoke(functionName, event, { type: 'async' }),
      fate: options.asyncFate ?? (() => 'once'),
      log: (level, message, functionName, requestId) => this.#log(level, message, functionName, requestId),
    });
    this.httpService = new HttpTriggers({
      clock,
      accountId,
      regionId,
      credentialStore: options.credentialStore,
      list: () => this.#httpTriggers(),
      invoke: (functionName, event, how) => this.invoke(functionName, event, how),
      log: (message, functionName, requestId) => this.#log('warn', message, functionName, requestId),
    });
  }

  /** Definitions now in force, in order of installation. */
  get functions(): FunctionSpec[] {
    return [...this.#installed.values()].map(({ runtime }) => runtime.spec);
  }

  /** By function name; kept over re-installs. */
  get stats(): ReadonlyMap<string, FunctionStats> {
    return this.#stats;
  }

  /**
   * Replaces the whole set of functions. A function whose definition and bundle are unchanged keeps its instances, an
   * unchanged trigger keeps running; busy instances of a changed function answer first.
   *
   * @throws SpecError for what no single definition shows; nothing is changed then.
   */
  install(functions: FunctionSpec[]): void {
    const problems = functions.flatMap((spec) =>
      triggerListProblems(spec.triggers, this.#options.regionId, spec.functionName, false),
    );
    const names = functions.map((spec) => spec.functionName);
    for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index)))
      problems.push(`${name}: is named twice`);
    if (
      this.#client === undefined &&
      functions.some((spec) => spec.triggers.some((t) => t.triggerType === 'eventbridge'))
    )
      problems.push('a queue trigger needs the MNS endpoint');
    if (problems.length > 0) throw new SpecError(problems);
    for (const [name, { runtime, triggers }] of this.#installed)
      if (!names.includes(name)) {
        for (const { trigger } of triggers) void trigger.stop();
        this.#retire(runtime);
        this.#installed.delete(name);
      }
    for (const spec of functions) this.#installOne(spec);
  }

  /** Starts timers and queue triggers; functions can be invoked without. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    for (const { triggers } of this.#installed.values()) for (const { trigger } of triggers) trigger.start();
  }

  /** Ends everything at once; requests under way fail as if their instances had died. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const triggers = [...this.#installed.values()].flatMap((installed) => installed.triggers);
    const stopped = [...triggers.map(({ trigger }) => trigger.stop()), this.#async.stop()];
    await Promise.all(this.#runtimes().map((runtime) => runtime.kill()));
    // A queue service that does not answer must not hold this up.
    const closing = setTimeout(() => this.#ownClient?.close(), longestStopMs);
    await Promise.allSettled(stopped);
    clearTimeout(closing);
    await Promise.all(this.#runtimes().map((runtime) => runtime.kill()));
    this.#ownClient?.close();
  }

  /** Runs a function, or (`async`) accepts the request for later with 202. Refusals are results, not errors. */
  async invoke(functionName: string, event: Buffer, options: InvokeOptions = {}): Promise<InvokeResult> {
    return await this.#invoke(functionName, event, options, Number.POSITIVE_INFINITY);
  }

  /** Collects the log lines of one request until `end`. */
  follow(requestId: string): { lines: LogEntry[]; end: () => void } {
    const lines: LogEntry[] = [];
    this.#followed.set(requestId, lines);
    return { lines, end: () => void this.#followed.delete(requestId) };
  }

  /** Ends the instance that the access key was issued to, in the middle of whatever it does. */
  async killByAccessKey(accessKeyId: string): Promise<void> {
    for (const runtime of this.#runtimes()) if (await runtime.killByAccessKey(accessKeyId)) return;
  }

  /** Ends all instances of the function. */
  async kill(functionName: string): Promise<void> {
    for (const runtime of this.#runtimes()) if (runtime.spec.functionName === functionName) await runtime.kill();
  }

  /** Queue triggers that wait in a long poll: as many as the queue service holds, when no message is on its way. */
  get polling(): number {
    return this.#queueTriggers().filter(({ trigger }) => trigger.isPolling).length;
  }

  /** State of every queue trigger; `Ready` is a blocked stream. */
  get streams(): { functionName: string; triggerName: string; state: 'Running' | 'Ready' | 'Stopped' }[] {
    return this.#queueTriggers().map(({ functionName, triggerName, trigger }) => ({
      functionName,
      triggerName,
      state: trigger.state,
    }));
  }

  /** Nothing runs, and whatever is queued waits for a later instant of the clock. */
  isIdle(): boolean {
    return this.#activity.isIdle() && this.#runtimes().every((runtime) => runtime.running === 0);
  }

  /** Instances that run now, warm ones included. */
  get instances(): number {
    return this.#runtimes().reduce((sum, { instances }) => sum + instances, 0);
  }

  #installOne(spec: FunctionSpec): void {
    const before = this.#installed.get(spec.functionName);
    const stats = this.#stats.get(spec.functionName) ?? newStats();
    this.#stats.set(spec.functionName, stats);
    let runtime = before?.runtime;
    if (runtime?.fingerprint === fingerprintOf(spec, this.#options.codeDir)) runtime.spec = spec;
    else {
      if (runtime !== undefined) this.#retire(runtime);
      runtime = new FunctionRuntime(spec, this.#runtimeOptions, stats);
    }
    const kept = new Map((before?.triggers ?? []).map((entry) => [entry.key, entry]));
    const triggers: Installed['triggers'] = [];
    const fresh: (TimerTrigger | QueueTrigger)[] = [];
    for (const trigger of spec.triggers) {
      const key = JSON.stringify(trigger);
      const same = kept.get(key);
      if (same !== undefined) {
        kept.delete(key);
        triggers.push(same);
        continue;
      }
      const made = this.#makeTrigger(spec.functionName, trigger);
      if (made === undefined) continue;
      fresh.push(made);
      triggers.push({ key, trigger: made });
    }
    for (const { trigger } of kept.values()) void trigger.stop();
    this.#installed.set(spec.functionName, { runtime, triggers });
    if (this.#isStarted) for (const trigger of fresh) trigger.start();
  }

  #makeTrigger(functionName: string, trigger: TriggerSpec): TimerTrigger | QueueTrigger | undefined {
    const { clock, accountId, regionId, random = Math.random } = this.#options;
    const activity = this.#activity;
    if (trigger.triggerType === 'timer') {
      if (!trigger.triggerConfig.enable) return undefined;
      return new TimerTrigger({
        trigger,
        clock,
        activity,
        invoke: (event) => this.invoke(functionName, event, { type: 'async' }),
      });
    }
    if (trigger.triggerType === 'http' || !trigger.triggerConfig.triggerEnable || this.#client === undefined)
      return undefined;
    return new QueueTrigger({
      trigger,
      functionName,
      accountId,
      regionId,
      clock,
      activity,
      random,
      client: this.#client,
      invoke: (event, type) => this.#invoke(functionName, event, { type }, this.#options.triggerLimitMs ?? 300_000),
      log: (level, message) => this.#log(level, message, functionName, ''),
    });
  }

  #retire(runtime: FunctionRuntime): void {
    runtime.retire();
    for (const old of this.#retired) if (old.running === 0) this.#retired.delete(old);
    this.#retired.add(runtime);
  }

  async #invoke(functionName: string, event: Buffer, options: InvokeOptions, limitMs: number): Promise<InvokeResult> {
    const requestId = options.requestId ?? randomUUID().toUpperCase();
    if (!this.#installed.has(functionName))
      return refused(requestId, 404, 'FunctionNotFound', `function '${functionName}' does not exist`);
    const isAsync = options.type === 'async';
    const mostBytes = isAsync ? asyncPayloadBytes : syncPayloadBytes;
    // Source: https://www.alibabacloud.com/help/en/functioncompute/error-codes (read 2026-11-23).
    if (event.length > mostBytes)
      return refused(
        requestId,
        400,
        'EntityTooLarge',
        `payload size exceeds maximum allowed size (${mostBytes} bytes)`,
      );
    if (!isAsync) return await this.#activity.track(() => this.#runNow(functionName, event, requestId, limitMs));
    this.#async.add({ functionName, requestId, event, delayMs: options.delayMs ?? 0, limitMs });
    return { requestId, statusCode: 202, body: Buffer.alloc(0), isColdStart: false, durationMs: 0 };
  }

  async #runNow(functionName: string, event: Buffer, requestId: string, limitMs: number): Promise<InvokeResult> {
    const installed = this.#installed.get(functionName);
    if (installed === undefined || this.#isClosed)
      return refused(requestId, 404, 'FunctionNotFound', `function '${functionName}' does not exist`);
    return await installed.runtime.invoke(requestId, event, limitMs);
  }

  #httpTriggers() {
    return this.functions.flatMap(({ functionName, triggers }) =>
      triggers.flatMap((trigger) => (trigger.triggerType === 'http' ? [{ functionName, trigger }] : [])),
    );
  }

  #queueTriggers() {
    return [...this.#installed].flatMap(([functionName, { triggers }]) =>
      triggers.flatMap(({ key, trigger }) =>
        trigger instanceof QueueTrigger
          ? [{ functionName, triggerName: (JSON.parse(key) as TriggerSpec).triggerName, trigger }]
          : [],
      ),
    );
  }

  #runtimes(): FunctionRuntime[] {
    return [...[...this.#installed.values()].map(({ runtime }) => runtime), ...this.#retired];
  }

  #log(level: LogLevel, message: string, functionName: string, requestId: string): void {
    const time = new Date(this.#options.clock.nowMs()).toISOString();
    const entry: LogEntry = { time, functionName, requestId, level, message };
    this.#followed.get(requestId)?.push(entry);
    this.#options.log?.(entry);
  }
}
