import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { accountOf, type Environment } from '../../../cli/account/account.ts';
import { areas, type Finding } from '../../../cli/account/examine.ts';
import { root } from '../../../cli/build.mjs';
import { runChannel } from '../../../cli/channel.ts';
import { roleKinds } from '../../../cli/account/roles.ts';
import type { PolicyDocument } from '../../../local/credentials.ts';
import { genericRestClient } from '../../support/rest-call.ts';
import { capture, emptyAccount, startAccount, type TestAccount, writing } from '../../support/account.ts';
import { deployFunctions } from '../../support/deploy-functions.ts';
import { zip } from '../../support/zip.ts';

interface Result {
  findings: Finding[];
  notLookedAt: { area: string; reason: string }[];
  fine: { area: string; what: string }[];
}

/** What `--json` prints. */
async function examine(account: TestAccount, as?: Environment): Promise<Result & { exitCode: number }> {
  const outcome = await account.doctor(['--json'], as);
  expect(writing(outcome)).toEqual([]);
  return { exitCode: outcome.exitCode, ...(JSON.parse(outcome.lines.join('\n')) as Result) };
}

/** Every function, each with code that does nothing. */
const deploy = ({ cloud, env }: TestAccount) =>
  deployFunctions(cloud, env, ({ handler }) => {
    const zipFile = zip({ [`${handler.split('.')[0]}.js`]: 'exports.handler = async () => {};' }).toString('base64');
    return Promise.resolve({ zipFile });
  });

describe('doctor in an empty account', () => {
  it('finds everything missing, each with what mends it', async () => {
    const { findings, exitCode, fine, notLookedAt } = await examine(await emptyAccount());
    expect(exitCode).toBe(1);
    const bootstrap = 'npm run bootstrap';
    for (const expected of [
      ...roleKinds.flatMap((kind) => [`role mine-${kind} is missing`, `policy mine-${kind} is missing`]),
      'service-linked role sendevent-mns.eventbridge.aliyuncs.com is missing',
      'queue mine-dead-letter is missing',
      'Tablestore instance dualstack-alb is missing',
      'table mine_deployments is missing',
    ])
      expect(findings.filter(({ problem }) => problem === expected)).toEqual([
        expect.objectContaining({ problem: expected, mend: bootstrap }),
      ]);
    expect(findings.filter(({ area }) => area === 'functions and triggers')).toEqual([
      {
        area: 'functions and triggers',
        problem: 'none of the 17 functions is deployed',
        mend: 'npx s deploy -y',
      },
    ]);
    expect(fine.map(({ area }) => area)).toEqual(['configuration', 'credentials', 'message key', 'event streams']);
    expect(notLookedAt.map(({ area }) => area)).toEqual(['log project', 'alert channels', 'IPv6 route']);
  });

  it('names the other file in its remedies where the stages share a queue', async () => {
    const account = await emptyAccount();
    const outcome = await account.doctor(['--json', '--one-queue']);
    const { findings } = JSON.parse(outcome.lines.join('\n')) as Result;
    expect(findings.map(({ problem }) => problem)).toContain('queue mine-stages is missing');
    expect(new Set(findings.map(({ mend }) => mend))).toEqual(
      new Set(['npm run bootstrap -- --one-queue', 'npx s deploy -y -t s-one-queue.yaml']),
    );
  });

  it('says of everything that it cannot see it, to somebody without rights', async () => {
    const account = await emptyAccount();
    await account.bootstrap();
    const { findings } = await examine(account, account.envOf());
    expect(new Set(findings.map(({ area }) => area))).toEqual(
      new Set(
        areas.filter(
          (area) => !['configuration', 'credentials', 'log project', 'alert channels', 'IPv6 route'].includes(area),
        ),
      ),
    );
    for (const { problem, mend } of findings) {
      expect(problem).toContain('cannot be looked at');
      expect(mend).toBe('Give whoever runs this the rights of policies/deployer.json.');
    }
  });

  it('looks at nothing in the account without keys, and says so', async () => {
    const account = await emptyAccount();
    const { findings, notLookedAt } = await examine(account, {
      DUALSTACK_ALB_ENDPOINT: account.cloud.url,
      DUALSTACK_ALB_NAME: 'Mine',
    });
    expect(findings.map(({ area }) => area)).toEqual(['configuration', 'credentials']);
    expect(notLookedAt.map(({ area }) => area)).toEqual(areas.slice(2));
  });

  it('finds that EventBridge is not activated', async () => {
    const account = await emptyAccount();
    account.cloud.faults.add({
      kind: 'error',
      service: 'eventbridge',
      code: 'ServiceAccessDenied',
      httpStatus: 403,
      times: 0,
    });
    const { findings } = await examine(account);
    expect(findings.find(({ area }) => area === 'event streams')).toMatchObject({
      problem: 'EventBridge is not activated in the account',
    });
  });
});

