import { describe, expect, it, onTestFinished } from 'vitest';
import { answerOf } from '../../local/ecs/guest-site.ts';
import type { HarnessOptions } from '../support/harness.ts';
import { seedServers } from '../support/adopted.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start(options);
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['load-balancer', 'server-group'] as const;

const launches = ({ harness }: StageDriver) => harness.cloud.wireLog.filter(({ action }) => action === 'RunInstances');

describe('servers of our own', () => {
  it('serve the page of the request and name themselves in a header', async () => {
    const driver = await start({ latency: 'none' });
    await driver.provision(tutorial(), { held });
    const { ecs } = driver.harness.cloud;
    const answers = ecs.instances.list().map((instance) => {
      const site = ecs.siteOf(instance);
      return site && answerOf(site, { port: 80, family: 4 }, { host: 'example.com', path: '/' });
    });
    const named = (name: string) => new Map([['X-Backend-Server', name]]);
    expect(answers).toEqual([
      { headers: named('ECS01'), charset: 'utf-8', page: 'Hello World ! this is ipv4 rs.\n' },
      { headers: named('ECS02'), charset: 'utf-8', page: 'Hello World ! this is ipv6 rs.\n' },
    ]);
  });

  it('give their metadata to holders of a token only, and have encrypted disks, where the request says so', async () => {
    const driver = await start({ latency: 'none' });
    const instances = {
      metadata: { httpTokens: 'required' as const },
      systemDiskEncrypted: true,
      systemDiskKmsKeyId: '0e478b7a-4262-4802-b8cb-00d3fb408266',
    };
    await driver.provision({ ...tutorial(), instances }, { held });
    const { ecs } = driver.harness.cloud;
    expect(ecs.instances.list().map(({ metadata }) => metadata?.tokens)).toEqual(['required', 'required']);
    expect(ecs.disks.list().map(({ encryption }) => encryption?.kmsKeyId)).toEqual([
      instances.systemDiskKmsKeyId,
      instances.systemDiskKmsKeyId,
    ]);
  });

  it('are asked for as before where the request says nothing of that', async () => {
    const driver = await start({ latency: 'none' });
    await driver.provision(tutorial(), { held });
    for (const { params } of launches(driver))
      expect(Object.keys(params ?? {}).filter((name) => /^Http|Encrypted|KMS/.test(name))).toEqual([]);
  });

  it('have an IPv6 address only where they are used over IPv6', async () => {
    const driver = await start({ latency: 'none' });
    const { stages } = await driver.provision(tutorial(), { held });
    const made = driver.harness.cloud.ecs.instances.list();
    expect(made.map(({ name, ipv6Addresses }) => `${name} ${ipv6Addresses.length}`)).toEqual(['ECS01 0', 'ECS02 1']);
    expect(stages.instances.outputs['instances']).toMatchObject([
      { name: 'ECS01', address: made[0]?.privateIpAddress },
      { name: 'ECS02', address: made[1]?.ipv6Addresses[0] },
    ]);
  });

  it('lie in the vSwitches in turn, or in the zone that the request names', async () => {
    const driver = await start({ latency: 'none' });
    const backends = [
      { name: 'a1', family: 'ipv4' as const, page: 'a' },
      { name: 'b1', family: 'ipv4' as const, page: 'b' },
      { name: 'c1', family: 'ipv4' as const, page: 'c', zoneId: 'cn-shanghai-g' },
    ];
    await driver.provision({ backends }, { held });
    expect(driver.harness.cloud.ecs.instances.list().map(({ name, zoneId }) => `${name} ${zoneId}`)).toEqual([
      'a1 cn-shanghai-e',
      'b1 cn-shanghai-g',
      'c1 cn-shanghai-g',
    ]);
  });

  it('P-045: have a system disk whose size is sent as a string', async () => {
    const driver = await start({ latency: 'none' });
    await driver.provision({ ...tutorial(), instances: { systemDiskSizeGib: 60 } }, { held });
    expect(launches(driver).map(({ params }) => params['SystemDisk.Size'])).toEqual(['60', '60']);
  });

  it('P-047: fail the stage when one vanishes while it is being created', async () => {
    const driver = await start();
    const { cloud } = driver.harness;
    cloud.ecs.lateOutOfStock.add('cn-shanghai-g/ecs.g6.large');
    const record = await driver.provision(tutorial());
    expect(record.status).toBe('failed');
    expect(record.failure).toMatchObject({
      stage: 'instances',
      action: 'apply',
      code: 'instances.vanished',
      message: expect.stringContaining('(ECS02) was accepted and has vanished') as string,
      remedy: 'Ask again with another instances.instanceType or another zone.',
    });
    expect(cloud.ecs.instances.list().map(({ name }) => name)).toEqual(['ECS01']);
    expect(launches(driver)).toHaveLength(2);
    expect(recordedResources(record)).toEqual(expect.arrayContaining(cloudResources(cloud)));
  });

  it('leave none behind that the record does not name when the stock runs out after the check', async () => {
    const driver = await start({ latency: 'none' });
    const { cloud } = driver.harness;
    const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
    const taken = await driver.runTo('instances');
    cloud.ecs.outOfStock.add('cn-shanghai-g/ecs.g6.large');
    await driver.serveOnce(taken);
    await driver.run();
    const record = await driver.harness.record(id);
    expect(record.failure).toMatchObject({
      stage: 'instances',
      code: 'OperationDenied.NoStock',
      requestId: expect.stringMatching(/^[0-9A-F-]{36}$/) as string,
      remedy: expect.stringMatching(/^Ask for another instance type or another zone/) as string,
    });
    expect(cloud.ecs.instances.list().map(({ name }) => name)).toEqual(['ECS01']);
    expect(cloudResources(cloud)).toEqual(recordedResources(record));
  });

  it('name what they have made in each turn that ends in a throttle', async () => {
    const driver = await start({ latency: 'none' });
    const { cloud } = driver.harness;
    const id = await driver.harness.request(tutorial());
    const taken = await driver.runTo('instances');
    cloud.faults.add({ kind: 'throttle', action: 'RunInstances', skip: 1 });
    await driver.serveOnce(taken);
    const record = await driver.harness.record(id);
    expect(record.stages.instances.apply).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(recordedResources(record, 'instances')).toEqual(
      cloud.ecs.instances.list().map((made) => `Instance ${made.id}`),
    );
  });

  it('P-057: are started again when somebody has stopped them meanwhile', async () => {
    const driver = await start();
    const id = await driver.harness.request(tutorial());
    const { ecs } = driver.harness.cloud;
    let isStopped = false;
    await driver.run({
      held,
      async deliver(taken) {
        await driver.serveOnce(taken);
        const [made] = ecs.instances.list();
        if (isStopped || made === undefined || ecs.instances.statusOf(made) !== 'Running') return;
        const { state } = (await driver.harness.record(id)).stages.instances.apply;
        if (state === 'done') return;
        isStopped = true;
        ecs.stop(made.id);
      },
    });
    const record = await driver.harness.record(id);
    expect(record.stages.instances.apply.state).toBe('done');
    expect(ecs.instances.list().map((made) => ecs.instances.statusOf(made))).toEqual(['Running', 'Running']);
  });
});

