import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { root } from '../../../cli/build.mjs';
import { type Account, accountOf } from '../../../cli/account/account.ts';
import { roleKinds } from '../../../cli/account/roles.ts';
import { keysOf } from '../../../cli/keys.ts';
import { publishKeys } from '../../../cli/publish-keys.ts';
import { queueNamesOf } from '../../../shared/pipeline.ts';
import { tables } from '../../../shared/store/tables.ts';
import { emptyAccount, isWriting, startAccount, type TestAccount, writing } from '../../support/account.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const queues = queueNamesOf().map((name) => `mine-${name}`);
const tableNames = Object.values(tables).map(({ name }) => `mine_${name}`);

/** What stands in the account. */
const inventory = ({ cloud }: TestAccount) => ({
  queues: [...cloud.mns.queues.keys()].sort(),
  tables: [...cloud.tablestore.tables().keys()].sort(),
  instances: [...cloud.tablestore.instances.keys()],
  roles: cloud.ram.roles
    .list()
    .flatMap(({ name, serviceName }) => (serviceName === undefined ? [name] : []))
    .sort(),
  linkedRoles: cloud.ram.roles
    .list()
    .flatMap(({ serviceName }) => serviceName ?? [])
    .sort(),
});

const nothing = { queues: [], tables: [], instances: [], roles: [], linkedRoles: [] };
const linkedRoles = [
  'alb.aliyuncs.com',
  'fc.aliyuncs.com',
  'sendevent-fc.eventbridge.aliyuncs.com',
  'sendevent-mns.eventbridge.aliyuncs.com',
];

describe('bootstrap of an empty account', () => {
  it('prints the plan and changes nothing with --dry-run', async () => {
    const account = await emptyAccount();
    const outcome = await account.bootstrap(['--dry-run']);
    expect(outcome).toMatchObject({ exitCode: 0, error: '' });
    expect(writing(outcome)).toEqual([]);
    expect(inventory(account)).toEqual(nothing);
    const planned = [
      ...queues.map((name) => `queue ${name}`),
      ...tableNames.map((name) => `table ${name}`),
      'Tablestore instance dualstack-alb',
      ...linkedRoles.map((name) => `service-linked role ${name}`),
      ...roleKinds.flatMap((kind) => [`role mine-${kind}`, `policy mine-${kind}`]),
    ];
    const created = outcome.lines.flatMap((line) => /^ {2}create {3}([^:]+): /.exec(line)?.[1] ?? []);
    expect(created.sort()).toEqual(planned.sort());
    expect(outcome.lines[0]).toMatch(/^Preparing mine: account 1234567890123456, region cn-shanghai, s.yaml; nothing/);
  });

  it('P-166: makes everything, every service-linked role included', async () => {
    const account = await emptyAccount();
    expect(await account.bootstrap()).toMatchObject({ exitCode: 0, error: '' });
    expect(inventory(account)).toEqual({
      queues: [...queues].sort(),
      tables: [...tableNames].sort(),
      instances: ['dualstack-alb'],
      roles: roleKinds.map((kind) => `mine-${kind}`).sort(),
      linkedRoles,
    });
    const { cloud } = account;
    expect(cloud.mns.queues.get('mine-network')?.attributes).toMatchObject({
      visibilityTimeout: 240,
      messageRetentionPeriod: 604_800,
    });
    expect(cloud.tablestore.tables().get('mine_events')?.settings.timeToLive).toBe(400 * 86_400);
    for (const kind of roleKinds) {
      const [policy, ...others] = cloud.ram.policiesOf(cloud.ram.role(`mine-${kind}`));
      expect(others).toEqual([]);
      expect(policy?.versions.at(-1)?.document).toEqual(
        JSON.parse(readFileSync(join(root, 'policies', `${kind}.json`), 'utf8')),
      );
    }
  });

  it('makes one queue for all stages where they share one', async () => {
    const account = await emptyAccount();
    const outcome = await account.bootstrap(['--one-queue']);
    expect(inventory(account).queues).toEqual(['mine-alert', 'mine-dead-letter', 'mine-probe', 'mine-stages']);
    expect(outcome.lines.at(-1)).toContain('4 for queue triggers');
  });

  it('P-136 P-137: waits while tables of a new instance are not there yet', async () => {
    const account = await emptyAccount();
    account.cloud.faults.add(
      {
        kind: 'error',
        service: 'tablestore',
        action: 'DescribeTable',
        code: 'OTSAuthFailed',
        httpStatus: 403,
        times: 6,
      },
      { kind: 'error', service: 'tablestore', action: 'CreateTable', code: 'OTSServerBusy', httpStatus: 503, times: 2 },
    );
    const startMs = account.clock.nowMs();
    expect(await account.bootstrap()).toMatchObject({ error: '' });
    expect(inventory(account).tables).toEqual([...tableNames].sort());
    // The store itself repeats what is refused as busy.
    expect(account.clock.nowMs()).toBeGreaterThanOrEqual(startMs + 6 * 4000);
  });

  it('says that it leaves the log project out, and why', async () => {
    const account = await emptyAccount();
    const { lines } = await account.bootstrap();
    expect(lines.filter((line) => line.includes('log project'))).toEqual([
      expect.stringMatching(/^ {2}skip {5}log project mine-cn-shanghai: DUALSTACK_ALB_ENDPOINT is set/),
    ]);
  });
});

