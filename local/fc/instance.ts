import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { type CodeCache, codeCacheOf, keepCode } from './code-cache.ts';
import { permissionFlags, realPath } from './permissions.ts';
import type { SharedTime } from './shared-time.ts';
import type { FunctionSpec } from './spec.ts';
import type {
  FromWorker,
  HandlerContext,
  InvokeError,
  LogLevel,
  Route,
  ToWorker,
  WorkerData,
} from './worker-protocol.ts';

export interface StsCredentials {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string;
  /** Absent where they never end. */
  expiresAtMs?: number;
}

export interface InstanceOptions {
  spec: FunctionSpec;
  /** Absolute path of the bundle. */
  file: string;
  /** Absolute path of the function's code: all that it may read. */
  folder: string;
  workerPath: string;
  time: SharedTime;
  freezes: boolean;
  credentials: StsCredentials;
  accountId: string;
  regionId: string;
  route: (address: string, port: number) => Promise<Route>;
  onLog: (level: LogLevel, message: string, requestId: string) => void;
  /** Called once, when the instance can serve no more. */
  onEnd: () => void;
}

export type Outcome = { body: Buffer } | { error: InvokeError };

const exited = (reason: string, errorType = 'FunctionUnhandledError'): InvokeError => ({
  kind: 'UnhandledInvocationError',
  errorMessage: reason,
  errorType,
  stackTrace: [],
});

/**
 * One instance of a function: a worker thread that is kept warm and serves one request at a time. The platform's own
 * error types (FunctionTimeoutError, FunctionOOMError, FunctionUnhandledError) are those of its request metrics.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/error-handling-nodejs (read 2026-11-22)
 */
export class Instance {
  readonly id = `c-${randomBytes(4).toString('hex')}-${randomBytes(6).toString('hex')}`;
  /** Of the cloud's clock; set by the pool that keeps the instance warm. */
  idleSinceMs = 0;
  /** What the next request gets; replaced before it expires. */
  credentials: StsCredentials;
  readonly #options: InstanceOptions;
  readonly #worker: Worker;
  readonly #sent = new SharedArrayBuffer(4);
  readonly #online: Promise<void>;
  readonly #codeCache: CodeCache | undefined;
  #running: { requestId: string; settle: (outcome: Outcome) => void } | undefined;
  #lastRequestId = '';
  #hasEnded = false;

