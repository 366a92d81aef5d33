/** Messages between the main thread and the worker that plays one function instance. */
import type { CodeCache } from './code-cache.ts';

/** Where a connection to an address of the cloud really goes, or the error that the cloud answers it with. */
export type Route =
  | { host: string; port: number }
  | { refusal: 'ECONNREFUSED' | 'ETIMEDOUT' | 'ENETUNREACH' | 'EHOSTUNREACH' | 'ECONNRESET' };

export interface WorkerData {
  /** Absolute path of the bundle. */
  file: string;
  /** Name of the exported handler. */
  exportName: string;
  codeCache: CodeCache | undefined;
  /** Float64Array: [mode, value]; see SharedTime. */
  time: SharedArrayBuffer;
  /** Int32Array of one: invocations sent so far. An instance that has served them all freezes on it. */
  sent: SharedArrayBuffer;
  freezes: boolean;
}

/** What a handler gets as `context`. Source: https://www.alibabacloud.com/help/en/functioncompute/context-1-1 (read 2026-11-22). */
export interface HandlerContext {
  requestId: string;
  credentials: { accessKeyId: string; accessKeySecret: string; securityToken: string };
  /** `memory` in MB, `timeout` in seconds. */
  function: { name: string; handler: string; memory: number; timeout: number };
  /** There are no services in 3.0: the names are empty. */
  service: { name: string; logProject: string; logStore: string; qualifier: string; versionId: string };
  region: string;
  accountId: string;
}

export type ToWorker =
  | { type: 'invoke'; event: Uint8Array; context: HandlerContext }
  | { type: 'route'; id: number; route: Route };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** `kind` is the value of `X-Fc-Error-Type`. */
export interface InvokeError {
  kind: 'HandledInvocationError' | 'UnhandledInvocationError';
  errorMessage: string;
  errorType: string;
  stackTrace: string[];
}

export type FromWorker =
  | { type: 'result'; body: Uint8Array }
  | { type: 'error'; error: InvokeError; isFatal: boolean }
  | { type: 'log'; level: LogLevel; message: string }
  | { type: 'code'; code: Uint8Array }
  | { type: 'route'; id: number; address: string; port: number };
