import { expect, it, onTestFinished } from 'vitest';
import type { HarnessOptions } from '../support/harness.ts';
import { seedServers } from '../support/adopted.ts';
import { StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start({ latency: 'none', ...options });
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['load-balancer'] as const;

const entries = ({ harness }: StageDriver) => harness.cloud.alb.serverGroups.list().flatMap(({ servers }) => servers);

it('enters ECS01 by its IPv4 address and ECS02 by its IPv6 address', async () => {
  const driver = await start();
  const { deploymentId, stages } = await driver.provision(tutorial(), { held });
  expect(stages['backend-servers'].apply.state).toBe('done');
  const [first, second] = driver.harness.cloud.ecs.instances.list();
  expect(entries(driver)).toMatchObject([
    { serverId: first?.id, serverIp: first?.privateIpAddress, port: 80, weight: 100 },
    { serverId: second?.id, serverIp: second?.ipv6Addresses[0], port: 80, weight: 100 },
  ]);
  for (const { description } of entries(driver))
    expect(description).toBe(`dualstack-alb/${deploymentId}/backend-servers`);
});

it('gives each its port and weight', async () => {
  const driver = await start();
  const backends = [
    { name: 'ECS01', family: 'ipv4' as const, page: 'one', port: 8080, weight: 10 },
    { name: 'ECS02', family: 'ipv6' as const, page: 'two', port: 80, weight: 0 },
  ];
  await driver.provision({ backends }, { held });
  expect(entries(driver).map(({ port, weight }) => `${port} ${weight}`)).toEqual(['8080 10', '80 0']);
});

it('may enter one adopted server over both families', async () => {
  const driver = await start();
  const { spec, instanceIds } = seedServers(driver.harness.cloud);
  const [, both = ''] = instanceIds;
  const backends = (['ipv4', 'ipv6'] as const).map((family) => ({ name: `srv-${family}`, family, instanceId: both }));
  await driver.provision({ ...spec, backends }, { held });
  expect(entries(driver).map(({ serverId, serverIp }) => `${serverId} ${serverIp.includes(':')}`)).toEqual([
    `${both} false`,
    `${both} true`,
  ]);
});

it('waits while a server is Adding', async () => {
  const driver = await start({ latency: 'short' });
  await driver.harness.request(tutorial());
  const taken = await driver.runTo('backend-servers');
  await driver.serveOnce(taken);
  expect(entries(driver).map((server) => driver.harness.cloud.alb.serverStatus(server))).toEqual(['Adding', 'Adding']);
  const record = await driver.harness.record(taken.message.deploymentId);
  expect(record.stages['backend-servers'].apply.state).toBe('waiting');
  expect(record.stages['backend-servers'].resources.map(({ created }) => created)).toEqual([true, true]);
  await driver.run({ held });
  const after = await driver.harness.record(taken.message.deploymentId);
  expect(after.stages['backend-servers'].apply.state).toBe('done');
  expect(after.stages['backend-servers'].resources).toEqual(record.stages['backend-servers'].resources);
});

it('leaves servers alone that somebody else has entered', async () => {
  const driver = await start();
  const { cloud } = driver.harness;
  const { spec, instanceIds } = seedServers(cloud);
  const [one = '', two = ''] = instanceIds;
  const backends = [{ name: 'ECS02', family: 'ipv6' as const, instanceId: two }];
  await driver.harness.request({ ...spec, backends });
  const taken = await driver.runTo('backend-servers');
  const [group] = cloud.alb.serverGroups.list();
  if (group === undefined) throw new Error('no server group');
  const theirs = {
    serverId: one,
    serverIp: cloud.ecs.instance(one).privateIpAddress,
    serverType: 'Ecs' as const,
    port: 80,
    weight: 7,
    description: 'by hand',
    status: { during: 'Available', after: 'Available', atMs: 0 },
    addedAtMs: 0,
  };
  cloud.alb.addServer(group, theirs);
  await driver.serveOnce(taken);
  await driver.run({ held });
  const { stages } = await driver.harness.record(taken.message.deploymentId);
  expect(stages['backend-servers'].apply.state).toBe('done');
  expect(entries(driver)).toHaveLength(2);
  expect(entries(driver)[0]).toEqual(theirs);
  expect(stages['backend-servers'].resources.map(({ created }) => created)).toEqual([true]);
});

it('puts a weight right that somebody has changed meanwhile', async () => {
  const driver = await start();
  await driver.harness.request(tutorial());
  const taken = await driver.runTo('backend-servers');
  await driver.serveOnce(taken);
  for (const server of entries(driver)) server.weight = 1;
  await driver.run({ held });
  expect(entries(driver).map(({ weight }) => weight)).toEqual([100, 100]);
});

it('fails when the server group is gone', async () => {
  const driver = await start();
  await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('backend-servers');
  const [group] = driver.harness.cloud.alb.serverGroups.list();
  if (group === undefined) throw new Error('no server group');
  group.status = { during: 'Deleting', after: undefined, atMs: 0 };
  await driver.serveOnce(taken);
  expect((await driver.harness.record(taken.message.deploymentId)).failure).toMatchObject({
    stage: 'backend-servers',
    code: 'backend-servers.group-gone',
    message: `server group ${group.id} does not exist any more`,
  });
});
