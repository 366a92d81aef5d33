import type { Clock } from '../shared/clock.ts';
import type { CredentialStore } from './credentials.ts';
import { FunctionCompute } from './fc/function-compute.ts';
import { readFunctions } from './fc/s-yaml.ts';
import type { LogEntry } from './fc/function-runtime.ts';
import type { StsCredentials } from './fc/instance.ts';
import type { FunctionSpec } from './fc/spec.ts';
import type { Route } from './data-plane/index.ts';

export interface FunctionsOptions {
  clock: Clock;
  accountId: string;
  regionId: string;
  /** Text of s.yaml. */
  definition: string;
  /** What `${env()}` in it reads. */
  env: Record<string, string | undefined>;
  /** Added to the environment of every function: endpoints and DNS servers. */
  environment: Record<string, string>;
  codeDir: string;
  workerPath: string;
  credentials: (role: string, functionName: string) => Promise<StsCredentials>;
  revoke?: (accessKeyId: string) => void;
  route: (address: string, port: number) => Promise<Route>;
  /** Base URL of the queue service, and the account's own key for the triggers. */
  mnsEndpoint: string;
  /** Real time that a trigger waits for an answer of the queue service; default for ever, as fits a clock that jumps. */
  mnsTimeoutMs?: number;
  credentialStore: CredentialStore;
  /** `true`: every queue trigger invokes asynchronously. */
  asyncInvocation?: boolean;
  /** What becomes of accepted asynchronous requests of a function; default each runs once. */
  asyncFate?: (functionName: string) => 'once' | 'twice' | 'lost';
  /** How long an idle instance is kept, by the clock; default 5 minutes. */
  idleReclaimMs?: number;
  log?: (entry: LogEntry) => void;
}

/** Function Compute with the function set of s.yaml installed; `start()` sets the triggers going. */
export function installFunctions(options: FunctionsOptions): FunctionCompute {
  const { clock, accountId, regionId, credentialStore } = options;
  const functions = readFunctions(options.definition, options.env, { accountId }).map((spec): FunctionSpec => ({
    ...spec,
    environmentVariables: { ...spec.environmentVariables, ...options.environment },
    triggers: spec.triggers.map((trigger) =>
      trigger.triggerType === 'eventbridge' && options.asyncInvocation === true
        ? { ...trigger, triggerConfig: { ...trigger.triggerConfig, asyncInvocationType: true } }
        : trigger,
    ),
  }));
  const functionCompute = new FunctionCompute({
    clock,
    accountId,
    regionId,
    codeDir: options.codeDir,
    workerPath: options.workerPath,
    credentials: options.credentials,
    ...(options.revoke === undefined ? {} : { revoke: options.revoke }),
    route: options.route,
    mns: {
      endpoint: options.mnsEndpoint,
      credential: () => credentialStore.root,
      ...(options.mnsTimeoutMs === undefined ? {} : { timeoutMs: options.mnsTimeoutMs }),
    },
    credentialStore,
    ...(options.asyncFate === undefined ? {} : { asyncFate: options.asyncFate }),
    ...(options.idleReclaimMs === undefined ? {} : { idleReclaimMs: options.idleReclaimMs }),
    ...(options.log === undefined ? {} : { log: options.log }),
  });
  functionCompute.install(functions);
  return functionCompute;
}
