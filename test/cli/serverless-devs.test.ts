import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { localCopy } from '../../cli/local-copy.ts';
import {
  componentVariable,
  fc3Version,
  findComponent,
  findS,
  makeHome,
  NotRun,
  runS,
  type SRun,
} from '../../cli/serverless-devs.ts';
import { root } from '../../cli/build.mjs';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { startControlPlane } from '../../local/control-plane.ts';
import type { PolicyDocument } from '../../local/credentials.ts';
import { environmentOfFile } from '../../local/fc/s-environment.ts';
import { readFunctions } from '../../local/fc/s-yaml.ts';
import { systemClock } from '../../shared/clock.ts';
import { builtBundles } from '../support/bundles.ts';

const accountId = '1234567890123456';
const text = readFileSync(join(root, 's.yaml'), 'utf8');

/** Component fc3, where this machine has it or a variable names it. */
let component: string | undefined;
let whyNot = `component fc3 is in no folder of this machine; name one in ${componentVariable}`;
try {
  component = await findComponent(process.env[componentVariable]);
} catch (error) {
  whyNot = error instanceof Error ? error.message : String(error);
}
if (component === undefined) console.log(`NOT RUN: tests with the real component: ${whyNot}.`);

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 's-home-'));
  makeHome(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const runOf = (cwd: string, endpoint: string, env: Record<string, string> = {}): SRun => ({
  command: findS(root),
  cwd,
  home,
  endpoint,
  account: { accountId, accessKeyId: 'LTAI5tLocalRoot', accessKeySecret: 'local-secret' },
  env,
  longestMs: 120_000,
});

interface Rendered {
  resources: Record<string, { props: Record<string, unknown> }>;
}

const previews = new Map<string, Promise<Rendered>>();

/** A file as the real `s` reads it; asked for again it is not read again. */
function preview(file: string, env: Record<string, string> = {}, account = accountId): Promise<Rendered> {
  const key = JSON.stringify([file, env, account]);
  const known = previews.get(key) ?? render(file, env, account);
  previews.set(key, known);
  return known;
}

async function render(file: string, env: Record<string, string>, account: string): Promise<Rendered> {
  const run = runOf(root, 'http://127.0.0.1:9', env);
  const { exitCode, output } = await runS(['preview', '-t', join(root, file), '-o', 'json'], {
    ...run,
    account: { ...run.account, accountId: account },
  });
  expect(exitCode).toBe(0);
  const json = output.slice(output.indexOf('\n{') + 1, output.lastIndexOf('}') + 1);
  expect(json).not.toContain('${');
  return JSON.parse(json) as Rendered;
}

describe('s preview', { timeout: 60_000 }, () => {
  it.each([
    ['s.yaml', {}, accountId],
    [
      's.yaml',
      { DUALSTACK_ALB_NAME: 'mine', DUALSTACK_ALB_REGION: 'cn-hangzhou', DUALSTACK_ALB_TABLESTORE_INSTANCE: 'mine' },
      '9876543210987654',
    ],
    ['s-one-queue.yaml', {}, accountId],
  ])('of %s agrees with our own reading, with %j in account %s', async (file, env, account) => {
    // What is rendered has neither variables nor templates left: reading it again gives what it means.
    const rendered = stringify(await preview(file, env, account));
    const own = readFunctions(readFileSync(join(root, file), 'utf8'), env, { accountId: account });
    expect(readFunctions(rendered, {}, { accountId: account })).toEqual(own);
  });

  it('of s-domain.yaml is s.yaml with a domain before the API, where calls are signed too', async () => {
    const [plain, withDomain] = await Promise.all([
      preview('s.yaml'),
      preview('s-domain.yaml', { DUALSTACK_ALB_DOMAIN: 'alb.example.com' }),
    ]);
    const { customDomain, ...props } = withDomain.resources['api']?.props ?? {};
    expect(customDomain).toEqual({
      domainName: 'alb.example.com',
      protocol: 'HTTP',
      route: { path: '/*', qualifier: 'LATEST' },
      authConfig: { authType: 'function' },
    });
    expect({
      ...withDomain,
      resources: { ...withDomain.resources, api: { ...withDomain.resources['api'], props } },
    }).toEqual(plain);
  });
});

/** Values of environment variables as somebody may write them in the file. */
const written = {
  DATE: '2026-11-30',
  DATE_AND_TIME: '2026-11-30 10:00:00',
  DATE_BY_VAR: '${vars.date}',
  DATE_IN_TEXT: 'since ${vars.date}',
  NUMBER_BY_VAR: '${vars.number}',
  LIST_BY_VAR: '${vars.list}',
  QUOTED_DATE: "'2026-11-30'",
  UNDERSCORE: '1_000',
  OCTAL_OLD: '010',
  OCTAL: '0o10',
  HEXADECIMAL: '0x10',
  BINARY: '0b11',
  FRACTION: '1.0',
  EXPONENT: '1e3',
  SEXAGESIMAL: '1:30',
  MANY_DIGITS: '12345678901234567890',
  INFINITE: '.inf',
  NO_NUMBER: '.nan',
  YES: 'yes',
  TRUE: 'true',
  NOTHING: '',
  TILDE: '~',
  MAP: '{}',
  DOLLAR: '$5',
  UNSET: "${env('S_TEST_UNSET', 'default')}",
  EMPTY: "${env('S_TEST_EMPTY', 'default')}",
  EMPTY_DEFAULT: "${env('S_TEST_UNSET', '')}",
  IN_TEXT: "a-${env('S_TEST_EMPTY', 'default')}-b",
  FROM_FILE: "${env('S_TEST_FILE', 'default')}",
  FROM_BOTH: "${env('S_TEST_BOTH', 'default')}",
  EMPTY_IN_PROCESS: "${env('S_TEST_EMPTY_IN_PROCESS', 'default')}",
  EMPTY_IN_FILE: "${env('S_TEST_EMPTY_IN_FILE', 'default')}",
  EXPANDED: "${env('S_TEST_EXPANDED', 'default')}",
  EXPANDED_DEFAULT: "${env('S_TEST_EXPANDED_DEFAULT', 'default')}",
  EXPORTED: "${env('S_TEST_EXPORTED', 'default')}",
  COMMENTED: "${env('S_TEST_COMMENTED', 'default')}",
  WITH_BREAK: "${env('S_TEST_WITH_BREAK', 'default')}",
  ESCAPED: "${env('S_TEST_ESCAPED', 'default')}",
  WITHOUT_QUOTES: '${env(S_TEST_FILE)}',
  ITEM: '${vars.list.1}',
  OF_RESOURCE: '${resources.one.props.functionName}',
};

const processEnvironment = { S_TEST_EMPTY: '', S_TEST_BOTH: 'process', S_TEST_EMPTY_IN_PROCESS: '' };

const dotEnv = `S_TEST_FILE=file
S_TEST_BOTH=file
S_TEST_EMPTY_IN_PROCESS=file
S_TEST_EMPTY_IN_FILE=
S_TEST_EXPANDED=\${S_TEST_FILE}-\${S_TEST_BOTH}-\${S_TEST_NOWHERE}
S_TEST_EXPANDED_DEFAULT=\${S_TEST_BOTH:-other}
export S_TEST_EXPORTED=exported
S_TEST_COMMENTED=value # comment
S_TEST_WITH_BREAK="one\\ntwo"
S_TEST_ESCAPED=a\\$S_TEST_BOTH
`;

const fileWith = (variables: Record<string, string>) => `edition: 3.0.0
name: values
access: default
vars:
  date: 2026-11-30
  number: 7
  list: [a, b]
resources:
  one:
    component: fc3
    props:
      region: cn-shanghai
      functionName: one
      runtime: nodejs20
      handler: index.handler
      code: ./code
      environmentVariables:
${Object.entries(variables)
  .map(([name, value]) => `        ${JSON.stringify(name)}: ${value}\n`)
  .join('')}`;

describe('values that a file may hold', { timeout: 60_000 }, () => {
  let folder = '';
  let deployed: Record<string, unknown> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 's-values-'));
    writeFileSync(join(folder, '.env'), dotEnv);
    writeFileSync(join(folder, 's.yaml'), fileWith(written));
    const run = runOf(folder, 'http://127.0.0.1:9', processEnvironment);
    const { output } = await runS(['preview', '-t', join(folder, 's.yaml'), '-o', 'json'], run);
    const rendered = JSON.parse(output.slice(output.indexOf('\n{') + 1, output.lastIndexOf('}') + 1)) as Rendered;
    deployed = rendered.resources['one']?.props['environmentVariables'] as Record<string, unknown>;
  });

  it('come from .env of the working folder first, then from the one beside the file', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 's-working-'));
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    writeFileSync(join(elsewhere, '.env'), 'S_TEST_FILE=working folder');
    const path = join(folder, 's.yaml');
    const { output } = await runS(['preview', '-t', path, '-o', 'json'], runOf(elsewhere, 'http://127.0.0.1:9'));
    expect(output).toContain('"FROM_FILE": "working folder"');
    expect(output).toContain('"FROM_BOTH": "file"');
    expect(environmentOfFile(path, fileWith(written), {}, elsewhere)).toMatchObject({
      S_TEST_FILE: 'working folder',
      S_TEST_BOTH: 'file',
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const readOwn = (name: string, value: string): unknown => {
    // The dates that other values refer to are refused where they stand.
    const alone = value.includes('vars.date')
      ? fileWith({ [name]: value })
      : fileWith({ [name]: value }).replace('  date: 2026-11-30\n', '');
    const path = join(folder, 's.yaml');
    try {
      const [spec] = readFunctions(alone, environmentOfFile(path, alone, processEnvironment, folder));
      return spec?.environmentVariables[name];
    } catch (error) {
      return error;
    }
  };

  it.each(Object.entries(written))('%s: %s is read as s reads it, or refused where s changes it', (name, value) => {
    const own = readOwn(name, value);
    const ofS = deployed[name];
    if (ofS === undefined || (typeof ofS === 'string' && !ofS.includes('[object'))) expect(own).toBe(ofS);
    else expect(String(own)).toMatch(/quote it/);
  });

  it('sees more than one of each', () => {
    expect(deployed).toMatchObject({
      EMPTY: 'default',
      EMPTY_IN_PROCESS: 'default',
      EMPTY_IN_FILE: 'default',
      FROM_FILE: 'file',
      FROM_BOTH: 'process',
      EXPANDED: 'file-process-',
      DATE: {},
      UNDERSCORE: 1000,
    });
  });
});

