import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { queueAttributes } from '../cli/bootstrap.ts';
import { fc3Version } from '../cli/serverless-devs.ts';
import { parseDeadLetterQueue } from '../local/fc/arn.ts';
import { readFunctions } from '../local/fc/s-yaml.ts';
import { cpuProblem, type FunctionSpec, type QueueTriggerSpec } from '../local/fc/spec.ts';
import { loadConfig } from '../shared/config.ts';
import { deadLetterQueue, pipeline, queueNamesOf, stageNames } from '../shared/pipeline.ts';

const root = new URL('../', import.meta.url);
const text = readFileSync(new URL('s.yaml', root), 'utf8');
interface File {
  access: string;
  actions: Record<string, { run: string; path: string }[]>;
  template: { function: Record<string, Record<string, unknown>> };
  resources: Record<string, { component: string; props: Record<string, unknown> }>;
}
const read = (name: string): File => parse(readFileSync(new URL(name, root), 'utf8'), { merge: true }) as File;
const file = read('s.yaml');
const env = {
  DUALSTACK_ALB_REGION: 'cn-hangzhou',
  DUALSTACK_ALB_ACCOUNT_ID: '1234567890123456',
  DUALSTACK_ALB_NAME: 'mine',
};
const functions = readFunctions(text, env);
const byName = new Map(functions.map((spec) => [spec.functionName, spec]));

const queueTriggers = (spec: FunctionSpec): QueueTriggerSpec[] =>
  spec.triggers.filter((trigger) => trigger.triggerType === 'eventbridge');
const queueOf = (trigger: QueueTriggerSpec): string =>
  trigger.triggerConfig.eventSourceConfig.eventSourceParameters.sourceMNSParameters.QueueName;
/** Functions of the folder: those with an entry point. */
const folders = readdirSync(new URL('functions/', root)).filter(
  // The function behind the one queue belongs to s-one-queue.yaml.
  (name) => name !== 'stages' && existsSync(new URL(`functions/${name}/index.ts`, root)),
);
const roleKindOf = (spec: FunctionSpec): string => spec.role.split(':role/mine-')[1] ?? '';

describe('the head of s.yaml', () => {
  it('names its access plainly: s resolves no variable there', () => {
    expect(file.access).toMatch(/^[a-z]+$/);
  });

  it('builds once and prepares the account before it deploys', () => {
    expect(file.actions).toEqual({
      'pre-deploy': [{ run: 'npm run build && npm run component && npm run bootstrap -- --deploying', path: './' }],
    });
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object };
    expect(scripts).toMatchObject({ build: expect.any(String) as string, bootstrap: expect.any(String) as string });
  });

  it('P-168: pins the version of the component', () => {
    const components = Object.values(file.resources).map(({ component }) => component);
    expect(new Set(components)).toEqual(new Set([`fc3@${fc3Version}`]));
  });
});

describe('s-one-queue.yaml', () => {
  it('is s.yaml with one function and one queue for all stages', () => {
    const expected = read('s.yaml');
    const { preflight } = expected.resources;
    const asText = JSON.stringify(preflight).replaceAll('preflight', 'stages');
    const stages = JSON.parse(asText) as NonNullable<typeof preflight>;
    stages.props['description'] = 'All stages behind one queue';
    for (const name of stageNames) delete expected.resources[name];
    expected.resources['stages'] = stages;
    const [action] = expected.actions['pre-deploy'] ?? [];
    Object.assign(action ?? {}, { run: `${action?.run} --one-queue` });
    for (const template of Object.values(expected.template))
      Object.assign(template['environmentVariables'] ?? {}, { DUALSTACK_ALB_STAGE_QUEUE: 'stages' });
    expect(read('s-one-queue.yaml')).toEqual(expected);
  });
});

