import { createAlbClient } from './alibaba/alb-client.ts';
import type { CloudSettings } from './alibaba/call.ts';
import { Budget } from './budget.ts';
import { createCertificatesClient } from './alibaba/certificates-client.ts';
import { createDnsClient } from './alibaba/dns-client.ts';
import { createEcsClient } from './alibaba/ecs-client.ts';
import { createResourceManagerClient } from './alibaba/resource-manager-client.ts';
import { createVpcClient } from './alibaba/vpc-client.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Config, loadFunctionConfig } from './config.ts';
import { jsonLog, type Log } from './log.ts';
import { type Dial, dialUntil, systemDial } from './net/dial.ts';
import { createResolver, type Resolver } from './net/resolver.ts';
import { Queues } from './queue/queues.ts';
import { ActiveDeployments } from './store/active.ts';
import { Alerts, Notices } from './store/alerts.ts';
import { Channels } from './store/channels.ts';
import { Deployments } from './store/deployments.ts';
import { Events } from './store/events.ts';
import { Groups } from './store/groups.ts';
import { IdempotencyKeys } from './store/idempotency.ts';
import { Names } from './store/names.ts';
import { Quotas } from './store/quotas.ts';
import { RowStore } from './store/rows.ts';
import { Watches } from './store/watches.ts';
import type { Clouds } from './stage.ts';

/** What Function Compute passes to a handler, as far as it is used. Source: https://help.aliyun.com/en/functioncompute/context-1-1 */
export interface FcContext {
  requestId: string;
  credentials: { accessKeyId: string; accessKeySecret: string; securityToken?: string };
  /** `timeout` in seconds. */
  function: { name: string; timeout?: number };
  region?: string;
  accountId?: string;
}

/** Everything that functions reach the world with. */
export interface Runtime {
  config: Config;
  /** After so long the function is killed; absent: a command, which has no end of its own. */
  timeoutMs: number | undefined;
  /** What the cloud, name servers and load balancers are asked within; the rest is for writing down what came of it. */
  budget: Budget;
  clock: Clock;
  random: () => number;
  log: Log;
  rows: RowStore;
  deployments: Deployments;
  watches: Watches;
  active: ActiveDeployments;
  groups: Groups;
  names: Names;
  quotas: Quotas;
  idempotency: IdempotencyKeys;
  events: Events;
  alerts: Alerts;
  notices: Notices;
  channels: Channels;
  queues: Queues;
  clouds: Clouds;
  dial: Dial;
  resolver: Resolver;
}

/** `work`: for what is asked of the cloud, name servers and load balancers; `whole`: for the store and the queues. */
export interface Budgets {
  work: Budget;
  whole: Budget;
}

export interface RuntimeParts {
  config: Config;
  credentials: { accessKeyId: string; accessKeySecret: string; securityToken?: string | undefined };
  log: Log;
  /** Of a function, which is killed after so long. */
  timeoutMs?: number;
  /** In place of those that follow from the timeout. Without both: without an end. */
  budgets?: Budgets;
  clock?: Clock;
  dial?: Dial;
  random?: () => number;
  /** Short waits between repeats of a busy store or queue call. */
  pause?: (ms: number) => Promise<void>;
}

/** What a stage has asked for must be written down, by a store that may be busy. */
const reserveMs = 8000;
/** After the last write, the answer must leave the function. */
const marginMs = 1000;

/** The budgets of an invocation that has just begun. */
function budgetsOf(timeoutMs: number): Budgets {
  const whole = new Budget(timeoutMs - Math.min(marginMs, timeoutMs / 10));
  return { work: whole.before(Math.min(reserveMs, timeoutMs / 4)), whole };
}

/** Tablestore table names take letters, digits and underscores. */
export const tablePrefix = (name: string): string => name.replaceAll('-', '_');

export function createRuntime(parts: RuntimeParts): Runtime {
  const { config, credentials, log, timeoutMs, clock = systemClock } = parts;
  const { work, whole } = parts.budgets ?? budgetsOf(timeoutMs ?? Number.POSITIVE_INFINITY);
  const dial = dialUntil(work, parts.dial ?? systemDial);
  const rows = new RowStore({
    endpoint: config.tablestoreEndpoint,
    instance: config.tablestoreInstance,
    prefix: tablePrefix(config.name),
    credentials,
    timeoutMs: config.readTimeoutMs,
    budget: whole,
    ...(parts.pause === undefined ? {} : { pause: parts.pause }),
  });
  const settings: CloudSettings = {
    regionId: config.regionId,
    endpoint: config.endpoint,
    credentials,
    readTimeoutMs: config.readTimeoutMs,
    connectTimeoutMs: config.connectTimeoutMs,
    budget: work,
  };
  return {
    config,
    timeoutMs,
    budget: work,
    clock,
    random: parts.random ?? Math.random,
    log,
    rows,
    deployments: new Deployments(rows),
    watches: new Watches(rows),
    active: new ActiveDeployments(rows),
    groups: new Groups(rows.within(work)),
    names: new Names(rows),
    quotas: new Quotas(rows),
    idempotency: new IdempotencyKeys(rows),
    events: new Events(rows),
    alerts: new Alerts(rows),
    notices: new Notices(rows),
    channels: new Channels(rows, config.channelSecrets),
    queues: new Queues({
      endpoint: config.mnsEndpoint,
      accountId: config.accountId,
      regionId: config.regionId,
      prefix: config.name,
      messageKeys: config.messageKeys,
      nowMs: () => clock.nowMs(),
      credentials,
      readTimeoutMs: config.readTimeoutMs,
      connectTimeoutMs: config.connectTimeoutMs,
      budget: whole,
      ...(parts.pause === undefined ? {} : { pause: parts.pause }),
    }),
    clouds: lazyClouds(settings),
    dial,
    resolver: createResolver({ servers: config.dnsServers, dial, timeoutMs: config.connectTimeoutMs }),
  };
}

function lazyClouds(settings: CloudSettings): Clouds {
  const lazily = <T>(create: (settings: CloudSettings) => T): (() => T) => {
    let made: T | undefined;
    return () => (made ??= create(settings));
  };
  const vpc = lazily(createVpcClient);
  const ecs = lazily(createEcsClient);
  const alb = lazily(createAlbClient);
  const dns = lazily(createDnsClient);
  const certificates = lazily(createCertificatesClient);
  const resourceManager = lazily(createResourceManagerClient);
  return {
    get vpc() {
      return vpc();
    },
    get ecs() {
      return ecs();
    },
    get alb() {
      return alb();
    },
    get dns() {
      return dns();
    },
    get certificates() {
      return certificates();
    },
    get resourceManager() {
      return resourceManager();
    },
  };
}

let config: Config | undefined;

/** As s.yaml has it for every function. */
const usualTimeoutSeconds = 30;

/** The runtime of a function in Function Compute: settings from the environment, temporary credentials from the context. */
export function runtimeOf(context: FcContext): Runtime {
  config ??= loadFunctionConfig(process.env);
  return createRuntime({
    config,
    credentials: context.credentials,
    timeoutMs: (context.function.timeout ?? usualTimeoutSeconds) * 1000,
    log: jsonLog(config.logLevel, { function: context.function.name, requestId: context.requestId }),
  });
}