describe('a repeated bootstrap', () => {
  /** Every test leaves it as bootstrap wants it. */
  let account: TestAccount;
  beforeAll(async () => {
    account = await startAccount();
    await account.bootstrap();
  });
  afterAll(() => account.close());

  it('makes no writing call', async () => {
    const outcome = await account.bootstrap();
    expect(outcome).toMatchObject({ exitCode: 0, error: '' });
    expect(outcome.calls.length).toBeGreaterThan(40);
    expect(writing(outcome)).toEqual([]);
    expect(outcome.lines.slice(1).filter((line) => !/^ {2}(is there|skip|enough)/.test(line))).toEqual([]);
  });

  it.each<[string, (account: TestAccount) => unknown, RegExp, string[]]>([
    [
      'the attributes of a queue',
      ({ cloud }) => Object.assign(cloud.mns.queues.get('mine-dns')?.attributes ?? {}, { visibilityTimeout: 30 }),
      /change {3}queue mine-dns: .*\(VisibilityTimeout is 30, not 240\)$/,
      ['CreateQueue', 'SetQueueAttributes'],
    ],
    [
      'P-134: the time to live of a table',
      ({ cloud }) =>
        Object.assign(cloud.tablestore.tables().get('mine_events')?.settings ?? {}, { timeToLive: 86_400 }),
      /change {3}table mine_events: .*\(its rows live 1 day, not 400 days\)$/,
      ['UpdateTable'],
    ],
    [
      'the text of a policy',
      ({ cloud }) => {
        const policy = cloud.ram.policy('Custom', 'mine-alert');
        policy.versions = policy.versions.map((version) => ({ ...version, text: '{"Version":"1","Statement":[]}' }));
      },
      /change {3}policy mine-alert: .*its text is not that of policies\/alert.json/,
      ['CreatePolicyVersion'],
    ],
    [
      'a policy that is not attached',
      ({ cloud }) => cloud.ram.detach(cloud.ram.role('mine-api'), cloud.ram.policy('Custom', 'mine-api')),
      /change {3}role mine-api: .*policy mine-api is not attached/,
      ['AttachPolicyToRole'],
    ],
    [
      'who may assume a role',
      ({ cloud }) => Object.assign(cloud.ram.role('mine-prober'), { trustPolicy: '{"Version":"1","Statement":[]}' }),
      /change {3}role mine-prober: .*others than Function Compute may assume it/,
      ['UpdateRole'],
    ],
    [
      'a queue that is gone',
      ({ cloud, clock }) => {
        cloud.mns.state.delete('mine-dns');
        clock.advance(60_000);
      },
      /create {3}queue mine-dns/,
      ['CreateQueue'],
    ],
  ])('puts right %s, and nothing else', async (_what, spoil, line, calls) => {
    spoil(account);
    const outcome = await account.bootstrap();
    expect(outcome.error).toBe('');
    expect(outcome.lines.slice(1).filter((text) => !/^ {2}(is there|skip|enough)/.test(text))).toEqual([
      expect.stringMatching(line),
    ]);
    expect(writing(outcome)).toEqual(calls);
  });

  it('P-138: stops at a table whose key is another, and goes on with the rest', async () => {
    const { cloud } = account;
    const [column] = cloud.tablestore.tables().get('mine_leases')?.schema ?? [];
    Object.assign(column ?? {}, { name: 'id' });
    cloud.tablestore.findInstance('dualstack-alb')?.tables.delete('mine_active');
    const { error } = await account.bootstrap();
    Object.assign(column ?? {}, { name: 'name' });
    expect(error).toMatch(/^This did not work:\n {2}table mine_leases: .*primary key.*can never be changed[^\n]*$/);
    expect(cloud.tablestore.tables().has('mine_active')).toBe(true);
  });
});

