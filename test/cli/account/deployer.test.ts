import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../../cli/build.mjs';
import type { PolicyDocument } from '../../../local/credentials.ts';
import type { WireLogEntry } from '../../../local/edge.ts';
import { emptyAccount } from '../../support/account.ts';

const policy = JSON.parse(readFileSync(join(root, 'policies', 'deployer.json'), 'utf8')) as PolicyDocument;
const actions = policy.Statement.flatMap(({ Action = [] }) => Action);

/** Products by the name that RAM has for them. */
const products: Record<string, string> = {
  resourcemanager: 'ram',
  tablestore: 'ots',
  'tablestore-control': 'ots',
};
const ramActions = (calls: WireLogEntry[]): string[] => [
  ...new Set(
    calls
      // Whoever has keys may ask whose they are.
      .filter(({ service }) => service !== 'sts')
      .map(({ service, action }) => `${products[service] ?? service}:${action}`),
  ),
];

it('the deployer may do everything that bootstrap does, and nothing else outside Function Compute and logs', async () => {
  const account = await emptyAccount();
  const { cloud, clock } = account;
  const deployer = account.envOf(policy);
  const run = async (...args: string[]) => {
    const outcome = await account.bootstrap(args, deployer);
    expect(outcome.error).toBe('');
    expect(outcome.lines.join('\n')).not.toContain('unknown');
    return outcome.calls;
  };
  const calls = await run();
  Object.assign(cloud.mns.queues.get('mine-dns')?.attributes ?? {}, { visibilityTimeout: 30 });
  Object.assign(cloud.tablestore.tables().get('mine_events')?.settings ?? {}, { timeToLive: 86_400 });
  Object.assign(cloud.ram.role('mine-prober'), { trustPolicy: '{"Version":"1","Statement":[]}' });
  const changed = cloud.ram.policy('Custom', 'mine-alert');
  changed.versions = changed.versions.map((version) => ({ ...version, text: '{}' }));
  clock.advance(60_000);
  calls.push(...(await run()), ...(await run('--remove')));

  const used = ramActions(calls);
  // Function Compute is for `s deploy`, but for the look at the message key; the log service has no embedded counterpart; PassRole is part of CreateFunction.
  const elsewhere = (action: string) =>
    (/^(fc|log):/.test(action) && action !== 'fc:ListFunctions') || action === 'ram:PassRole';
  expect(used.sort()).toEqual(actions.filter((action) => !elsewhere(action)).sort());
});

it('the deployer makes no other service-linked role than those of bootstrap', async () => {
  const { cloud, envOf, bootstrap } = await emptyAccount();
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: id = '' } = envOf(policy);
  const principal = cloud.credentials.find(id)?.principal;
  if (principal === undefined) throw new Error('nobody');
  const may = (serviceName: string) =>
    cloud.credentials.isAllowed(principal, 'ram:CreateServiceLinkedRole', { 'ram:ServiceName': serviceName });
  await bootstrap();
  for (const { serviceName } of cloud.ram.roles.list())
    if (serviceName !== undefined) expect(may(serviceName)).toBe(true);
  expect(may('ecs.aliyuncs.com')).toBe(false);
});
