import { expect, it, onTestFinished } from 'vitest';
import type { HarnessOptions } from '../support/harness.ts';
import { inNetwork } from '../support/adopted.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { rareChecks, StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start(options);
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['security-group', 'server-group', 'ipv6-internet'] as const;

const calls = ({ harness }: StageDriver, action: string) =>
  harness.cloud.wireLog.filter((entry) => entry.action === action);

it('P-061: asks for dual-stack from the start, in both zones', async () => {
  const driver = await start({ latency: 'none' });
  await driver.provision(tutorial(), { held });
  expect(driver.harness.cloud.alb.loadBalancers.list()).toMatchObject([
    {
      addressIpVersion: 'DualStack',
      addressType: 'Internet',
      edition: 'Standard',
      zones: [{ zoneId: 'cn-shanghai-e' }, { zoneId: 'cn-shanghai-g' }],
    },
  ]);
});

it('P-060: has the service-linked role before it asks for the load balancer', async () => {
  const driver = await start({ latency: 'none' });
  await driver.provision(tutorial(), { held });
  const actions = driver.harness.cloud.wireLog.map(({ action }) => action);
  expect(actions.indexOf('CreateServiceLinkedRole')).toBeGreaterThan(0);
  expect(actions.indexOf('CreateServiceLinkedRole')).toBeLessThan(actions.indexOf('CreateLoadBalancer'));
  expect(calls(driver, 'CreateLoadBalancer').map(({ httpStatus }) => httpStatus)).toEqual([200]);
});

it('P-060: takes a role that is there for done', async () => {
  const driver = await start({ latency: 'none' });
  const first = await driver.provision(tutorial(), { held });
  const second = await driver.provision({ ...tutorial(), name: 'second' }, { held });
  expect([first, second].map(({ stages }) => stages['load-balancer'].apply.state)).toEqual(['done', 'done']);
  expect(calls(driver, 'CreateServiceLinkedRole').map(({ code }) => code)).toEqual(['', 'EntityAlreadyExists.Role']);
});

it('waits while the load balancer is provisioning', async () => {
  const driver = await start();
  await driver.harness.request(tutorial());
  const taken = await driver.runTo('load-balancer');
  await driver.serveOnce(taken);
  const record = await driver.harness.record(taken.message.deploymentId);
  expect(record.stages['load-balancer'].apply).toMatchObject({ state: 'waiting', turn: 1, waits: 1, attempts: 0 });
  expect(recordedResources(record, 'load-balancer')).toHaveLength(1);
});

it('P-062: fails with the reason of the job when the load balancer could not be created', async () => {
  const driver = await start();
  const { cloud } = driver.harness;
  cloud.alb.createFailed.add('dualstack-alb');
  const record = await driver.provision(tutorial());
  expect(record.status).toBe('failed');
  expect(record.failure).toMatchObject({
    stage: 'load-balancer',
    action: 'apply',
    code: 'load-balancer.create-failed',
    message: expect.stringContaining('AllocateEipAddress Failed') as string,
    remedy: expect.stringContaining('EIP quota') as string,
  });
  expect(recordedResources(record, 'load-balancer')).toHaveLength(1);
  expect(cloudResources(cloud)).toEqual(recordedResources(record));
});

it('sets deletion protection when the request says so', async () => {
  const driver = await start({ latency: 'none' });
  await driver.provision({ ...tutorial(), loadBalancer: { deletionProtection: true } }, { held });
  expect(driver.harness.cloud.alb.loadBalancers.list()).toMatchObject([{ deletionProtection: true }]);
});

it('fails when the addresses have run out since the check', async () => {
  const driver = await start({ latency: 'none' });
  const { cloud } = driver.harness;
  const { seeded, spec } = inNetwork(cloud, { freeAddresses: 4 });
  const id = await driver.harness.request({ ...spec, onFailure: 'retain' });
  const taken = await driver.runTo('load-balancer');
  const before = cloudResources(cloud);
  for (const vSwitchId of seeded.vSwitchIds) {
    const vSwitch = cloud.vpc.vSwitch(vSwitchId);
    while (cloud.vpc.availableIpAddressCount(vSwitch) > 2) cloud.vpc.takeAddress(vSwitch, 4, 'somebody');
  }
  await driver.serveOnce(taken);
  const record = await driver.harness.record(id);
  expect(record.failure).toMatchObject({
    stage: 'load-balancer',
    code: 'ResourceNotEnough.VSwitchIp',
    remedy: 'Use a vSwitch with at least 8 free addresses in each zone, or free some.',
  });
  expect(record.stages['load-balancer'].resources).toEqual([]);
  expect(cloudResources(cloud)).toEqual(before);
});

it('P-012: makes another one, with another token, when the first is gone at the next look', async () => {
  const driver = await start();
  const id = await driver.harness.request(tutorial());
  const { alb } = driver.harness.cloud;
  let removed: string | undefined;
  await driver.run({
    held,
    async deliver(taken) {
      await driver.serveOnce(taken);
      const [made] = alb.loadBalancers.list();
      if (removed !== undefined || made === undefined) return;
      removed = made.id;
      made.status = { during: 'Deleting', after: undefined, atMs: 0 };
    },
  });
  const left = alb.loadBalancers.list().map((made) => `LoadBalancer ${made.id}`);
  expect(left).toHaveLength(1);
  expect(recordedResources(await driver.harness.record(id), 'load-balancer')).toEqual(left);
  expect(new Set(calls(driver, 'CreateLoadBalancer').map(({ clientToken }) => clientToken)).size).toBe(2);
});

it('gives up when the load balancer stays Provisioning for longer than it may take', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const { alb } = driver.harness.cloud;
  await driver.run({
    async deliver(taken) {
      await driver.serveOnce(taken);
      for (const made of alb.loadBalancers.list())
        made.status = { during: 'Provisioning', after: 'Provisioning', atMs: 0 };
    },
  });
  const { failure, stages } = await driver.harness.record(id);
  expect(failure).toMatchObject({ stage: 'load-balancer', code: 'load-balancer.timeout' });
  expect(failure?.message).toContain('the load balancer is Provisioning');
  expect(recordedResources(await driver.harness.record(id), 'load-balancer')).toHaveLength(1);
  // Ten minutes in steps of a tenth of what has passed, 10 s at most.
  expect(stages['load-balancer'].apply.waits).toBeLessThan(100);
});