describe('bootstrap --remove', () => {
  it('deletes what it made and keeps what others may use', async () => {
    const account = await emptyAccount();
    await account.bootstrap();
    expect(await account.bootstrap(['--remove'])).toMatchObject({ exitCode: 0, error: '' });
    expect(inventory(account)).toEqual({ ...nothing, linkedRoles });
    expect(account.cloud.ram.findPolicy('Custom', 'mine-api')).toBeUndefined();
  });

  it('finds nothing to do when it is repeated', async () => {
    const account = await emptyAccount();
    await account.bootstrap();
    await account.bootstrap(['--remove']);
    const outcome = await account.bootstrap(['--remove']);
    expect(outcome).toMatchObject({ exitCode: 0, error: '' });
    expect(writing(outcome)).toEqual([]);
    expect(outcome.lines.slice(1).filter((line) => !/^ {2}(is gone|keep)/.test(line))).toEqual([]);
  });

  it('prints its plan and deletes nothing with --dry-run', async () => {
    const account = await emptyAccount();
    await account.bootstrap();
    const before = inventory(account);
    const outcome = await account.bootstrap(['--remove', '--dry-run']);
    expect(writing(outcome)).toEqual([]);
    expect(outcome.lines.filter((line) => line.startsWith('  delete'))).toHaveLength(
      queues.length + tableNames.length + 2 * roleKinds.length + 1,
    );
    expect(inventory(account)).toEqual(before);
  });

  it('is followed by a bootstrap that waits until the names of queues are free again', async () => {
    const account = await emptyAccount();
    await account.bootstrap();
    await account.bootstrap(['--remove']);
    expect(await account.bootstrap()).toMatchObject({ exitCode: 0, error: '' });
    expect(inventory(account).queues).toEqual([...queues].sort());
  });

  it('refuses while load balancers are active, and says which', async () => {
    const account = await emptyAccount();
    await account.bootstrap();
    await addDeployment(account, '01m82taqqtv3andt06wn7st8pq');
    const outcome = await account.bootstrap(['--remove']);
    expect(outcome.error).toMatch(/are active[^]*01m82taqqtv3andt06wn7st8pq[^]*--force/);
    expect(writing(outcome)).toEqual([]);
    expect(await account.bootstrap(['--remove', '--force'])).toMatchObject({ exitCode: 0, error: '' });
    expect(inventory(account)).toEqual({ ...nothing, linkedRoles });
  });

  it('refuses when it cannot see whether load balancers are active', async () => {
    const account = await emptyAccount();
    await account.bootstrap();
    account.cloud.faults.add({
      kind: 'error',
      service: 'tablestore',
      action: 'GetRange',
      code: 'OTSNoPermissionAccess',
      httpStatus: 403,
      times: 0,
    });
    const outcome = await account.bootstrap(['--remove']);
    expect(outcome.error).toMatch(/^Whether load balancers are active cannot be seen: .*OTSNoPermissionAccess/);
    expect(outcome.calls.filter(isWriting)).toEqual([]);
  });
});

async function addDeployment({ cloud, env }: TestAccount, id: string): Promise<void> {
  const { account } = (await accountOf(root, env)) as { account: Account };
  await account.runtime.active.add(id, cloud.clock.nowMs());
}

