import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import { valueAt } from '../shared/dictionary.ts';
import { loadConfig } from '../shared/config.ts';
import { EmbeddedCloud, type CloudOptions } from '../local/cloud.ts';
import { CredentialStore, type PolicyDocument } from '../local/credentials.ts';
import type { Route } from '../local/data-plane/index.ts';
import { Edge } from '../local/edge.ts';
import type { FunctionCompute } from '../local/fc/function-compute.ts';
import type { LogEntry } from '../local/fc/function-runtime.ts';
import type { StsCredentials } from '../local/fc/instance.ts';
import { triggerHost } from '../local/fc/http-trigger.ts';
import { installFunctions } from '../local/functions.ts';
import { ApiGateway } from './api-gateway.ts';
import { derivedMessageKeys, formatMessageKeys } from '../shared/queue/seal.ts';
import { bootstrap } from './bootstrap.ts';
import { CommandError } from './command-error.ts';
import { controlHeaders, KeysError, refusedToken, rememberToken, staleKeys } from './keys.ts';

/** An installation of the function set that runs on this machine. */
export interface Installation {
  /** Where `/load-balancers` is served to plain HTTP clients. */
  url: string;
  cloudUrl: string;
  functions: FunctionCompute;
  /** The embedded cloud, where it runs in this process. */
  cloud: EmbeddedCloud | undefined;
  dns: { host: string; port: number };
  route(address: string, port: number): Promise<Route>;
  /** Brings a network into being that the request adopts. */
  seed(seed: object): Promise<void>;
  wireCalls(): Promise<number>;
  close(): Promise<void>;
}

export interface InstallationOptions {
  root: string;
  port: number;
  /** Base URL of an embedded cloud elsewhere; undefined: one of its own. */
  endpoint: string | undefined;
  cloud: CloudOptions;
  onLog: (entry: LogEntry) => void;
  asyncInvocation?: boolean;
  /** One queue and one function for all stages, as s-one-queue.yaml has it. */
  oneQueue?: boolean;
  /** Settings of the functions besides those of s.yaml. */
  environment?: Record<string, string>;
  /** What becomes of accepted asynchronous requests of a function; default each runs once. */
  asyncFate?: (functionName: string) => 'once' | 'twice' | 'lost';
  /** How long an idle instance is kept, by the clock; default 5 minutes. */
  idleReclaimMs?: number;
  /** Where the bundles are; a function makes them once nothing else can stand in the way. Default dist/functions. */
  codeDir?: string | (() => Promise<string>);
  workerPath?: string;
}

export interface Endpoints {
  url: string;
  regionId: string;
  accountId: string;
  credentials: { accessKeyId: string; accessKeySecret: string };
  dns: { host: string; port: number };
  /** Channels that end in the cloud's inbox. */
  alertChannels: object[];
}

/** Roles of the functions, with their policies. */
export const rolePolicies = (root: string, name: string): Record<string, PolicyDocument> =>
  Object.fromEntries(Object.entries(policyFiles).map(([kind, file]) => [`${name}-${kind}`, readPolicy(root, file)]));

const controlTimeoutMs = 20_000;

const policyFiles: Record<string, string> = {
  provisioner: 'provisioner.json',
  api: 'api.json',
  alert: 'alert.json',
  prober: 'prober.json',
};

const readPolicy = (root: string, file: string): PolicyDocument =>
  JSON.parse(readFileSync(join(root, 'policies', file), 'utf8')) as PolicyDocument;

/** Starts everything and installs the function set from s.yaml. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  return options.endpoint === undefined ? await startHere(options) : await startElsewhere(options, options.endpoint);
}

const definitionOf = ({ root, oneQueue = false }: InstallationOptions): string =>
  readFileSync(join(root, oneQueue ? 's-one-queue.yaml' : 's.yaml'), 'utf8');

/** What functions of the embedded cloud get besides the environment of s.yaml: where the cloud is, and its inbox. */
export const environmentOf = (cloud: EmbeddedCloud) => ({
  DUALSTACK_ALB_ENDPOINT: cloud.url,
  DUALSTACK_ALB_DNS_SERVERS: `${cloud.dataPlane.dns.host}:${cloud.dataPlane.dns.port}`,
  DUALSTACK_ALB_PUBLIC_URL: cloud.url,
  DUALSTACK_ALB_ALERT_CHANNELS: JSON.stringify(cloud.inbox.channels(cloud.url)),
});

