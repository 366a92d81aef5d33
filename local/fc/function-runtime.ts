import { isAbsolute, join, resolve } from 'node:path';
import { statSync } from 'node:fs';
import type { Clock } from '../../shared/clock.ts';
import { roleName } from './arn.ts';
import { IdleInstances } from './idle-instances.ts';
import { Instance, type InstanceOptions, type StsCredentials } from './instance.ts';
import type { FunctionSpec } from './spec.ts';
import type { InvokeError, LogLevel } from './worker-protocol.ts';

export interface InvokeResult {
  requestId: string;
  /** 200 also when the handler failed (P-141), 202 accepted for later; 400, 404, 429 refused with `refusal`. */
  statusCode: number;
  /** The handler's output, or its error as JSON. */
  body: Buffer;
  error?: InvokeError;
  refusal?: { code: string; message: string };
  isColdStart: boolean;
  /** Real time, cold start included. */
  durationMs: number;
}

export interface FunctionStats {
  invocations: number;
  errors: number;
  throttles: number;
  coldStarts: number;
  /** Real milliseconds of the last 1000 invocations, in order. */
  durationsMs: number[];
}

export interface LogEntry {
  time: string;
  functionName: string;
  requestId: string;
  level: LogLevel;
  message: string;
}

export interface RuntimeOptions extends Pick<
  InstanceOptions,
  'workerPath' | 'time' | 'freezes' | 'accountId' | 'regionId' | 'route'
> {
  clock: Clock;
  codeDir: string;
  credentials: (role: string, functionName: string) => Promise<StsCredentials>;
  revoke: (accessKeyId: string) => void;
  log: (level: LogLevel, message: string, functionName: string, requestId: string) => void;
  /** Most instances of one function when it reserves none. */
  concurrency: number;
  /** An instance that has been idle for longer, by the cloud's clock, ends. */
  idleReclaimMs: number;
}

export const newStats = (): FunctionStats => ({
  invocations: 0,
  errors: 0,
  throttles: 0,
  coldStarts: 0,
  durationsMs: [],
});

export const refused = (requestId: string, statusCode: number, code: string, message: string): InvokeResult => ({
  requestId,
  statusCode,
  body: Buffer.from(JSON.stringify({ RequestId: requestId, Code: code, Message: message })),
  refusal: { code, message },
  isColdStart: false,
  durationMs: 0,
});

/**
 * What credentials must still last for beyond the longest run of a request, or the instance gets new ones with it. The vendor says
 * how long they last, not when it replaces them: that a request never outlives its own is the emulator's word.
 */
const spareMs = 15 * 60_000;

/** Named in the platform's request metrics only: what it answers then is the message alone. */
const platformErrors = new Set(['FunctionTimeoutError', 'FunctionOOMError', 'FunctionUnhandledError']);

/** What a caller sees of an error. */
export const errorBody = (error: InvokeError): Buffer =>
  Buffer.from(
    JSON.stringify({
      errorMessage: error.errorMessage,
      ...(platformErrors.has(error.errorType) ? {} : { errorType: error.errorType }),
      ...(error.stackTrace.length === 0 ? {} : { stackTrace: error.stackTrace }),
    }),
  );

/** One installed function: its instances, warm and busy. */
export class FunctionRuntime {
  /** Replaced when only the triggers change. */
  spec: FunctionSpec;
  readonly stats: FunctionStats;
  /** Changes with the definition or with the bundle. */
  readonly fingerprint: string;
  readonly #options: RuntimeOptions;
  readonly #file: string;
  readonly #instances = new Set<Instance>();
  readonly #idle: IdleInstances;
  #running = 0;
  #isRetired = false;

  constructor(spec: FunctionSpec, options: RuntimeOptions, stats = newStats()) {
    this.spec = spec;
    this.stats = stats;
    this.#options = options;
    this.#idle = new IdleInstances(options.clock, options.idleReclaimMs);
    this.#file = bundleFile(spec, options.codeDir);
    this.fingerprint = fingerprintOf(spec, options.codeDir);
  }

  get running(): number {
    return this.#running;
  }

