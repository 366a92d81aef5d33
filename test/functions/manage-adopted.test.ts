import { expect, it, onTestFinished } from 'vitest';
import type { ManagePermission } from '../../shared/deployment/manage-adopted.ts';
import { seedServers } from '../support/adopted.ts';
import { StageDriver } from '../support/stage-driver.ts';

/** Servers of others whose groups let nothing in. */
async function start(allowed: string) {
  const driver = await StageDriver.start({
    latency: 'none',
    environment: { DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED: allowed },
  });
  onTestFinished(() => driver.close());
  const { harness } = driver;
  const { spec, vpcId } = seedServers(harness.cloud);
  const [group] = harness.cloud.ecs.securityGroups.list();
  if (group === undefined) throw new Error('the servers have no group');
  group.rules.length = 0;
  const asked = { ...spec, name: 'adopting', securityGroup: { manageAdopted: true } };
  return {
    driver,
    harness,
    asked,
    vpcId,
    group,
    post: (body: unknown) => harness.api('POST', '/load-balancers', body),
    allow: (allowManageAdopted: ManagePermission) => Object.assign(harness.config, { allowManageAdopted }),
    writes: (from: number) =>
      harness.cloud.wireLog
        .slice(from)
        .filter(({ action }) => action.includes('SecurityGroup') && !action.startsWith('Describe')),
  };
}

it.each(['', 'false', 'vpc-another'])('is refused where the installation allows "%s"', async (allowed) => {
  const { post, asked, harness } = await start(allowed);
  const response = await post(asked);
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({
    code: 'manage-adopted',
    errors: [{ field: 'securityGroup.manageAdopted' }],
    detail: expect.stringContaining('DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED') as string,
  });
  expect(harness.cloud.tablestore.rows('dualstack_alb_deployments')).toEqual([]);
});

it('is refused in the corrected request of a retry', async () => {
  const { driver, asked, harness } = await start('');
  const { securityGroup: _left, ...closed } = asked;
  const failed = await driver.provision(closed);
  expect(failed.failure?.stage).toBe('preflight');
  const path = `/load-balancers/${failed.deploymentId}`;
  expect((await harness.api('POST', `${path}/retry`, asked)).status).toBe(403);
});

it.each(['its VPC', 'its group', 'all'])('is met where the installation allows it for %s', async (what) => {
  const { driver, asked, allow, vpcId, group } = await start('');
  allow(what === 'all' ? 'everywhere' : [what === 'its VPC' ? vpcId : group.id, 'sg-other']);
  expect((await driver.provision(asked)).status).toBe('ready');
  expect(group.rules.length).toBeGreaterThan(0);
});

it('fails in preflight where only other groups are allowed', async () => {
  const { driver, asked, group } = await start('sg-other');
  const { failure } = await driver.provision(asked);
  expect(failure).toMatchObject({
    stage: 'preflight',
    problems: expect.arrayContaining([
      expect.objectContaining({
        code: 'preflight.manage-adopted',
        message: expect.stringContaining(group.id) as string,
        remedy: expect.stringContaining('DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED') as string,
      }),
    ]) as unknown,
  });
  expect(group.rules).toEqual([]);
});

it('adds nothing where a request got past the API', async () => {
  const { driver, asked, allow, group, harness } = await start('true');
  const id = await harness.request(asked);
  await driver.run({ held: ['network'] });
  allow([]);
  await driver.run({ held: ['health'] });
  expect((await harness.record(id)).stages['security-group'].apply.state).toBe('done');
  expect(group.rules).toEqual([]);
});

it('leaves what a deployment has opened when the permission ends, opens no more, and the release closes it', async () => {
  const { driver, asked, allow, group, harness, writes } = await start('true');
  const { deploymentId } = await driver.provision(asked);
  // A rule of ours that somebody took out is not opened again.
  group.rules = group.rules.filter(({ ipProtocol }) => ipProtocol !== 'ICMPv6');
  const left = group.rules.map(({ id }) => id);
  expect(left.length).toBeGreaterThan(0);
  allow([]);
  const from = harness.cloud.wireLog.length;
  const path = `/load-balancers/${deploymentId}`;

  expect((await harness.api('POST', `${path}/apply`)).status).toBe(202);
  await driver.run();
  expect(await harness.record(deploymentId)).toMatchObject({ status: 'ready' });
  expect((await harness.api('PATCH', path, { serverGroup: { scheduler: 'Wlc' } })).status).toBe(202);
  await driver.run();
  expect(await harness.record(deploymentId)).toMatchObject({ status: 'ready' });
  const ssh = { protocol: 'TCP', portRange: '22/22', sourceCidr: '0.0.0.0/0' };
  expect((await harness.api('PATCH', path, { securityGroup: { rules: [ssh] } })).status).toBe(403);
  expect(writes(from)).toEqual([]);
  expect(group.rules.map(({ id }) => id)).toEqual(left);

  expect((await harness.api('DELETE', path)).status).toBe(202);
  await driver.run();
  expect(await harness.record(deploymentId)).toMatchObject({ status: 'released' });
  expect(group.rules).toEqual([]);
});

it('can be taken back while the permission is missing', async () => {
  const { driver, asked, allow, group, harness } = await start('true');
  const { deploymentId } = await driver.provision(asked);
  const [rule] = group.rules;
  allow([]);
  // Others let in what is needed.
  group.rules.push(...group.rules.map((own) => ({ ...own, id: `${own.id}-theirs`, description: 'theirs' })));
  expect(rule).toBeDefined();
  const path = `/load-balancers/${deploymentId}`;
  expect((await harness.api('PATCH', path, { securityGroup: { manageAdopted: false } })).status).toBe(202);
  await driver.run();
  expect(await harness.record(deploymentId)).toMatchObject({ status: 'ready' });
  expect(new Set(group.rules.map(({ description }) => description))).toEqual(new Set(['theirs']));
  expect((await harness.api('PATCH', path, { securityGroup: { manageAdopted: true } })).status).toBe(403);
});