describe('doctor in an account with everything', () => {
  /** Every test leaves it whole. */
  let account: TestAccount;
  beforeAll(async () => {
    account = await startAccount();
    await account.bootstrap();
    await deploy(account);
  });
  afterAll(() => account.close());

  it('finds nothing to mend', async () => {
    const { exitCode, findings, fine, notLookedAt } = await examine(account);
    expect(findings).toEqual([]);
    expect(exitCode).toBe(0);
    expect(fine.find(({ area }) => area === 'functions and triggers')?.what).toBe('17 functions, 18 triggers');
    expect(fine.find(({ area }) => area === 'event streams')?.what).toBe(
      '15 for queue triggers, 15 of them there; 15 used of 50',
    );
    expect(fine).toHaveLength(areas.length - 2);
    expect(notLookedAt.map(({ area }) => area)).toEqual(['log project', 'IPv6 route']);
  });

  it('may be run with the rights of a deployer', async () => {
    const policy = JSON.parse(readFileSync(join(root, 'policies', 'deployer.json'), 'utf8')) as PolicyDocument;
    expect((await examine(account, account.envOf(policy))).findings).toEqual([]);
  });

  it('names a channel that keeps refusing messages, until it takes one', async () => {
    const found = await accountOf(root, account.env);
    if ('problems' in found) throw new Error(JSON.stringify(found.problems));
    const { channels } = found.account.runtime;
    const failing = {
      sinceMs: 0,
      lastMs: 1,
      failure: 'refused' as const,
      reason: 'errcode 310000: keywords not in content',
    };
    await channels.delivery('ops', (before) => ({ ...before, failures: 1, failing }));
    expect((await examine(account)).findings).toEqual([
      {
        area: 'alert channels',
        problem: 'ops: not taken once since 1970-01-01T00:00:00.000Z: errcode 310000: keywords not in content',
        mend: expect.stringContaining('DUALSTACK_ALB_ALERT_CHANNELS') as string,
      },
    ]);
    await channels.delivery('ops', () => ({ sentAtMs: [], failures: 0 }));
    expect((await examine(account)).fine).toContainEqual({
      area: 'alert channels',
      what: '1 of those that messages were sent to take them',
    });
    await channels.forget('ops');
  });

  it('names a channel whose secret can be read in the table, until it is encrypted', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const env = { ...account.env, DUALSTACK_ALB_CHANNEL_KEY: key };
    const found = await accountOf(root, account.env);
    if ('problems' in found) throw new Error(JSON.stringify(found.problems));
    const { channels } = found.account.runtime;
    await channels.put({ type: 'slack', name: 'chat', url: 'https://hooks.slack.com/services/T0/B0/0123456789' });
    expect((await examine(account)).findings).toEqual([
      {
        area: 'alert channels',
        problem: 'chat: who can read the table channels can read its secret',
        mend: 'npm run channel -- seal',
      },
    ]);
    const { lines } = await capture(account.cloud, () => runChannel(['seal'], { root }, env));
    expect(lines).toEqual(['  chat: encrypted']);
    expect((await examine(account, env)).findings).toEqual([]);
    expect((await examine(account)).findings).toMatchObject([
      { area: 'alert channels', problem: expect.stringContaining('DUALSTACK_ALB_CHANNEL_KEY is not set') as string },
    ]);
    await channels.remove('chat');
  });

  const fc = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
    genericRestClient(
      account.cloud.url,
      account.cloud.context,
      '2023-03-30',
    )({
      action: 'Any',
      method,
      pathname: `/2023-03-30/functions/mine-${path}`,
      ...(body === undefined ? {} : { body }),
    });
  /** The trigger of a function, changed by `change` until the test ends. */
  const changeTrigger = async (name: string, trigger: string, change: (config: object) => void) => {
    const { triggerConfig } = (await fc('GET', `${name}/triggers/${trigger}`)) as { triggerConfig: string };
    const config = JSON.parse(triggerConfig) as object;
    change(config);
    await fc('PUT', `${name}/triggers/${trigger}`, { triggerConfig: JSON.stringify(config) });
    onTestFinished(async () => {
      await fc('PUT', `${name}/triggers/${trigger}`, { triggerConfig });
    });
  };

  it.each<[string, () => unknown, Finding]>([
    [
      'a trigger that is gone',
      async () => {
        const { triggerConfig } = await fc('GET', 'dns/triggers/queue');
        await fc('DELETE', 'dns/triggers/queue');
        onTestFinished(async () => {
          const body = { triggerName: 'queue', triggerType: 'eventbridge', triggerConfig };
          await fc('POST', 'dns/triggers', body);
        });
      },
      {
        area: 'functions and triggers',
        problem: 'trigger queue of mine-dns is missing',
        mend: 'npx s deploy -y',
      },
    ],
    [
      'P-111: a trigger that would block its queue',
      () =>
        changeTrigger('network', 'queue', (config) => {
          (config as { runOptions: { errorsTolerance: string } }).runOptions.errorsTolerance = 'NONE';
        }),
      {
        area: 'functions and triggers',
        problem: 'trigger queue of mine-network: triggerConfig.runOptions.errorsTolerance is "NONE", not "ALL"',
        mend: 'npx s deploy -y',
      },
    ],
    [
      'a timer that is turned off',
      () => changeTrigger('sweep', 'timer', (config) => Object.assign(config, { enable: false })),
      {
        area: 'functions and triggers',
        problem: 'trigger timer of mine-sweep: triggerConfig.enable is false, not true',
        mend: 'npx s deploy -y',
      },
    ],
    [
      'a trigger that the file does not have',
      async () => {
        const triggerConfig = JSON.stringify({ cronExpression: '@every 5m', enable: true, payload: '' });
        await fc('POST', 'api/triggers', { triggerName: 'extra', triggerType: 'timer', triggerConfig });
        onTestFinished(async () => {
          await fc('DELETE', 'api/triggers/extra');
        });
      },
      {
        area: 'functions and triggers',
        problem: 'trigger extra of mine-api is not in the file',
        mend: 'npx s api remove -y --trigger extra',
      },
    ],
    [
      'a function with the rights of another',
      async () => {
        const role = (name: string) => `acs:ram::1234567890123456:role/mine-${name}`;
        await fc('PUT', 'alert', { role: role('provisioner') });
        onTestFinished(async () => {
          await fc('PUT', 'alert', { role: role('alert') });
        });
      },
      {
        area: 'functions and triggers',
        problem:
          'function mine-alert: role is "acs:ram::1234567890123456:role/mine-provisioner", not "acs:ram::1234567890123456:role/mine-alert"',
        mend: 'npx s deploy -y',
      },
    ],
    [
      'a policy that has lost a line',
      () => {
        const policy = account.cloud.ram.policy('Custom', 'mine-prober');
        const { versions } = policy;
        policy.versions = versions.map((version) => ({
          ...version,
          text: version.text.replace('"ecs:RunCommand",', ''),
        }));
        onTestFinished(() => {
          policy.versions = versions;
        });
      },
      {
        area: 'roles and policies',
        problem: 'policy mine-prober: its text is not that of policies/prober.json',
        mend: 'npm run bootstrap',
      },
    ],
    [
      'a queue whose messages come back too early',
      () => {
        const attributes = account.cloud.mns.queues.get('mine-dns')?.attributes;
        if (attributes === undefined) throw new Error('no queue');
        attributes.visibilityTimeout = 30;
        onTestFinished(() => {
          attributes.visibilityTimeout = 240;
        });
      },
      { area: 'queues', problem: 'queue mine-dns: VisibilityTimeout is 30, not 240', mend: 'npm run bootstrap' },
    ],
    [
      'P-134: a table whose rows die too early',
      () => {
        const settings = account.cloud.tablestore.tables().get('mine_events')?.settings;
        if (settings === undefined) throw new Error('no table');
        settings.timeToLive = 86_400;
        onTestFinished(() => {
          settings.timeToLive = 400 * 86_400;
        });
      },
      {
        area: 'tables',
        problem: 'table mine_events: its rows live 1 day, not 400 days',
        mend: 'npm run bootstrap',
      },
    ],
  ])('finds %s, and nothing else', async (_what, spoil, finding) => {
    await spoil();
    expect((await examine(account)).findings).toEqual([finding]);
  });

  it('finds that the quota has no room for a trigger that is gone', async () => {
    const { triggerConfig } = await fc('GET', 'dns/triggers/queue');
    await fc('DELETE', 'dns/triggers/queue');
    account.cloud.eventBridge.streamQuota = 3;
    onTestFinished(async () => {
      account.cloud.eventBridge.streamQuota = 50;
      await fc('POST', 'dns/triggers', { triggerName: 'queue', triggerType: 'eventbridge', triggerConfig });
    });
    const { findings } = await examine(account);
    expect(findings.filter(({ area }) => area === 'event streams')).toEqual([
      {
        area: 'event streams',
        problem: "1 more event streams are needed for queue triggers, and 0 of the account's 3 are free",
        mend: expect.stringMatching(/Quota Center.*s-one-queue.yaml/) as string,
      },
    ]);
  });
});

