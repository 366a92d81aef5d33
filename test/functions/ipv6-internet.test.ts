import { expect, it, onTestFinished } from 'vitest';
import type { HarnessOptions } from '../support/harness.ts';
import { StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start(options);
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['security-group', 'server-group'] as const;

const switches = ({ harness }: StageDriver) =>
  harness.cloud.wireLog.filter(({ action }) => action === 'EnableLoadBalancerIpv6Internet');

it('makes the IPv6 side public and hands its addresses on', async () => {
  const driver = await start();
  const { stages } = await driver.provision(tutorial(), { held });
  const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
  expect(loadBalancer?.ipv6AddressType).toBe('Internet');
  expect(stages['ipv6-internet'].outputs).toMatchObject({
    ipv6AddressType: 'Internet',
    zones: loadBalancer?.zones.map(({ zoneId, ipv6Address }) => ({ zoneId, ipv6Address })),
  });
  expect(switches(driver)).toHaveLength(1);
});

it('P-063: does not take Active for the end of the switch', async () => {
  const driver = await start();
  await driver.harness.request(tutorial());
  const taken = await driver.runTo('ipv6-internet');
  const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
  await driver.serveOnce(taken);
  if (loadBalancer === undefined) throw new Error('no load balancer');
  // Active at once, while the switch still takes its time.
  loadBalancer.status = { during: 'Active', after: 'Active', atMs: 0 };
  expect(loadBalancer.ipv6AddressType).toBe('Intranet');
  driver.harness.clock.advance(500);
  await driver.run({ held: [...held, 'ipv6-internet'] });
  const { stages } = await driver.harness.record(taken.message.deploymentId);
  expect(stages['ipv6-internet'].apply.state).toBe('waiting');
  await driver.run({ held: [...held, 'listener'] });
  const after = await driver.harness.record(taken.message.deploymentId);
  expect(after.stages['ipv6-internet'].outputs['ipv6AddressType']).toBe('Internet');
});

it('P-066: waits while the load balancer is being configured by somebody else', async () => {
  const driver = await start();
  await driver.harness.request(tutorial());
  const taken = await driver.runTo('ipv6-internet');
  const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
  if (loadBalancer === undefined) throw new Error('no load balancer');
  driver.harness.cloud.alb.configure(loadBalancer, 3000);
  await driver.serveOnce(taken);
  const { stages } = await driver.harness.record(taken.message.deploymentId);
  expect(stages['ipv6-internet'].apply).toMatchObject({
    state: 'waiting',
    reason: 'the load balancer is Configuring',
    attempts: 0,
  });
  expect(switches(driver)).toEqual([]);
});

it('leaves the IPv6 side of an intranet load balancer private', async () => {
  const driver = await start({ latency: 'none' });
  const { stages } = await driver.provision({ ...tutorial(), loadBalancer: { addressType: 'Intranet' } }, { held });
  expect(stages['ipv6-internet'].apply.state).toBe('done');
  expect(stages['ipv6-internet'].outputs['ipv6AddressType']).toBe('Intranet');
  expect(switches(driver)).toEqual([]);
});

it('fails when the load balancer is gone', async () => {
  const driver = await start({ latency: 'none' });
  await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('ipv6-internet');
  const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
  if (loadBalancer === undefined) throw new Error('no load balancer');
  loadBalancer.status = { during: 'Deleting', after: undefined, atMs: 0 };
  await driver.serveOnce(taken);
  const { failure } = await driver.harness.record(taken.message.deploymentId);
  expect(failure).toMatchObject({
    stage: 'ipv6-internet',
    code: 'ipv6-internet.load-balancer-gone',
    message: `load balancer ${loadBalancer.id} does not exist any more`,
  });
});
