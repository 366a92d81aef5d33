import * as z from 'zod';
import { functionSchema, issuesOf, triggerSchema } from '../spec.ts';
import { refuse } from './errors.ts';
import { schemaWords } from '../../schema-words.ts';

/**
 * Bodies of the API, by the type files of @alicloud/fc20230330 4.7.6. An unknown member is refused here; the platform lets it
 * pass, and a misspelt one would then change nothing.
 */

/** Null and absent are the same. */
const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

/** Parts of a function that change nothing on a laptop; kept and shown as sent. */
const kept = z.unknown().optional();

/** Parts that would change what runs: taken only while they are empty. */
const notEmulated = (what: string) =>
  z
    .unknown()
    .optional()
    .refine((value) => isEmpty(value), { message: `not emulated: ${what}` });

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (typeof value === 'number' && value <= 0) ||
  (typeof value === 'object' && Object.values(value).every(isEmpty));

const code = z.strictObject({
  zipFile: maybe(z.base64({ error: 'is not Base64' })),
  ossBucketName: maybe(z.string()),
  ossObjectName: maybe(z.string()),
  checksum: maybe(z.string()),
});
export type CodeInput = z.infer<typeof code>;

const { shape } = functionSchema;

/** Tags and their actions are the part of this API whose members are written in capitals. */
const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(128).default('') });

const changeable = {
  code: maybe(code),
  cpu: maybe(z.number().min(0.05).max(16)),
  memorySize: maybe(z.int().min(128).max(32_768).multipleOf(64, { message: 'must be a multiple of 64' })),
  diskSize: maybe(z.union([z.literal(512), z.literal(10_240)], { error: 'must be 512 or 10240' })),
  timeout: maybe(z.int().min(1).max(86_400)),
  description: maybe(z.string().max(256)),
  environmentVariables: maybe(z.record(z.string(), z.string())),
  handler: maybe(shape.handler),
  instanceConcurrency: maybe(z.int().min(1).max(200)),
  internetAccess: maybe(z.boolean()),
  role: maybe(
    z.union([z.literal(''), z.string().regex(/^acs:ram::\d+:role\/[\w.-]{1,64}$/)], {
      error: 'must be acs:ram::<account>:role/<name>',
    }),
  ),
  runtime: maybe(z.string()),
  logConfig: kept,
  tracingConfig: kept,
  idleTimeout: kept,
  disableInjectCredentials: kept,
  disableOndemand: kept,
  enableLongLiving: kept,
  sessionAffinity: kept,
  sessionAffinityConfig: kept,
  instanceIsolationMode: kept,
  customDNS: kept,
  resourceGroupId: kept,
  vpcConfig: kept,
  layers: notEmulated('layers'),
  gpuConfig: notEmulated('GPUs'),
  nasConfig: notEmulated('file systems'),
  ossMountConfig: notEmulated('file systems'),
  polarFsConfig: notEmulated('file systems'),
  juiceFsConfig: notEmulated('file systems'),
  customContainerConfig: notEmulated('containers'),
  customRuntimeConfig: notEmulated('custom runtimes'),
  instanceLifecycleConfig: notEmulated('lifecycle hooks'),
};

export const createFunctionInput = z.strictObject({
  ...changeable,
  functionName: shape.functionName,
  handler: shape.handler,
  runtime: z.string(),
  tags: maybe(z.array(tag).max(20)),
});
export type CreateFunctionInput = z.infer<typeof createFunctionInput>;

/** Tags are changed by their own actions. */
export const updateFunctionInput = z.strictObject({
  ...changeable,
  // The SDK's update takes the whole definition that fc3 has, name included.
  functionName: kept,
});
export type UpdateFunctionInput = z.infer<typeof updateFunctionInput>;

const triggerFields = {
  description: maybe(z.string().max(256)),
  invocationRole: maybe(z.string()),
  qualifier: maybe(z.string()),
  triggerConfig: z.string(),
};
export const createTriggerInput = z.strictObject({
  ...triggerFields,
  triggerName: z.string(),
  triggerType: z.string(),
  sourceArn: maybe(z.string()),
});
export const updateTriggerInput = z.strictObject(triggerFields).partial();

export const putConcurrencyInput = z.strictObject({ reservedConcurrency: z.int().min(0).max(1_000_000) });