async function startHere(options: InstallationOptions): Promise<Installation> {
  const { root } = options;
  let functions: FunctionCompute | undefined;
  const cloud = new EmbeddedCloud({
    ...options.cloud,
    onKill: (accessKeyId) => functions?.killByAccessKey(accessKeyId),
  });
  await cloud.start(options.port);
  rememberToken(cloud.url, cloud.controlToken);
  const close = async () => {
    await functions?.close();
    await cloud.close();
  };
  const { credentials, context } = cloud;
  const base = baseEnvironment(context.regionId, credentials.accountId, {
    ...options,
    secret: credentials.root.accessKeySecret,
  });
  for (const [kind, file] of Object.entries(policyFiles))
    credentials.setRolePolicies(`${base.DUALSTACK_ALB_NAME}-${kind}`, [readPolicy(root, file)]);
  const environment = { ...environmentOf(cloud), ...options.environment };
  const codeDir = await orClose(close, codeDirOf(options));
  functions = installFunctions({
    clock: cloud.clock,
    accountId: credentials.accountId,
    regionId: context.regionId,
    definition: definitionOf(options),
    env: base,
    environment,
    codeDir,
    workerPath: options.workerPath ?? join(root, 'dist', 'tools', 'worker.cjs'),
    credentials: (role, functionName) => Promise.resolve(credentials.issue(role, functionName)),
    revoke: (accessKeyId) => credentials.revoke(accessKeyId),
    route: (address, port) => cloud.dataPlane.route(address, port),
    mnsEndpoint: cloud.url,
    credentialStore: credentials,
    asyncInvocation: options.asyncInvocation ?? false,
    ...(options.asyncFate === undefined ? {} : { asyncFate: options.asyncFate }),
    ...(options.idleReclaimMs === undefined ? {} : { idleReclaimMs: options.idleReclaimMs }),
    log: options.onLog,
  });
  cloud.addService(functions.httpService);
  cloud.addService(
    new ApiGateway({
      triggerHost: triggerHost(`${base.DUALSTACK_ALB_NAME}-api`, context.regionId, credentials.accountId),
      credential: credentials.root,
      trigger: functions.httpService,
      nowMs: () => cloud.clock.nowMs(),
    }),
  );
  await orClose(close, prepare(loadConfig({ ...base, ...environment }), credentials.root));
  functions.start();
  const running = functions;
  return {
    url: cloud.url,
    cloudUrl: cloud.url,
    functions: running,
    cloud,
    dns: cloud.dataPlane.dns,
    route: (address, port) => cloud.dataPlane.route(address, port),
    seed: async (seed) => {
      await control(cloud.url, 'POST', 'seed', seed);
    },
    wireCalls: () => Promise.resolve(cloud.edge.calls),
    close,
  };
}

async function startElsewhere(options: InstallationOptions, endpoint: string): Promise<Installation> {
  const url = endpoint.replace(/\/+$/, '');
  const { root } = options;
  const there = (await control(url, 'GET', 'endpoints').catch((error: unknown) => {
    if (error instanceof KeysError) throw error;
    throw new CommandError(
      `--endpoint ${endpoint} does not answer as an embedded cloud: ${reasonOf(error)}\nStart one with "npm run cloud", or give the URL of a proxy before one.`,
    );
  })) as Endpoints;
  const base = baseEnvironment(there.regionId, there.accountId, {
    ...options,
    secret: there.credentials.accessKeySecret,
  });
  for (const [kind, file] of Object.entries(policyFiles))
    await control(url, 'PUT', `roles/${base.DUALSTACK_ALB_NAME}-${kind}`, [readPolicy(root, file)]);
  const environment = {
    DUALSTACK_ALB_ENDPOINT: url,
    DUALSTACK_ALB_DNS_SERVERS: `${there.dns.host}:${there.dns.port}`,
    DUALSTACK_ALB_ALERT_CHANNELS: JSON.stringify(there.alertChannels),
    ...options.environment,
  };
  const codeDir = await codeDirOf(options);
  const credentialStore = new CredentialStore(there.accountId, there.credentials);
  const route = async (address: string, port: number): Promise<Route> =>
    (await control(url, 'GET', `route?address=${encodeURIComponent(address)}&port=${port}`)) as Route;
  const functions = installFunctions({
    clock: systemClock,
    accountId: there.accountId,
    regionId: there.regionId,
    definition: definitionOf(options),
    env: base,
    environment,
    codeDir,
    workerPath: options.workerPath ?? join(root, 'dist', 'tools', 'worker.cjs'),
    credentials: async (role, functionName) =>
      (await control(url, 'POST', 'credentials', { role, functionName })) as StsCredentials,
    revoke: (accessKeyId) =>
      void control(url, 'DELETE', `credentials/${encodeURIComponent(accessKeyId)}`).catch(() => undefined),
    route,
    mnsEndpoint: url,
    // What is between here and there may swallow a call.
    mnsTimeoutMs: controlTimeoutMs,
    credentialStore,
    asyncInvocation: options.asyncInvocation ?? false,
    ...(options.asyncFate === undefined ? {} : { asyncFate: options.asyncFate }),
    ...(options.idleReclaimMs === undefined ? {} : { idleReclaimMs: options.idleReclaimMs }),
    log: options.onLog,
  });
  const gateway = new ApiGateway({
    triggerHost: triggerHost(`${base.DUALSTACK_ALB_NAME}-api`, there.regionId, there.accountId),
    credential: credentialStore.root,
    trigger: functions.httpService,
    nowMs: () => Date.now(),
  });
  const edge = new Edge({
    clock: systemClock,
    credentials: credentialStore,
    services: [functions.httpService, gateway],
  });
  await edge.listen(options.port);
  const close = async () => {
    await functions.close();
    await edge.close();
  };
  await orClose(close, prepare(loadConfig({ ...base, ...environment }), there.credentials));
  functions.start();
  return {
    url: edge.url,
    cloudUrl: url,
    functions,
    cloud: undefined,
    dns: there.dns,
    route,
    seed: async (seed) => {
      await control(url, 'POST', 'seed', seed);
    },
    wireCalls: async () => ((await control(url, 'GET', 'wire-log?from=999999999')) as { next: number }).next,
    close,
  };
}