describe('the home of s', () => {
  it('P-167: has a component fc3-domain, which a whole deployment loads and which does nothing', () => {
    const folder = join(home, '.s', 'components', 'devsapp.cn', 'v3', 'fc3-domain');
    expect(JSON.parse(readFileSync(join(folder, '.s.lock'), 'utf8'))).toHaveProperty('version');
    const Component = createRequire(import.meta.url)(folder) as new () => Record<string, () => unknown>;
    expect(new Component()['info']?.()).toEqual({});
    expect(() => new Component()['deploy']?.()).toThrow('no custom domains');
  });
});

describe('component fc3', () => {
  const nowhere = { home: '/nowhere', resolveName: () => Promise.reject(new Error('ENOTFOUND')) };

  it('is looked for in the given folder, which must have one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fc3-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await expect(findComponent(folder, nowhere)).rejects.toThrow(`there is no component at ${folder}`);
    writeFileSync(join(folder, 'package.json'), '{}');
    expect(await findComponent(folder, nowhere)).toBe(folder);
  });

  it('is taken from where s keeps it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fc3-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const kept = join(folder, '.s', 'components', 'devsapp.cn', 'v3', `fc3@${fc3Version}`);
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, '.s.lock'), '{}');
    expect(await findComponent(undefined, { ...nowhere, home: folder })).toBe(kept);
  });

  it('P-168: is left to s where the registry answers, and missed where it does not', async () => {
    expect(await findComponent(undefined, { ...nowhere, resolveName: () => Promise.resolve({}) })).toBeUndefined();
    await expect(findComponent(undefined, nowhere)).rejects.toThrow(NotRun);
  });
});

