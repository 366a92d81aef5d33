import { describe, expect, it } from 'vitest';
import { readFunctions } from '../../../local/fc/s-yaml.ts';
import { SpecError } from '../../../local/fc/spec.ts';

const head = 'edition: 3.0.0\nname: test\naccess: default\n';

const one = (props: string, more = '') => `${head}${more}resources:
  f:
    component: fc3
    props:
      region: cn-shanghai
      functionName: f
      runtime: nodejs20
      handler: f.handler
      code: ./dist
${props.replace(/^/gm, '      ')}
`;

const queueTrigger = (more = '', source = '') => `triggers:
  - triggerName: queue
    triggerType: eventbridge
    triggerConfig:
      eventSourceConfig:
        eventSourceType: MNS
        eventSourceParameters:
          sourceMNSParameters:
            RegionId: cn-shanghai
            QueueName: alb-stage-a
${source.replace(/^/gm, '            ')}
${more.replace(/^/gm, '      ')}`;

function problemsOf(text: string, env: Record<string, string> = {}): string[] {
  try {
    readFunctions(text, env);
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
    throw error;
  }
  return [];
}

describe('s.yaml: interpolation', () => {
  it('reads vars, env with default, config and this', () => {
    const text = one(
      `environmentVariables:
  A: \${vars.prefix}-x
  B: \${env('HOME_OF_B', 'fallback')}
  C: \${env('SET')}
  D: \${config('AccountID')}
  E: \${this.props.functionName}
memorySize: \${vars.memory}`,
      "vars:\n  prefix: ${env('PREFIX', 'dev')}\n  memory: 256\n",
    );
    const [spec] = readFunctions(text, { SET: 'yes' }, { accountId: '42' });
    expect(spec?.environmentVariables).toEqual({ A: 'dev-x', B: 'fallback', C: 'yes', D: '42', E: 'f' });
    expect(spec?.memorySize).toBe(256);
  });

  it('reads a lone name without quotes, an item of a list, and what another resource has', () => {
    const text = one(
      `environmentVariables:
  A: \${env(SET)}
  B: \${vars.zones.1}
  C: \${resources.f.props.functionName}`,
      'vars:\n  zones: [e, g]\n',
    );
    const [spec] = readFunctions(text, { SET: 'yes' });
    expect(spec?.environmentVariables).toEqual({ A: 'yes', B: 'g', C: 'f' });
  });

  it('refuses a file that extends another, which s would merge', () => {
    expect(problemsOf(`extend: ./base.yaml\n${one('timeout: 5')}`)).toEqual([
      'extend: s merges ./base.yaml into this file, which is not read here; write one file of both',
    ]);
  });

  it.each([
    ['a variable that is not set', "${env('MISSING')}"],
    ['a name without quotes beside a default, which s would always take', "${env(SET, 'default')}"],
    ['a default with a brace, at which s ends', "\"${env('MISSING', '{}')}\""],
    ['an unknown var', '${vars.nothing}'],
    ['a reference that is not read here', '${resources.other.output.url}'],
  ])('refuses %s', (_, value) => {
    expect(problemsOf(one(`description: ${value}`), { SET: 'yes' })).toHaveLength(1);
  });
});

describe('s.yaml: templates', () => {
  const template = `template:
  base:
    region: cn-shanghai
    runtime: nodejs20
    code: ./dist
    timeout: 30
    environmentVariables:
      SHARED: a
      OWN: template
resources:
  f:
    component: fc3
    extend:
      name: base
      ignore: [timeout]
    props:
      functionName: f
      handler: f.handler
      environmentVariables:
        OWN: resource
`;

  it('merges maps, lets the resource win, and drops ignored keys', () => {
    const [spec] = readFunctions(head + template, {});
    expect(spec?.environmentVariables).toEqual({ SHARED: 'a', OWN: 'resource' });
    expect(spec?.timeout).toBe(3);
  });

  it('refuses a template that is not there', () => {
    expect(problemsOf((head + template).replace('name: base', 'name: bass')).join('\n')).toContain('no template bass');
  });
});