describe('what doctor prints', () => {
  it('is a line for each area, and one remedy below what it mends', async () => {
    const account = await emptyAccount();
    const { lines, exitCode } = await account.doctor();
    expect(exitCode).toBe(1);
    expect(lines[0]).toBe('mine: account 1234567890123456, region cn-shanghai, s.yaml');
    expect(lines.filter((line) => /^ {2}[✔✘-] /.test(line)).map((line) => line.slice(4, 28).trim())).toEqual([
      ...areas,
    ]);
    expect(lines.filter((line) => line.includes('→ npm run bootstrap'))).toHaveLength(4);
    expect(lines.at(-1)).toMatch(/^\d+ to mend\.$/);
  });

  it('leaves areas out that it is told to skip', async () => {
    const account = await emptyAccount();
    const { lines } = await account.doctor(['--skip', 'queues', '--skip', 'IPv6 route']);
    expect(lines.filter((line) => line.includes('left out by --skip'))).toHaveLength(2);
    expect(lines.join('\n')).not.toContain('mine-dns');
    expect((await account.doctor(['--skip', 'weather'])).error).toMatch(/no such area.*queues/);
  });

  it('says whether this machine has an IPv6 route', async () => {
    const account = await emptyAccount();
    // Keys that nobody has: the rest of the account is of no interest here.
    const elsewhere = { DUALSTACK_ALB_NAME: 'mine' };
    const none = await account.doctor(['--json'], elsewhere, () => Promise.resolve('ENETUNREACH'));
    const { findings } = JSON.parse(none.lines.join('\n')) as Result;
    expect(findings.filter(({ area }) => area === 'IPv6 route')).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('(ENETUNREACH)') as string }),
    ]);
    const one = await account.doctor(['--json'], elsewhere);
    expect((JSON.parse(one.lines.join('\n')) as Result).fine).toContainEqual({
      area: 'IPv6 route',
      what: 'this machine has one',
    });
  });

  it('names what there was no time for, beside what was seen', async () => {
    const account = await emptyAccount();
    account.cloud.faults.add({ kind: 'late', service: 'mns', delayMs: 60_000, times: 0 });
    const outcome = await account.doctor(['--json', '--within', '1']);
    const { findings, fine } = JSON.parse(outcome.lines.join('\n')) as Result;
    expect(outcome.exitCode).toBe(1);
    expect(fine.map(({ area }) => area)).toContain('credentials');
    const unseen = findings.filter(({ problem }) => problem.endsWith('was not looked at: no time was left'));
    expect(unseen.map(({ area }) => area)).toEqual([
      'queues',
      'tables',
      'functions and triggers',
      'message key',
      'event streams',
    ]);
    expect(new Set(unseen.map(({ mend }) => mend))).toEqual(new Set(['Try again, or give it longer: --within.']));
    expect((await account.doctor(['--within', 'soon'])).error).toContain('must be whole seconds');
  });
});