describe('the functions of s.yaml', () => {
  it('are those that the folder has, each under its name', () => {
    expect(Object.keys(file.resources).sort()).toEqual([...folders].sort());
    expect([...byName.keys()].sort()).toEqual(folders.map((name) => `mine-${name}`).sort());
  });

  it('run the bundle of their folder', () => {
    for (const name of folders) expect(byName.get(`mine-${name}`)?.handler).toBe(`${name}.handler`);
  });

  it('have exactly one for every stage, triggered by the queue of the stage', () => {
    for (const stage of stageNames) {
      const triggered = functions.filter((spec) =>
        queueTriggers(spec).some((trigger) => queueOf(trigger) === `mine-${pipeline[stage].queue}`),
      );
      expect(triggered.map((spec) => spec.functionName)).toEqual([`mine-${stage}`]);
    }
  });

  it('have no queue trigger beside those of stages and dead letters', () => {
    const queues = functions.flatMap(queueTriggers).map(queueOf);
    expect(new Set(queues).size).toBe(queues.length);
    for (const queue of queues) expect(queueNamesOf().map((name) => `mine-${name}`)).toContain(queue);
  });

  it('have each something that triggers them', () => {
    for (const spec of functions) expect(spec.triggers.length, spec.functionName).toBeGreaterThan(0);
  });

  it('get settings that load', () => {
    for (const spec of functions)
      expect(loadConfig(spec.environmentVariables)).toMatchObject({
        name: 'mine',
        regionId: 'cn-hangzhou',
        accountId: '1234567890123456',
      });
  });

  it('P-161: have roles in lower case, each with a policy of its own', () => {
    for (const spec of functions) {
      expect(spec.role).toBe(spec.role.toLowerCase());
      expect(spec.role).toMatch(/^acs:ram::1234567890123456:role\/mine-[a-z-]+$/);
      expect(existsSync(new URL(`policies/${roleKindOf(spec)}.json`, root)), spec.role).toBe(true);
    }
  });

  it('P-159: run on nodejs20', () => {
    expect(new Set(functions.map(({ runtime }) => runtime))).toEqual(new Set(['nodejs20']));
  });

  it('P-143: take one request at a time', () => {
    expect(new Set(functions.map(({ instanceConcurrency }) => instanceConcurrency))).toEqual(new Set([1]));
  });

  it('get a share of CPU that the platform sells with their memory', () => {
    for (const { cpu, memorySize } of functions) expect(cpuProblem(cpu, memorySize)).toBeUndefined();
  });

  it('leave instances of the account to others: reserved are less than half of the smallest quota', () => {
    const reserved = functions.flatMap(({ functionName, reservedConcurrency }) =>
      reservedConcurrency === undefined ? [] : [[functionName, reservedConcurrency] as const],
    );
    expect(Object.fromEntries(reserved)).toEqual({ 'mine-probe': 20, 'mine-alert': 5 });
    expect(reserved.reduce((sum, [, count]) => sum + count, 0)).toBeLessThan(100 / 2);
  });

  it('P-170: have their code in a folder', () => {
    expect(file.template.function['code']).toBeTypeOf('string');
    for (const { props } of Object.values(file.resources)) expect(props).not.toHaveProperty('code');
  });

  it('P-171: log into a project of the installation', () => {
    expect(file.template.function['logConfig']).toMatchObject({ project: expect.any(String) as string });
    for (const { props } of Object.values(file.resources)) expect(props).not.toHaveProperty('logConfig');
  });

  it('P-172: repeat no list of the template', () => {
    const lists = Object.entries(file.template.function).filter(([, value]) => Array.isArray(value));
    expect(lists).toEqual([]);
  });

  it('P-169: leave the endpoint to the region', () => {
    for (const { props } of Object.values(file.resources)) expect(props).not.toHaveProperty('endpoint');
    expect(file.template.function).not.toHaveProperty('endpoint');
  });
});

describe('the times of s.yaml', () => {
  it('belong together: function < lease < visibility < lost', () => {
    const visibilitySeconds = queueAttributes.visibilityTimeoutSeconds;
    for (const spec of functions) {
      const { leaseMs, lostAfterMs, readTimeoutMs } = loadConfig(spec.environmentVariables);
      expect(readTimeoutMs).toBeLessThan(spec.timeout * 1000);
      expect(spec.timeout * 1000).toBeLessThan(leaseMs);
      // The first delivery and three retries of up to 20 s each.
      expect((spec.timeout + 20) * 4).toBeLessThanOrEqual(visibilitySeconds);
      expect(visibilitySeconds * 1000).toBeLessThan(lostAfterMs);
    }
  });

  it('P-117: keep every function below the five minutes of a trigger', () => {
    for (const spec of functions) expect(spec.timeout).toBeLessThan(300);
  });

  it('P-148 P-149: let no timer tick live longer than the next', () => {
    const timed = functions.filter((spec) => spec.triggers.some(({ triggerType }) => triggerType === 'timer'));
    expect(timed.length).toBeGreaterThan(0);
    for (const spec of timed)
      expect(spec.asyncInvokeConfig).toMatchObject({ maxAsyncRetryAttempts: 0, maxAsyncEventAgeInSeconds: 60 });
  });
});