  constructor(options: InstanceOptions) {
    this.#options = options;
    const { spec } = options;
    this.credentials = options.credentials;
    const [file, folder, workerPath] = [options.file, options.folder, options.workerPath].map(realPath) as [
      string,
      string,
      string,
    ];
    this.#codeCache = codeCacheOf(file, workerPath);
    const cached = this.#codeCache === undefined ? [] : [this.#codeCache.file];
    const workerData: WorkerData = {
      file,
      codeCache: this.#codeCache,
      exportName: spec.handler.slice(spec.handler.lastIndexOf('.') + 1),
      time: options.time.buffer,
      sent: this.#sent,
      freezes: options.freezes,
    };
    this.#worker = new Worker(workerPath, {
      workerData,
      env: this.#environment(),
      execArgv: permissionFlags([folder], [workerPath, ...cached]),
      name: spec.functionName,
      resourceLimits: { maxOldGenerationSizeMb: spec.memorySize },
      stdout: true,
      stderr: true,
    });
    this.#online = new Promise((resolve) => this.#worker.once('online', resolve));
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error: Error & { code?: string }) => this.#end(this.#failure(error)));
    this.#worker.on('exit', () => this.#end(exited('Process exited unexpectedly before completing request')));
  }

  get accessKeyId(): string {
    return this.credentials.accessKeyId;
  }

  get isAlive(): boolean {
    return !this.#hasEnded;
  }

  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Runs the handler once. The time limit is real time, since it is real work that it bounds; loading the bundle counts,
   * starting the thread does not.
   *
   * @param limitMs - 300000 for triggers, if below the function's own timeout.
   */
  async invoke(requestId: string, event: Buffer, limitMs: number): Promise<Outcome> {
    if (this.#running !== undefined) throw new Error('an instance serves one request at a time');
    if (this.#hasEnded) return { error: exited('Process exited unexpectedly before completing request') };
    let timer: NodeJS.Timeout | undefined;
    const outcome = new Promise<Outcome>((settle) => {
      this.#running = { requestId, settle };
    });
    this.#lastRequestId = requestId;
    await Promise.race([this.#online, outcome]);
    if (this.isAlive) {
      const ownMs = this.#options.spec.timeout * 1000;
      const timeoutMs = Math.min(ownMs, limitMs);
      timer = setTimeout(
        () => this.#end(exited(`Function timed out after ${timeoutMs / 1000} seconds`, 'FunctionTimeoutError')),
        timeoutMs,
      );
      const copy = Uint8Array.from(event);
      const message: ToWorker = { type: 'invoke', event: copy, context: this.#context(requestId) };
      const counter = new Int32Array(this.#sent);
      Atomics.add(counter, 0, 1);
      this.#worker.postMessage(message, [copy.buffer]);
      Atomics.notify(counter, 0);
    }
    try {
      return await outcome;
    } finally {
      clearTimeout(timer);
      this.#running = undefined;
    }
  }

  /** Ends the instance at once; a request that it serves fails as if its process had died. */
  async kill(): Promise<void> {
    this.#end(exited('Process exited unexpectedly before completing request'));
    await this.#worker.terminate();
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'log':
        this.#options.onLog(message.level, message.message, this.#lastRequestId);
        return;
      case 'route':
        void this.#answerRoute(message.id, message.address, message.port);
        return;
      case 'code':
        if (this.#codeCache !== undefined) keepCode(this.#codeCache, message.code, this.#worker.threadId);
        return;
      case 'result':
        this.#running?.settle({ body: Buffer.from(message.body) });
        return;
      case 'error':
        if (message.isFatal) this.#end(message.error);
        else this.#running?.settle({ error: message.error });
    }
  }

  async #answerRoute(id: number, address: string, port: number): Promise<void> {
    let route: Route;
    try {
      route = await this.#options.route(address, port);
    } catch (error) {
      this.#options.onLog('error', `no route to ${address}:${port}: ${String(error)}`, this.#lastRequestId);
      route = { refusal: 'EHOSTUNREACH' };
    }
    const message: ToWorker = { type: 'route', id, route };
    if (this.isAlive) this.#worker.postMessage(message, []);
  }

  #failure(error: Error & { code?: string }): InvokeError {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      return exited(`Function exceeded its memory of ${this.#options.spec.memorySize} MB`, 'FunctionOOMError');
    const stackTrace = (error.stack ?? '').split('\n').map((line) => line.trim());
    return {
      kind: 'UnhandledInvocationError',
      errorMessage: error.message,
      errorType: error.name,
      stackTrace: stackTrace.filter((line) => line.startsWith('at ')),
    };
  }

  #end(error: InvokeError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#running === undefined && error.errorType !== 'FunctionUnhandledError')
      this.#options.onLog('error', `the idle instance died: ${error.errorMessage}`, this.#lastRequestId);
    this.#running?.settle({ error });
    void this.#worker.terminate();
    this.#options.onEnd();
  }

  #environment(): Record<string, string> {
    const { spec, accountId, regionId } = this.#options;
    return {
      // Nothing of who runs the embedded cloud: libraries look for keys in a home.
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/tmp',
      LANG: 'en_US.UTF-8',
      ...spec.environmentVariables,
      FC_ACCOUNT_ID: accountId,
      FC_REGION: regionId,
      FC_FUNCTION_NAME: spec.functionName,
      FC_FUNCTION_HANDLER: spec.handler,
      FC_FUNCTION_MEMORY_SIZE: String(spec.memorySize),
      FC_INSTANCE_ID: this.id,
      FC_QUALIFIER: 'LATEST',
    };
  }

  #context(requestId: string): HandlerContext {
    const { spec, accountId, regionId } = this.#options;
    const { accessKeyId, accessKeySecret, securityToken } = this.credentials;
    return {
      requestId,
      credentials: { accessKeyId, accessKeySecret, securityToken },
      function: { name: spec.functionName, handler: spec.handler, memory: spec.memorySize, timeout: spec.timeout },
      service: { name: '', logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
      region: regionId,
      accountId,
    };
  }
}