describe('s.yaml: rules of fc3', () => {
  it('P-161: expands and lower-cases the role', () => {
    const [spec] = readFunctions(one('role: ProvisionerRole'), {}, { accountId: '42' });
    expect(spec?.role).toBe('acs:ram::42:role/provisionerrole');
  });

  it('P-162: refuses a misspelt prop', () => {
    expect(problemsOf(one('memorysize: 512'))).toEqual([
      'resources.f.props.memorysize: is not a property of fc3 (P-162)',
    ]);
  });

  it.each([
    ['an errorsTolerance that does not exist', 'runOptions:\n  errorsTolerance: BOGUS', 'errorsTolerance'],
    ['a misspelt option', 'runOptions:\n  errorTolerance: ALL', 'errorTolerance'],
    ['a batch above 10000', 'runOptions:\n  batchWindow:\n    CountBasedWindow: 10001', 'CountBasedWindow'],
    [
      "P-151: a destination's ARN as dead-letter queue",
      'runOptions:\n  deadLetterQueue:\n    Arn: acs:mns:cn-shanghai:42:/queues/dlq/messages',
      'Arn',
    ],
    ['asyncInvocationType as a text', "asyncInvocationType: 'false'", 'asyncInvocationType'],
    ['a filter that is not emulated', `eventRuleFilterPattern: '{"data":{"a":[1]}}'`, 'eventRuleFilterPattern'],
  ])('P-163: refuses %s', (_, config, where) => {
    const problems = problemsOf(one(queueTrigger(config)));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(where);
  });

  it('P-122: refuses a queue of another region', () => {
    const text = one(queueTrigger()).replace('RegionId: cn-shanghai', 'RegionId: cn-hangzhou');
    expect(problemsOf(text)[0]).toContain('must share a region');
  });

  it('P-164: wants the eventbridge trigger last', () => {
    const timer =
      '\n  - triggerName: tick\n    triggerType: timer\n    triggerConfig:\n      cronExpression: "@every 1m"';
    expect(problemsOf(one(queueTrigger() + timer))[0]).toContain('must be the last');
  });

  it('P-164: wants one eventbridge trigger per function', () => {
    const second = queueTrigger().replace('triggers:\n', '').replace('queue', 'other');
    expect(problemsOf(one(`${queueTrigger()}\n${second}`)).join('\n')).toContain('more than one eventbridge trigger');
  });

  it.each(['@every 30s', '@every 0m', '0 0 4 * *', '61 * * * * *', 'CRON_TZ=Mars/Base 0 0 4 * * *'])(
    'refuses the schedule %s',
    (cron) => {
      const text = one(
        `triggers:\n  - triggerName: tick\n    triggerType: timer\n    triggerConfig:\n      cronExpression: '${cron}'`,
      );
      expect(problemsOf(text)[0]).toContain('cronExpression');
    },
  );

  it.each(['mns_queue', 'oss'])('refuses a trigger of type %s', (type) => {
    expect(
      problemsOf(one(`triggers:\n  - triggerName: t\n    triggerType: ${type}\n    triggerConfig: {}`)),
    ).toHaveLength(1);
  });

  it('P-149: refuses an event age that the API does not take', () => {
    expect(problemsOf(one('asyncInvokeConfig:\n  maxAsyncEventAgeInSeconds: 2592000'))[0]).toContain(
      'maxAsyncEventAgeInSeconds',
    );
  });

  it('refuses more vCPU than gigabytes of memory', () => {
    expect(problemsOf(one('cpu: 0.35\nmemorySize: 256'))[0]).toContain('must be from 1:1 to 1:4');
  });

  it('names every problem in one error', () => {
    const problems = problemsOf(one('memorySize: 100\ntimeout: 0\nfoo: 1'));
    expect(problems.join('\n')).toMatch(/foo[^]*memorySize[^]*timeout/);
  });

  it('refuses a runtime that Function Compute does not have', () => {
    expect(problemsOf(one('').replace('nodejs20', 'nodejs22'))[0]).toContain('runtime');
  });

  it('skips resources of other components', () => {
    const text = `${one('')}  domain:\n    component: fc3-domain\n    props: {}\n`;
    expect(readFunctions(text, {})).toHaveLength(1);
  });

  it('fills the documented defaults of a queue trigger', () => {
    const [spec] = readFunctions(one(queueTrigger()), {});
    expect(spec?.triggers[0]).toMatchObject({
      qualifier: 'LATEST',
      triggerConfig: {
        mode: 'event-streaming',
        asyncInvocationType: false,
        eventSourceConfig: { eventSourceParameters: { sourceMNSParameters: { IsBase64Decode: true } } },
        runOptions: {
          errorsTolerance: 'NONE',
          retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' },
          batchWindow: { CountBasedWindow: 1, TimeBasedWindow: 0 },
        },
      },
    });
  });
});
