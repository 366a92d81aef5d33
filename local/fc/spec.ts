import * as z from 'zod';
import { parseDeadLetterQueue, parseDestination } from './arn.ts';
import { parseSchedule } from './schedule.ts';

/**
 * What a function and its triggers are, whether they come from a Serverless Devs file or through the API. Every object
 * refuses unknown keys: neither fc3 nor the platform does (P-162, P-163), so a misspelt key would pass for success.
 * Ranges: devsapp/fc3 src/schema.json (4ca1c1b) and @alicloud/fc20230330 4.7.6.
 */

const problem = (message: string) => ({ message });

/** `parse` throws the reason. */
const checked = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });

const timerConfig = z.strictObject({
  cronExpression: checked(parseSchedule),
  enable: z.boolean().default(true),
  payload: z.string().default(''),
});

const httpConfig = z.strictObject({
  authType: z.enum(['anonymous', 'function', 'jwt']).default('function'),
  authConfig: z.unknown().optional(),
  disableURLInternet: z.boolean().default(false),
  methods: z.array(z.enum(['HEAD', 'DELETE', 'POST', 'GET', 'OPTIONS', 'PUT', 'PATCH'])).min(1),
});

/** Only patterns of exact values of top-level fields are emulated: `{"source":["a"]}`. */
const filterPattern = checked((text) => {
  const pattern: unknown = JSON.parse(text);
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern))
    throw new Error('must be a JSON object');
  for (const [field, values] of Object.entries(pattern))
    if (!Array.isArray(values) || values.some((value) => typeof value !== 'string'))
      throw new Error(`the pattern of "${field}" is not a list of texts; others are not emulated`);
});

const mode = z.enum(['event-streaming', 'event-driven']);

const eventBridgeConfig = z
  .strictObject({
    triggerEnable: z.boolean().default(true),
    asyncInvocationType: z.boolean().default(false),
    eventRuleFilterPattern: filterPattern.default('{}'),
    eventSourceConfig: z.strictObject({
      eventSourceType: z.literal('MNS', problem('only MNS is emulated')),
      eventSourceParameters: z.strictObject({
        sourceMNSParameters: z.strictObject({
          RegionId: z.string(),
          QueueName: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,119}$/, problem('is not a queue name')),
          /** Default true in EventBridge and Function Compute (P-114). */
          IsBase64Decode: z.boolean().default(true),
        }),
      }),
    }),
    eventSinkConfig: z
      .strictObject({
        deliveryOption: z
          .strictObject({
            mode: mode.optional(),
            eventSchema: z.enum(['CloudEvents', 'RawData']).default('CloudEvents'),
            concurrency: z.int().min(1).optional(),
          })
          .prefault({}),
      })
      .prefault({}),
    runOptions: z
      .strictObject({
        mode: mode.optional(),
        maximumTasks: z.int().min(1).optional(),
        errorsTolerance: z.enum(['ALL', 'NONE']).default('NONE'),
        retryStrategy: z
          .strictObject({
            PushRetryStrategy: z.enum(['BACKOFF_RETRY', 'EXPONENTIAL_DECAY_RETRY']).default('BACKOFF_RETRY'),
          })
          .prefault({}),
        batchWindow: z
          .strictObject({
            CountBasedWindow: z.int().min(1).max(10_000).default(1),
            TimeBasedWindow: z.int().min(0).max(15).default(0),
          })
          .prefault({}),
        deadLetterQueue: z
          .strictObject({
            Arn: z.string().refine((arn) => parseDeadLetterQueue(arn) !== undefined, {
              message: 'is not acs:mns:<region>:<account>:/queues/<queue>; other dead-letter targets are not emulated',
            }),
          })
          .optional(),
      })
      .prefault({}),
  })
  // The SDK's type files name no default; the console creates streams only (facts of the queue, section 1.3).
  .transform((config) => ({
    ...config,
    mode: config.runOptions.mode ?? config.eventSinkConfig.deliveryOption.mode ?? ('event-streaming' as const),
  }));

const common = {
  triggerName: z.string().regex(/^[A-Za-z_][\w-]{0,127}$/, problem('is not a trigger name')),
  qualifier: z.string().default('LATEST'),
  description: z.string().optional(),
  invocationRole: z.string().optional(),
  sourceArn: z.string().optional(),
};

export const triggerSchema = z.discriminatedUnion(
  'triggerType',
  [
    z.strictObject({ ...common, triggerType: z.literal('timer'), triggerConfig: timerConfig }),
    z.strictObject({ ...common, triggerType: z.literal('http'), triggerConfig: httpConfig }),
    z.strictObject({ ...common, triggerType: z.literal('eventbridge'), triggerConfig: eventBridgeConfig }),
  ],
  problem('only timer, http and eventbridge triggers are emulated'),
);

export type TriggerSpec = z.infer<typeof triggerSchema>;
export type TimerTriggerSpec = Extract<TriggerSpec, { triggerType: 'timer' }>;
export type HttpTriggerSpec = Extract<TriggerSpec, { triggerType: 'http' }>;
export type QueueTriggerSpec = Extract<TriggerSpec, { triggerType: 'eventbridge' }>;