describe('the queue triggers of s.yaml', () => {
  const triggers = functions.flatMap(queueTriggers);
  const written = Object.entries(file.resources).flatMap(([name, { props }]) =>
    ((props['triggers'] ?? []) as { triggerType: string; triggerConfig: Record<string, unknown> }[])
      .filter(({ triggerType }) => triggerType === 'eventbridge')
      .map(({ triggerConfig }) => ({ name, triggerConfig })),
  );

  it('P-118 P-119: state how they invoke', () => {
    const isAsynchronous = written.flatMap(({ name, triggerConfig }) =>
      triggerConfig['asyncInvocationType'] === true ? [name] : [],
    );
    // Shards of the probe run side by side and are never tried again, alerts look after themselves; everything else is
    // driven by its outcome.
    expect(isAsynchronous.sort()).toEqual(['alert', 'probe']);
    for (const { triggerConfig } of written) expect(triggerConfig['asyncInvocationType']).toBeTypeOf('boolean');
  });

  it('P-114: state how a body is decoded', () => {
    for (const { triggerConfig } of written)
      expect(triggerConfig['eventSourceConfig']).toMatchObject({
        eventSourceParameters: { sourceMNSParameters: { IsBase64Decode: true } },
      });
  });

  it('P-115: hand over one message at a time', () => {
    for (const { triggerConfig } of triggers)
      expect(triggerConfig.runOptions.batchWindow).toEqual({ CountBasedWindow: 1, TimeBasedWindow: 0 });
  });

  it('P-121: retry three times', () => {
    for (const { triggerConfig } of triggers)
      expect(triggerConfig.runOptions.retryStrategy.PushRetryStrategy).toBe('BACKOFF_RETRY');
  });

  it('P-111 P-112: go on after an event that fails, which ends in the dead-letter queue', () => {
    for (const { triggerConfig } of triggers) {
      expect(triggerConfig.runOptions.errorsTolerance).toBe('ALL');
      const { Arn = '' } = triggerConfig.runOptions.deadLetterQueue ?? {};
      if (queueOf({ triggerConfig } as QueueTriggerSpec) === `mine-${deadLetterQueue}`) continue;
      expect(parseDeadLetterQueue(Arn)).toMatchObject({ queueName: `mine-${deadLetterQueue}` });
    }
  });

  it('P-122: read queues of the region of their function', () => {
    for (const { triggerConfig } of triggers)
      expect(triggerConfig.eventSourceConfig.eventSourceParameters.sourceMNSParameters.RegionId).toBe('cn-hangzhou');
  });

  it('P-164: are the last of their function', () => {
    for (const spec of functions) {
      const types = spec.triggers.map(({ triggerType }) => triggerType);
      const at = types.indexOf('eventbridge');
      expect(at === -1 || at === types.length - 1).toBe(true);
    }
  });
});

describe('the HTTP trigger of s.yaml', () => {
  it('P-158: lets nobody in without a signature', () => {
    const http = functions.flatMap((spec) => spec.triggers).filter(({ triggerType }) => triggerType === 'http');
    expect(http).toHaveLength(1);
    expect(http[0]?.triggerConfig).toMatchObject({ authType: 'function' });
  });
});

describe('the policies', () => {
  interface Policy {
    Version: string;
    Statement: { Effect: string; Action: string[] }[];
  }
  const kinds = readdirSync(new URL('policies/', root)).map((name) => name.replace(/\.json$/, ''));
  const policyOf = (kind: string): Policy =>
    JSON.parse(readFileSync(new URL(`policies/${kind}.json`, root), 'utf8')) as Policy;

  it('are those of the roles and of who deploys, none is left over', () => {
    expect([...kinds].sort()).toEqual(['deployer', ...new Set(functions.map(roleKindOf))].sort());
  });

  it.each(kinds)('of %s allow single actions only', (kind) => {
    const { Version, Statement } = policyOf(kind);
    expect(Version).toBe('1');
    for (const statement of Statement) {
      expect(statement.Effect).toBe('Allow');
      for (const action of statement.Action) expect(action).toMatch(/^[a-z-]+:[A-Z][A-Za-z0-9]+$/);
    }
  });

  it('of the stages allow the actions that the clients know, and no other', () => {
    const products = { vpc: 'vpc', ecs: 'ecs', alb: 'alb', dns: 'alidns' };
    const known = Object.entries(products).flatMap(([folder, product]) => {
      const url = new URL(`shared/alibaba/${folder}/`, root);
      const source = readdirSync(url)
        .map((name) => readFileSync(new URL(name, url), 'utf8'))
        .join('\n');
      return [...source.matchAll(/(?:name: '([A-Z]\w+)',\s+request:|send\('([A-Z]\w+)')/g)].map(
        ([, action, bare]) => `${product}:${action ?? bare}`,
      );
    });
    const allowed = policyOf('provisioner').Statement.flatMap(({ Action }) => Action);
    const ofProducts = allowed.filter((action) => /^(vpc|ecs|alb|alidns):/.test(action));
    // No function stops a server.
    expect([...ofProducts, 'ecs:StopInstance'].sort()).toEqual(known.sort());
  });

  it('of the API allow only to look at the cloud', () => {
    const actions = policyOf('api').Statement.flatMap(({ Action }) => Action);
    const inCloud = actions.filter((action) => /^(vpc|ecs|alb|alidns|ram|resourcemanager):/.test(action));
    expect(inCloud.filter((action) => !/:(Describe|List|Get|Check)/.test(action))).toEqual([]);
  });
});