describe('what is missing or wrong', () => {
  it('is told in one list', async () => {
    const account = await emptyAccount();
    const { error, calls } = await account.bootstrap([], {
      DUALSTACK_ALB_ENDPOINT: account.cloud.url,
      DUALSTACK_ALB_NAME: 'Mine',
      DUALSTACK_ALB_REGON: 'cn-shanghai',
      AccessKeyID: 'LTAI5tX',
    });
    expect(error.split('\n')).toEqual([
      'This is missing or wrong:',
      expect.stringMatching(/^ {2}DUALSTACK_ALB_NAME: must be 2 to 31 lower-case/),
      expect.stringMatching(/^ {2}DUALSTACK_ALB_REGON: is not a setting/),
      expect.stringMatching(/^ {2}AccessKeySecret is not set, but its other half is/),
    ]);
    expect(calls).toEqual([]);
  });

  it('is a key of nobody', async () => {
    const account = await emptyAccount();
    const { error } = await account.bootstrap([], { ...account.env, ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI5tNobody' });
    expect(error).toMatch(/InvalidAccessKeyId.NotFound.*Set valid keys/);
  });

  it('is a missing key, with the hint that s hands none of its own to actions', async () => {
    const account = await emptyAccount();
    const { error } = await account.bootstrap([], { DUALSTACK_ALB_ENDPOINT: account.cloud.url });
    expect(error).toMatch(/neither AccessKeyID with AccessKeySecret nor ALIBABA_CLOUD_ACCESS_KEY_ID.*"s config add"/);
  });

  it('is no key where the embedded cloud of the environment has written its own for this user', async ({
    onTestFinished: atEnd,
  }) => {
    const account = await emptyAccount();
    const env = { XDG_RUNTIME_DIR: temporaryFolder(atEnd), DUALSTACK_ALB_ENDPOINT: account.cloud.url };
    atEnd(publishKeys(keysOf(account.cloud), { env }).remove);
    const { error, lines } = await account.bootstrap(['--dry-run'], env);
    expect(error).toBe('');
    expect(lines[0]).toContain('account 1234567890123456');
  });

  it('is a key of another account than the environment names', async () => {
    const account = await emptyAccount();
    const { error } = await account.bootstrap([], { ...account.env, DUALSTACK_ALB_ACCOUNT_ID: '9876543210987654' });
    expect(error).toContain('the keys belong to account 1234567890123456');
    expect(error).toContain('the environment names 9876543210987654');
  });

  it('is every permission that somebody lacks, each by the step that needs it', async () => {
    const account = await emptyAccount();
    const outcome = await account.bootstrap([], account.envOf());
    const lines = outcome.error.split('\n');
    for (const step of ['policy mine-api', 'role mine-alert', 'service-linked role fc.aliyuncs.com', 'queue mine-dns'])
      expect(lines.filter((line) => line.startsWith(`  ${step}: `))).toHaveLength(1);
    expect(outcome.error).toMatch(/queue mine-dns: .*AccessDenied/);
    expect(outcome.error).toMatch(/Tablestore instance dualstack-alb: .*AuthFailed/);
    expect(lines.at(-1)).toBe('Give whoever runs this the rights of policies/deployer.json.');
    expect(inventory(account)).toEqual(nothing);
  });

  it('is a quota that has no room for the event streams, with the two ways out', async () => {
    const account = await emptyAccount();
    account.cloud.eventBridge.streamQuota = 3;
    const { error } = await account.bootstrap();
    expect(error).toMatch(
      /event streams: 15 more event streams are needed for queue triggers, and 3 of the account's 3/,
    );
    expect(error).toMatch(/Quota Center .*s-one-queue.yaml.* needs 4 in all/);
    account.cloud.eventBridge.streamQuota = 4;
    expect(await account.bootstrap(['--one-queue'])).toMatchObject({ error: '' });
  });

  it('is not a quota that nobody may read', async () => {
    const account = await emptyAccount();
    const denied = { kind: 'error', code: 'RAM.PERMISSION.DENIED', httpStatus: 400, times: 0 } as const;
    account.cloud.faults.add({ ...denied, service: 'quotas' });
    expect((await account.bootstrap()).lines.at(-1)).toMatch(/^ {2}enough .* used of 50, as the vendor documents/);
    account.cloud.faults.add({ ...denied, code: 'ServiceAccessDenied', service: 'eventbridge' });
    const { lines, error } = await account.bootstrap();
    expect(lines.at(-1)).toMatch(/^ {2}unknown {2}event streams: .*ServiceAccessDenied/);
    expect(error).toBe('');
  });
});

describe('the installation that is meant', () => {
  /** A checkout with a file `.env` beside s.yaml. */
  async function meant(dotEnv: string, env: Record<string, string> = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    copyFileSync(join(root, 's.yaml'), join(folder, 's.yaml'));
    writeFileSync(join(folder, '.env'), dotEnv);
    const { cloud } = await emptyAccount();
    const { accessKeyId, accessKeySecret } = cloud.credentials.root;
    const found = await accountOf(folder, {
      DUALSTACK_ALB_ENDPOINT: cloud.url,
      AccessKeyID: accessKeyId,
      AccessKeySecret: accessKeySecret,
      ...env,
    });
    if ('problems' in found) throw new Error(JSON.stringify(found.problems));
    return found.account;
  }

  it('is that of .env beside s.yaml, as s deploys it', async () => {
    const { config, functions } = await meant('DUALSTACK_ALB_NAME=second\nDUALSTACK_ALB_REGION=cn-hangzhou\n');
    expect(config).toMatchObject({ name: 'second', regionId: 'cn-hangzhou' });
    expect(functions[0]?.functionName).toMatch(/^second-/);
  });

  it('is that of the process where both name one', async () => {
    const { config } = await meant('DUALSTACK_ALB_NAME=second\n', { DUALSTACK_ALB_NAME: 'third' });
    expect(config.name).toBe('third');
  });

  it('is the default where a variable is set but empty, as for s', async () => {
    const { config, functions } = await meant('DUALSTACK_ALB_NAME=second\n', {
      DUALSTACK_ALB_NAME: '',
      DUALSTACK_ALB_REGION: '',
    });
    expect(config).toMatchObject({ name: 'dualstack-alb', regionId: 'cn-shanghai' });
    expect(functions[0]?.functionName).toMatch(/^dualstack-alb-/);
  });

  it('leaves the environment of the process as it is', async () => {
    await meant('S_TEST_ONLY=x\n');
    expect(process.env['S_TEST_ONLY']).toBeUndefined();
  });
});

describe('the keys', () => {
  it('are those that s hands to its actions', async () => {
    const account = await emptyAccount();
    const { accessKeyId, accessKeySecret } = account.cloud.credentials.root;
    const outcome = await account.bootstrap([], {
      DUALSTACK_ALB_ENDPOINT: account.cloud.url,
      AccountID: '1234567890123456',
      AccessKeyID: accessKeyId,
      AccessKeySecret: accessKeySecret,
    });
    expect(outcome).toMatchObject({ exitCode: 0, error: '' });
    expect(outcome.lines[0]).toBe('Preparing dualstack-alb: account 1234567890123456, region cn-shanghai, s.yaml');
  });

  it('may be temporary, in the variable that s takes them from', async () => {
    const account = await emptyAccount();
    const policy = { Version: '1', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] };
    const temporary = account.envOf(policy);
    const outcome = await account.bootstrap(['--dry-run'], {
      DUALSTACK_ALB_ENDPOINT: account.cloud.url,
      ci_serverless_devs_key: JSON.stringify({
        AccountID: '1234567890123456',
        AccessKeyID: temporary['ALIBABA_CLOUD_ACCESS_KEY_ID'],
        AccessKeySecret: temporary['ALIBABA_CLOUD_ACCESS_KEY_SECRET'],
        SecurityToken: temporary['ALIBABA_CLOUD_SECURITY_TOKEN'],
      }),
    });
    expect(outcome).toMatchObject({ exitCode: 0, error: '' });
    expect(new Set(outcome.calls.map(({ caller }) => caller))).toEqual(new Set(['cli']));
  });

  it('never show in what is printed', async () => {
    const account = await emptyAccount();
    const outcome = await account.bootstrap([], { ...account.env, ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'my-secret-key' });
    expect(outcome.error).toContain('SignatureDoesNotMatch');
    expect(outcome.lines.join('\n') + outcome.error).not.toContain('my-secret-key');
  });
});
