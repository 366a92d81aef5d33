import * as z from 'zod';
import { type Channel, channelsSchema } from './alert/channel.ts';
import { type ChannelSecrets, readChannel, secretVariable } from './alert/stored-channel.ts';
import { parseDnsServer } from './net/resolver.ts';
import { type MessageKey, noKey, parseMessageKeys } from './queue/seal.ts';
import { setAt } from './dictionary.ts';
import type { ManagePermission } from './deployment/manage-adopted.ts';
import { check, problemsOf } from './deployment/problems.ts';

const prefix = 'DUALSTACK_ALB_';

const wholeNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .default(fallback);

const url = z
  .url({ protocol: /^https?$/ })
  // A trailing slash would break the signature of MNS requests.
  .transform((text) => text.replace(/\/+$/, ''));

/** `true`, `false`, or ids of VPCs and security groups, separated by commas. */
const managePermission = z.string().transform((text, context): ManagePermission => {
  const ids = text.split(',').map((id) => id.trim());
  if (text === 'true') return 'everywhere';
  if (text === 'false') return [];
  if (!ids.every((id) => /^(vpc|sg)-[a-z0-9]+$/.test(id)))
    context.addIssue({ code: 'custom', message: 'must be true, false, or ids of VPCs and security groups' });
  return ids;
});

const encryptionKey = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]{43}=?$/, 'must be 32 random bytes as base64, such as "openssl rand -base64 32" prints')
  .transform((text) => Buffer.from(text, 'base64'));