const destination = z.strictObject({
  destination: z.string().refine((arn) => parseDestination(arn) !== undefined, {
    message:
      'is neither acs:mns:<region>:<account>:/queues/<queue>/messages nor acs:fc:<region>:<account>:functions/<name>; topics and buses are not emulated',
  }),
});

export const asyncInvokeSchema = z.strictObject({
  maxAsyncRetryAttempts: z.int().min(0).max(8).default(3),
  // The API's maximum and default; fc3's own schema allows more than the API takes (P-149).
  maxAsyncEventAgeInSeconds: z.int().min(1).max(604_800).default(86_400),
  destinationConfig: z
    .strictObject({ onFailure: destination.optional(), onSuccess: destination.optional() })
    .optional(),
  asyncTask: z.boolean().optional(),
  qualifier: z.string().optional(),
});

export type AsyncInvokeSpec = z.infer<typeof asyncInvokeSchema>;
export const defaultAsyncInvoke: AsyncInvokeSpec = asyncInvokeSchema.parse({});

export const functionSchema = z.strictObject({
  functionName: z.string().regex(/^[A-Za-z_][\w-]{0,63}$/, problem('is not a function name')),
  runtime: z.enum(
    ['nodejs8', 'nodejs10', 'nodejs12', 'nodejs14', 'nodejs16', 'nodejs18', 'nodejs20'],
    problem('is not a built-in Node.js runtime; others are not emulated'),
  ),
  handler: z.string().regex(/^[\w/-]+\.[A-Za-z_$][\w$]*$/, problem('must be <file>.<export>')),
  memorySize: z.int().min(128).max(32_768).multipleOf(64, problem('must be a multiple of 64')).default(512),
  cpu: z.number().min(0.05).max(16).default(0.35),
  /** Seconds. */
  timeout: z.number().positive().max(86_400).default(3),
  environmentVariables: z.record(z.string(), z.string(problem('must be a text; quote it'))).default({}),
  /** ARN of the role, lower case; empty when the function has none. */
  role: z.string().default(''),
  // More than one has no effect on the built-in runtimes (P-143), so nothing here reads it.
  instanceConcurrency: z.int().min(1).max(200).default(1),
  reservedConcurrency: z.int().min(0).optional(),
  asyncInvokeConfig: asyncInvokeSchema.optional(),
  /** Directory of the built bundles. A relative one (`./dist`) stands for FunctionCompute's `codeDir`. */
  code: z.string().default('.'),
  triggers: z.array(triggerSchema).max(50).default([]),
});

export type FunctionSpec = z.infer<typeof functionSchema>;

/** What the platform says of a share of CPU beside that much memory. Source: SDK, CreateFunctionInput. */
export function cpuProblem(cpu: number, memorySize: number): string | undefined {
  if (Math.abs(cpu * 20 - Math.round(cpu * 20)) > 1e-9) return 'cpu must be a multiple of 0.05';
  const gigabytesPerCpu = memorySize / 1024 / cpu;
  if (gigabytesPerCpu >= 1 && gigabytesPerCpu <= 4) return undefined;
  return `the ratio of cpu to memorySize (in GB) must be from 1:1 to 1:4, not 1:${gigabytesPerCpu.toFixed(2)}`;
}

/** Every reason why a set of functions cannot be installed, in one error. */
export class SpecError extends Error {
  readonly problems: string[];

  constructor(problems: string[]) {
    super(
      `${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map((text) => `- ${text}`).join('\n')}`,
    );
    this.name = 'SpecError';
    this.problems = problems;
  }
}

export const issuesOf = (error: z.ZodError, where: string): string[] =>
  error.issues.map((issue) => `${[where, ...issue.path.map(String)].join('.')}: ${issue.message}`);

/**
 * What no single trigger shows: the rules between the triggers of one function and its region. `isFile`: with those of a
 * file that fc3 deploys; the platform itself has no order.
 */
export function triggerListProblems(
  triggers: TriggerSpec[],
  regionId: string,
  where: string,
  isFile: boolean,
): string[] {
  const problems: string[] = [];
  const names = new Set<string>();
  for (const [index, trigger] of triggers.entries()) {
    if (names.has(trigger.triggerName)) problems.push(`${where}: trigger ${trigger.triggerName} is named twice`);
    names.add(trigger.triggerName);
    if (trigger.triggerType !== 'eventbridge') continue;
    if (isFile && index !== triggers.length - 1)
      problems.push(`${where}: the eventbridge trigger ${trigger.triggerName} must be the last of its list (P-164)`);
    const { RegionId } = trigger.triggerConfig.eventSourceConfig.eventSourceParameters.sourceMNSParameters;
    if (RegionId !== regionId)
      problems.push(`${where}: queue and function must share a region: ${RegionId} is not ${regionId} (P-122)`);
  }
  for (const [type, rule] of [
    ['eventbridge', 'P-164'],
    ['http', 'at most one per version'],
  ] as const)
    if ((isFile || type === 'http') && triggers.filter((trigger) => trigger.triggerType === type).length > 1)
      problems.push(`${where}: more than one ${type} trigger (${rule})`);
  return problems;
}