describe('adopted servers', () => {
  it('are taken as they are', async () => {
    const driver = await start({ latency: 'none' });
    const { spec, instanceIds } = seedServers(driver.harness.cloud);
    const { stages } = await driver.provision(spec, { held });
    expect(stages.instances.resources).toEqual(instanceIds.map((id) => ({ type: 'Instance', id, created: false })));
    expect(launches(driver)).toEqual([]);
  });

  it('P-048: fail the stage when one is gone since the check', async () => {
    const driver = await start({ latency: 'none' });
    const { cloud } = driver.harness;
    const { spec, instanceIds } = seedServers(cloud);
    const id = await driver.harness.request({ ...spec, onFailure: 'retain' });
    const taken = await driver.runTo('instances');
    cloud.ecs.instance(instanceIds[1] ?? '').status = { during: 'Stopping', after: undefined, atMs: 0 };
    await driver.serveOnce(taken);
    expect((await driver.harness.record(id)).failure).toMatchObject({
      stage: 'instances',
      code: 'instances.not-found',
      message: `instance ${instanceIds[1]} (ECS02) does not exist`,
    });
  });

  it('fail the stage when one has no address of its family', async () => {
    const driver = await start({ latency: 'none' });
    const { cloud } = driver.harness;
    const { spec, instanceIds } = seedServers(cloud);
    const id = await driver.harness.request({ ...spec, onFailure: 'retain' });
    const taken = await driver.runTo('instances');
    cloud.ecs.instance(instanceIds[1] ?? '').ipv6Addresses.length = 0;
    await driver.serveOnce(taken);
    expect((await driver.harness.record(id)).failure).toMatchObject({ code: 'instances.no-address' });
    expect(cloud.wireLog.filter(({ action }) => action === 'AssignIpv6Addresses')).toEqual([]);
  });

  it('are waited for while they start, and never started by us', async () => {
    const driver = await start();
    const { cloud } = driver.harness;
    const { spec, instanceIds } = seedServers(cloud);
    const id = await driver.harness.request({ ...spec, onFailure: 'retain' });
    const taken = await driver.runTo('instances');
    const instance = cloud.ecs.instance(instanceIds[0] ?? '');
    instance.status = { during: 'Starting', after: 'Running', atMs: driver.harness.clock.nowMs() + 5000 };
    await driver.serveOnce(taken);
    expect((await driver.harness.record(id)).stages.instances.apply).toMatchObject({
      state: 'waiting',
      reason: 'ECS01 is Starting',
    });
    await driver.run();
    expect((await driver.harness.record(id)).status).toBe('ready');
    expect(cloud.wireLog.filter(({ action }) => action === 'StartInstance')).toEqual([]);
  });
});