  /** Runs the function now, or refuses with 429 when all its concurrency is in use. */
  async invoke(requestId: string, event: Buffer, limitMs: number): Promise<InvokeResult> {
    const limit = this.spec.reservedConcurrency ?? this.#options.concurrency;
    if (this.#running >= limit) {
      this.stats.throttles += 1;
      // Source: https://www.alibabacloud.com/help/en/functioncompute/error-codes (read 2026-11-23).
      return refused(requestId, 429, 'ResourceExhausted', `${this.spec.functionName} runs ${limit} times already`);
    }
    this.#running += 1;
    const startedAt = performance.now();
    this.stats.invocations += 1;
    try {
      const warm = this.#idle.take();
      const instance = warm ?? (await this.#start());
      if (warm !== undefined) await this.#renew(warm);
      if (warm === undefined) this.stats.coldStarts += 1;
      this.#options.time.sync();
      this.#log('debug', 'invocation starts', requestId);
      const outcome = await instance.invoke(requestId, event, limitMs);
      this.#release(instance);
      const durationMs = performance.now() - startedAt;
      this.stats.durationsMs.push(durationMs);
      if (this.stats.durationsMs.length > 1000) this.stats.durationsMs.shift();
      const isColdStart = warm === undefined;
      if ('body' in outcome) {
        this.#log('debug', 'invocation ends', requestId);
        return { requestId, statusCode: 200, body: outcome.body, isColdStart, durationMs };
      }
      this.stats.errors += 1;
      const { error } = outcome;
      this.#log('error', `invocation fails: ${error.errorType}: ${error.errorMessage}`, requestId);
      return { requestId, statusCode: 200, body: errorBody(error), error, isColdStart, durationMs };
    } finally {
      this.#running -= 1;
    }
  }

  /** Ends the instance that holds the access key; says whether there was one. */
  async killByAccessKey(accessKeyId: string): Promise<boolean> {
    for (const instance of this.#instances)
      if (instance.accessKeyId !== '' && instance.accessKeyId === accessKeyId) {
        await instance.kill();
        return true;
      }
    return false;
  }

  /** Instances that run now, warm ones included. */
  get instances(): number {
    return this.#instances.size;
  }

  /** Ends every instance, busy ones too. */
  async kill(): Promise<void> {
    this.#idle.clear();
    await Promise.all([...this.#instances].map((instance) => instance.kill()));
  }

  /** Idle instances end now, busy ones when they have answered. */
  retire(): void {
    this.#isRetired = true;
    this.#idle.clear();
  }

  async #start(): Promise<Instance> {
    const issued = await this.#credentials();
    const instance: Instance = new Instance({
      ...this.#options,
      spec: this.spec,
      file: this.#file,
      folder: codeFolder(this.spec, this.#options.codeDir),
      credentials: issued,
      onLog: (level, message, requestId) => this.#log(level, message, requestId),
      onEnd: () => {
        this.#instances.delete(instance);
        this.#idle.forget(instance);
        this.#revoke(instance);
      },
    });
    this.#instances.add(instance);
    return instance;
  }

  /** None without a role. */
  async #credentials(): Promise<StsCredentials> {
    const name = roleName(this.spec.role);
    if (name === '') return { accessKeyId: '', accessKeySecret: '', securityToken: '' };
    return await this.#options.credentials(name, this.spec.functionName);
  }

  /** An instance that lives on gets new credentials in time. Those before stay good until they expire, as with the platform. */
  async #renew(instance: Instance): Promise<void> {
    const { expiresAtMs = Number.POSITIVE_INFINITY } = instance.credentials;
    if (this.#options.clock.nowMs() + this.spec.timeout * 1000 + spareMs < expiresAtMs) return;
    instance.credentials = await this.#credentials();
    // It may have ended meanwhile.
    if (!instance.isAlive) this.#revoke(instance);
  }

  #revoke({ accessKeyId }: Instance): void {
    if (accessKeyId !== '') this.#options.revoke(accessKeyId);
  }

  #release(instance: Instance): void {
    if (!instance.isAlive) return;
    if (this.#isRetired) void instance.kill();
    else this.#idle.add(instance);
  }

  #log(level: LogLevel, message: string, requestId: string): void {
    this.#options.log(level, message, this.spec.functionName, requestId);
  }
}

const codeFolder = (spec: FunctionSpec, codeDir: string): string =>
  resolve(isAbsolute(spec.code) ? spec.code : codeDir);

function bundleFile(spec: FunctionSpec, codeDir: string): string {
  return resolve(join(codeFolder(spec, codeDir), `${spec.handler.slice(0, spec.handler.lastIndexOf('.'))}.js`));
}

export function fingerprintOf(spec: FunctionSpec, codeDir: string): string {
  const file = statSync(bundleFile(spec, codeDir), { throwIfNoEntry: false });
  return JSON.stringify([{ ...spec, triggers: [] }, file?.mtimeMs, file?.size]);
}