describe.runIf(component !== undefined)('the real s with the real component', () => {
  it('finds nothing to mend in s.yaml', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 's-verify-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 's.yaml');
    writeFileSync(file, localCopy(text, { accountId, component: component ?? '' }));
    const { exitCode, output } = await runS(['verify', '-t', file], runOf(folder, 'http://127.0.0.1:9'));
    expect([exitCode, output]).toEqual([0, expect.stringContaining('passed')]);
  });

  it(
    'deploys, changes, invokes, shows and removes a function with the rights of a deployer',
    {
      timeout: 180_000,
    },
    async () => {
      const { workerPath } = await builtBundles(inject('bundlesDir'));
      const cloud = new EmbeddedCloud({ clock: systemClock, rootSecret: 'local-secret' });
      const endpoint = await cloud.start();
      const functions = startControlPlane(cloud, { workerPath, environment: {} });
      const policy = JSON.parse(readFileSync(join(root, 'policies', 'deployer.json'), 'utf8')) as PolicyDocument;
      cloud.credentials.setRolePolicies('deployer', [policy]);
      const { accessKeyId, accessKeySecret, securityToken } = cloud.credentials.issue('deployer', 's');
      const folder = mkdtempSync(join(tmpdir(), 's-deploy-'));
      onTestFinished(async () => {
        await functions.close();
        await cloud.close();
        rmSync(folder, { recursive: true });
      });
      mkdirSync(join(folder, 'code'));
      const writeCode = (answer: string) =>
        writeFileSync(join(folder, 'code', 'index.js'), `exports.handler = async (event) => '${answer} ' + event;`);
      const file = join(folder, 's.yaml');
      writeFileSync(
        file,
        stringify({
          edition: '3.0.0',
          name: 'one',
          access: 'default',
          resources: {
            one: {
              component,
              props: {
                region: 'cn-shanghai',
                functionName: 'one',
                runtime: 'nodejs20',
                handler: 'index.handler',
                code: './code',
                cpu: 0.25,
                memorySize: 256,
                timeout: 10,
                environmentVariables: { A: '1' },
                concurrencyConfig: { reservedConcurrency: 2 },
                asyncInvokeConfig: { maxAsyncRetryAttempts: 0, maxAsyncEventAgeInSeconds: 60 },
                triggers: [
                  {
                    triggerName: 'timer',
                    triggerType: 'timer',
                    triggerConfig: { cronExpression: '@every 60m', enable: true, payload: '' },
                  },
                ],
              },
            },
          },
        }),
      );
      const s = async (...args: string[]) => {
        const { exitCode, output } = await runS([...args, '-t', file], {
          ...runOf(folder, endpoint),
          account: { accountId, accessKeyId, accessKeySecret, securityToken },
        });
        expect(output).not.toMatch(/^\s*✖ /m);
        expect(exitCode, output).toBe(0);
        return output;
      };

      writeCode('first');
      await s('deploy', '-y');
      expect(functions.directory.function('one')).toMatchObject({ reservedConcurrency: 2 });
      expect(functions.compute.functions).toMatchObject([
        { functionName: 'one', timeout: 10, reservedConcurrency: 2, asyncInvokeConfig: { maxAsyncRetryAttempts: 0 } },
      ]);
      expect(await s('invoke', '-e', 'a')).toContain('first a');

      writeCode('second');
      await s('deploy', '-y');
      expect(await s('invoke', '-e', 'b')).toContain('second b');
      expect(await s('info')).toContain('acs:fc:cn-shanghai:1234567890123456:functions/one');

      await s('remove', '-y');
      expect([...functions.directory.functions.keys()]).toEqual([]);
      expect(functions.compute.functions).toEqual([]);

      const used = cloud.wireLog.filter(({ service, version }) => service === 'fc' && version === '2023-03-30');
      const allowed = policy.Statement.flatMap(({ Action = [] }) => Action).filter((action) =>
        action.startsWith('fc:'),
      );
      // Functions are listed by doctor.
      const asked = new Set(['fc:ListFunctions', ...used.map(({ action }) => `fc:${action}`)]);
      expect([...asked].sort()).toEqual(allowed.sort());
    },
  );
});