/** Queues and tables; what did not come about after several tries is one sentence, not a stack. */
async function prepare(...[config, credentials]: Parameters<typeof bootstrap>): Promise<void> {
  await bootstrap(config, credentials).catch((error: unknown) => {
    throw new CommandError(`The queues and tables of the installation could not be made. ${reasonOf(error)}`);
  });
}

const codeDirOf = async ({ root, codeDir }: InstallationOptions): Promise<string> =>
  typeof codeDir === 'function' ? await codeDir() : (codeDir ?? join(root, 'dist', 'functions'));

/** Open sockets would keep the process alive after a failed start. */
async function orClose<T>(close: () => Promise<void>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Settings that `s.yaml` takes from the environment of whoever deploys, and what bounds or allows requests here too. */
const operatorSettings = [
  'DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED',
  'DUALSTACK_ALB_MAX_DEPLOYMENTS',
  'DUALSTACK_ALB_MAX_WATCHES',
  'DUALSTACK_ALB_MAX_PROBES_PER_MINUTE',
  'DUALSTACK_ALB_MAX_PROBES_PER_HOUR',
];

/**
 * Returns what `s.yaml` reads from the environment.
 *
 * @param secret - of the embedded cloud's root, drawn at each start: all that work with one cloud, at once or one after the other,
 *   have the same message key.
 */
export function baseEnvironment(
  regionId: string,
  accountId: string,
  { secret, oneQueue = false }: Pick<InstallationOptions, 'oneQueue'> & { secret: string },
) {
  return {
    DUALSTACK_ALB_MESSAGE_KEYS: formatMessageKeys(derivedMessageKeys(secret)),
    DUALSTACK_ALB_NAME: 'dualstack-alb',
    DUALSTACK_ALB_REGION: regionId,
    DUALSTACK_ALB_ACCOUNT_ID: accountId,
    ...(oneQueue ? { DUALSTACK_ALB_STAGE_QUEUE: 'stages' } : {}),
    ...Object.fromEntries(operatorSettings.map((name) => [name, valueAt(process.env, name) ?? ''])),
  };
}

/** `fetch` hides what happened in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

const isRefusedConnection = (error: unknown): boolean =>
  error instanceof Error && (error.cause as { code?: string } | undefined)?.code === 'ECONNREFUSED';

/** A call of `/_local/`; such calls are free of effects on the cloud's resources, so a lost answer is asked for again. */
export async function control(url: string, method: string, path: string, body?: object): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(`${url}/_local/${path}`, {
        method,
        signal: AbortSignal.timeout(controlTimeoutMs),
        headers: { ...controlHeaders(url), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      // Whatever is no JSON comes from a proxy in between.
      const answer = (await response.json()) as { error?: string };
      if (response.status >= 500) throw new Error(`HTTP status ${response.status}`);
      if (response.status === 401) throw refusedToken(url);
      if (!response.ok) throw new CommandError(`${method} /_local/${path}: ${answer.error ?? response.status}`);
      return answer;
    } catch (error) {
      // Keys are written once the cloud listens.
      const gone = isRefusedConnection(error) ? staleKeys(url) : undefined;
      if (gone !== undefined) throw gone;
      if (error instanceof CommandError || attempt >= 8) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(1000, 50 * 2 ** attempt)));
    }
  }
}