export const tagResourcesInput = z.strictObject({
  ResourceId: z.array(z.string()).min(1).max(50),
  ResourceType: z.string(),
  Tag: z.array(tag).min(1).max(20),
});

/** @throws InvalidArgument, or EmbeddedCloud.NotEmulated for what the platform has and this cloud has not. */
export function readBody<T extends z.ZodType>(schema: T, body: Buffer): z.infer<T> {
  let parsed: unknown;
  try {
    parsed = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw refuse('InvalidArgument', 'the body is not JSON');
  }
  return check(schema, parsed);
}

export function check<T extends z.ZodType>(schema: T, value: unknown, where = ''): z.infer<T> {
  const result = schema.safeParse(value, { error: schemaWords });
  if (result.success) return result.data;
  const issues = issuesOf(result.error, where).map((text) => text.replace(/^\./, ''));
  const missing = issues.find((text) => text.includes('not emulated') || text.includes('are emulated'));
  if (missing !== undefined) throw refuse('EmbeddedCloud.NotEmulated', missing);
  throw refuse('InvalidArgument', issues.join('; '));
}

/** The trigger behind its JSON text, with the defaults of the platform. @throws InvalidArgument */
export function readTrigger(trigger: {
  triggerName: string;
  triggerType: string;
  triggerConfig: string;
  qualifier?: string | undefined;
}) {
  if (
    !['timer', 'http', 'eventbridge', 'oss', 'log', 'mns_topic', 'cdn_events', 'tablestore'].includes(
      trigger.triggerType,
    )
  )
    throw refuse('InvalidArgument', `triggerType '${trigger.triggerType}' is not supported`);
  let config: unknown;
  try {
    config = JSON.parse(trigger.triggerConfig);
  } catch {
    throw refuse('InvalidArgument', 'triggerConfig is not a JSON text');
  }
  const { triggerName, triggerType, qualifier } = trigger;
  return check(triggerSchema, {
    triggerName,
    triggerType,
    triggerConfig: withoutNulls(config),
    ...(qualifier === undefined ? {} : { qualifier }),
  });
}

/** The SDKs may write an absent member as null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, withoutNulls(item)]])),
  );
}

/** Tags in a query, as JSON. @throws InvalidArgument */
export function readTags(text: string | undefined): z.infer<typeof tag>[] {
  if (text === undefined) return [];
  try {
    return check(z.array(tag), JSON.parse(text), 'tags');
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse('InvalidArgument', 'tags is not a JSON list');
    throw error;
  }
}

const otherRuntimes =
  /^(python(2\.7|3|3\.9|3\.10|3\.12)|java(8|11)|go1|php7\.2|dotnetcore(2|3)\.1|custom(\.debian1[012]|-container)?|micro-sandbox)$/;

/** @throws InvalidArgument, or EmbeddedCloud.NotEmulated for a runtime that the platform has and this cloud has not. */
export function checkRuntime(runtime: string): void {
  if (shape.runtime.safeParse(runtime).success) return;
  if (otherRuntimes.test(runtime)) throw refuse('EmbeddedCloud.NotEmulated', `runtime '${runtime}' is not emulated`);
  throw refuse('InvalidArgument', `runtime '${runtime}' is not supported`);
}

/** A whole number of the query, such as `limit`. @throws InvalidArgument */
export function readLimit(query: URLSearchParams, most = 100, usual = 20): number {
  const text = query.get('limit');
  if (text === null || text === '') return usual;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw refuse('InvalidArgument', `limit must be from 1 to ${most}`);
  return limit;
}

/** One page of a list in the order of `keyOf`; `nextToken` is where the next one starts. */
export function pageOf<T>(
  items: T[],
  keyOf: (item: T) => string,
  query: URLSearchParams,
): { page: T[]; nextToken: string | undefined } {
  const limit = readLimit(query);
  const prefix = query.get('prefix') ?? '';
  const token = query.get('nextToken') ?? '';
  const from = token === '' ? '' : Buffer.from(token, 'base64url').toString('utf8');
  if (token !== '' && Buffer.from(from).toString('base64url') !== token)
    throw refuse('InvalidArgument', 'nextToken is not valid');
  const sorted = items
    .filter((item) => keyOf(item).startsWith(prefix) && keyOf(item) >= from)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const next = sorted[limit];
  return {
    page: sorted.slice(0, limit),
    nextToken: next === undefined ? undefined : Buffer.from(keyOf(next)).toString('base64url'),
  };
}