const schema = z.strictObject({
  /** Prefix of all names, so that several installations fit in one account. */
  NAME: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,30}$/, 'must be 2 to 31 lower-case letters, digits or hyphens')
    .default('dualstack-alb'),
  REGION: z.string().regex(/^[a-z]{2}-[a-z0-9-]+$/, 'must be a region id such as cn-shanghai'),
  ACCOUNT_ID: z.string().regex(/^\d{5,20}$/, 'must be the account id (digits)'),
  /** Stands for every OpenAPI endpoint of the vendor; unset in the cloud. */
  ENDPOINT: url.optional(),
  MNS_ENDPOINT: url.optional(),
  TABLESTORE_ENDPOINT: url.optional(),
  TABLESTORE_INSTANCE: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,14}[a-z0-9]$/i, 'must be 3 to 16 letters, digits or hyphens')
    .refine((name) => !/ali|ay|ots|taobao|admin/i.test(name), 'must not contain ali, ay, ots, taobao or admin')
    .default('dualstack-alb'),
  /**
   * Keys of queue messages, `ID:BASE64URL` of 32 bytes or more: the one that signs, then the one before it, which is still accepted.
   * Functions need it; `npm run bootstrap` writes it.
   */
  MESSAGE_KEYS: z
    .string()
    .optional()
    .transform((text, context) => {
      try {
        return text === undefined ? [] : parseMessageKeys(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        return [];
      }
    }),
  /** One queue, and one function behind it, for all stages: for accounts with too few event streams. Default: a queue for each stage. */
  STAGE_QUEUE: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be up to 40 lower-case letters, digits or hyphens')
    .optional(),
  /** Recursive resolvers, `host` or `host:port`, separated by commas. Default: Alibaba Cloud's public DNS. */
  DNS_SERVERS: z
    .string()
    .default('223.5.5.5,223.6.6.6')
    .transform((text, context) => {
      const servers = text.split(',').map((server) => server.trim());
      for (const server of servers)
        try {
          parseDnsServer(server);
        } catch {
          context.addIssue({ code: 'custom', message: `"${server}" is not an address, or address:port` });
        }
      return servers;
    }),
  READ_TIMEOUT_MS: wholeNumber(100, 25_000, 10_000),
  CONNECT_TIMEOUT_MS: wholeNumber(100, 25_000, 5000),
  /** How long a turn holds its stage; must be longer than the function's timeout. */
  LEASE_MS: wholeNumber(1000, 600_000, 45_000),
  /** After this long without a sign of life the sweep sends a turn's message again; longer than the queue's visibility timeout. */
  LOST_AFTER_MS: wholeNumber(1000, 3_600_000, 300_000),
  /** Where alerts go: a JSON array of channels; see shared/alert/channel.ts. Rows of the table `channels` come on top. */
  ALERT_CHANNELS: z.string().default('[]'),
  /** Encrypts what is secret of a channel in the table `channels`. */
  CHANNEL_KEY: encryptionKey.optional(),
  /** The key before, while rows are still sealed with it. */
  CHANNEL_KEY_BEFORE: encryptionKey.optional(),
  /** Where requests with `securityGroup.manageAdopted` may add rules to security groups of others. Default: nowhere. */
  ALLOW_MANAGE_ADOPTED: managePermission.prefault('false'),
  /** Where people look: `/load-balancers/{id}` below it is what an alert links to. */
  PUBLIC_URL: url.optional(),
  /** What one caller may have at once, and ask for. */
  MAX_DEPLOYMENTS: wholeNumber(1, 10_000, 100),
  MAX_WATCHES: wholeNumber(1, 10_000, 500),
  MAX_PROBES_PER_MINUTE: wholeNumber(1, 10_000, 30),
  MAX_PROBES_PER_HOUR: wholeNumber(1, 10_000, 600),
  /** Deployments that one invocation of the probe serves. */
  PROBE_SHARD_SIZE: wholeNumber(1, 500, 50),
  /** Calls a second, of all probes of a tick together, that ask what load balancers declare. */
  PROBE_DECLARED_PER_SECOND: wholeNumber(1, 100, 20),
  /** How long observations are kept. */
  OBSERVATION_DAYS: wholeNumber(1, 365, 30),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

type Parsed = z.infer<typeof schema>;

export interface Config {
  name: string;
  regionId: string;
  accountId: string;
  endpoint: string | undefined;
  mnsEndpoint: string;
  tablestoreEndpoint: string;
  tablestoreInstance: string;
  messageKeys: MessageKey[];
  stageQueue: string | undefined;
  dnsServers: string[];
  readTimeoutMs: number;
  connectTimeoutMs: number;
  leaseMs: number;
  lostAfterMs: number;
  alertChannels: Channel[];
  channelSecrets: ChannelSecrets;
  allowManageAdopted: ManagePermission;
  publicUrl: string | undefined;
  maxDeployments: number;
  maxWatches: number;
  maxProbesPerMinute: number;
  maxProbesPerHour: number;
  probeShardSize: number;
  probeDeclaredPerSecond: number;
  observationDays: number;
  logLevel: Parsed['LOG_LEVEL'];
}

/**
 * Reads `DUALSTACK_ALB_*`. The region and the account may instead come from the platform (`FC_REGION`, `FC_ACCOUNT_ID`).
 *
 * @throws Error one message that lists every problem; an unknown name under the prefix is one.
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const own: Record<string, string> = {};
  if (env['FC_REGION'] !== undefined) own['REGION'] = env['FC_REGION'];
  if (env['FC_ACCOUNT_ID'] !== undefined) own['ACCOUNT_ID'] = env['FC_ACCOUNT_ID'];
  const named = new Map<string, string>();
  for (const [name, value] of Object.entries(env))
    if (value === undefined || value === '') continue;
    else if (secretVariable.test(name)) named.set(name, value);
    else if (name.startsWith(prefix)) setAt(own, name.slice(prefix.length), value);
  const result = check(schema, own);
  const channelSecrets = { key: result.data?.CHANNEL_KEY, keyBefore: result.data?.CHANNEL_KEY_BEFORE, named };
  const alertChannels = readChannels(own['ALERT_CHANNELS'] ?? '[]', channelSecrets);
  const problems = [
    ...(result.success ? [] : problemsOf(result.error, own, 'a setting')),
    ...('problems' in alertChannels
      ? alertChannels.problems.map((message) => ({ field: 'ALERT_CHANNELS', message }))
      : []),
  ].map(({ field, message }) => `${prefix}${field}: ${message}`);
  if (!result.success || 'problems' in alertChannels) throw new Error(`settings: ${problems.join('; ')}`);
  const parsed = result.data;
  return {
    name: parsed.NAME,
    regionId: parsed.REGION,
    accountId: parsed.ACCOUNT_ID,
    endpoint: parsed.ENDPOINT,
    mnsEndpoint:
      parsed.MNS_ENDPOINT ??
      parsed.ENDPOINT ??
      `https://${parsed.ACCOUNT_ID}.mns.${parsed.REGION}-internal.aliyuncs.com`,
    tablestoreEndpoint:
      parsed.TABLESTORE_ENDPOINT ??
      parsed.ENDPOINT ??
      `https://${parsed.TABLESTORE_INSTANCE}.${parsed.REGION}.ots.aliyuncs.com`,
    tablestoreInstance: parsed.TABLESTORE_INSTANCE,
    messageKeys: parsed.MESSAGE_KEYS,
    stageQueue: parsed.STAGE_QUEUE,
    dnsServers: parsed.DNS_SERVERS,
    readTimeoutMs: parsed.READ_TIMEOUT_MS,
    connectTimeoutMs: parsed.CONNECT_TIMEOUT_MS,
    leaseMs: parsed.LEASE_MS,
    lostAfterMs: parsed.LOST_AFTER_MS,
    alertChannels: alertChannels.channels,
    channelSecrets,
    allowManageAdopted: parsed.ALLOW_MANAGE_ADOPTED,
    publicUrl: parsed.PUBLIC_URL,
    maxDeployments: parsed.MAX_DEPLOYMENTS,
    maxWatches: parsed.MAX_WATCHES,
    maxProbesPerMinute: parsed.MAX_PROBES_PER_MINUTE,
    maxProbesPerHour: parsed.MAX_PROBES_PER_HOUR,
    probeShardSize: parsed.PROBE_SHARD_SIZE,
    probeDeclaredPerSecond: parsed.PROBE_DECLARED_PER_SECOND,
    observationDays: parsed.OBSERVATION_DAYS,
    logLevel: parsed.LOG_LEVEL,
  };
}

/** Reads settings as `loadConfig` does, for a function: without a key it could neither send a message nor serve one. @throws Error */
export function loadFunctionConfig(env: Record<string, string | undefined>): Config {
  const config = loadConfig(env);
  if (config.messageKeys.length === 0) throw new Error(`settings: ${noKey}`);
  return config;
}

/** Reads channels. What they hold is secret: problems say only where it is wrong. */
function readChannels(text: string, secrets: ChannelSecrets): { channels: Channel[] } | { problems: string[] } {
  let documents: unknown;
  try {
    documents = JSON.parse(text);
  } catch {
    // Not an array either.
  }
  if (!Array.isArray(documents)) return { problems: ['must be a JSON array'] };
  const read = documents.map((document) => readChannel(document, secrets));
  const problems = read.flatMap((one, index) =>
    'problems' in one ? one.problems.map(({ path, message }) => [index, ...path].join('.') + `: ${message}`) : [],
  );
  if (problems.length > 0) return { problems };
  const channels = check(
    channelsSchema,
    read.flatMap((one) => ('channel' in one ? one.channel : [])),
  );
  if (channels.success) return { channels: channels.data };
  return { problems: channels.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}
