import { describe, expect, it, onTestFinished } from 'vitest';
import type { HarnessOptions } from '../support/harness.ts';
import { inNetwork, seedServers, zones } from '../support/adopted.ts';
import { cloudResources, ofStage, recordedResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';

const after = ['security-group', 'server-group', 'load-balancer'] as const;

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start(options);
  onTestFinished(() => driver.close());
  return driver;
}

/** Accepted changing calls to the VPC service, in order. */
const vpcWrites = ({ harness }: StageDriver): string[] =>
  harness.cloud.wireLog
    .filter(
      ({ service, action, httpStatus }) => service === 'vpc' && !/^(Describe|List)/.test(action) && httpStatus === 200,
    )
    .map(({ action }) => action);

describe('a network of our own', () => {
  it('has IPv6 in the VPC and a distinct /64 in each vSwitch', async () => {
    const driver = await start({ latency: 'none' });
    const { stages } = await driver.provision({}, { held: after });
    const { vpc } = driver.harness.cloud;
    const [made] = vpc.vpcs.list();
    expect(made?.ipv6CidrBlock).toMatch(/::\/56$/);
    const blocks = vpc.vSwitches.list().map(({ ipv6CidrBlock }) => ipv6CidrBlock);
    expect(new Set(blocks).size).toBe(2);
    for (const block of blocks) expect(block).toMatch(/::\/64$/);
    expect(stages.network.outputs['vSwitches']).toMatchObject(
      zones.map((zoneId, index) => ({ zoneId, ipv6CidrBlock: blocks[index] })),
    );
  });

  it('P-027: makes one vSwitch at a time', async () => {
    const driver = await start({ latency: 'realistic' });
    await driver.provision({}, { held: after });
    const creates = driver.harness.cloud.wireLog.filter(({ action }) => action === 'CreateVSwitch');
    expect(creates.map(({ httpStatus }) => httpStatus)).toEqual([200, 200]);
    const [first, second] = creates.map(({ time }) => Date.parse(time));
    // A vSwitch takes 4 s under this latency.
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(4000);
  });

  it('P-026: creates the IPv6 gateway that an API-made VPC lacks', async () => {
    const driver = await start({ latency: 'none' });
    const { stages } = await driver.provision({}, { held: after });
    const [vpc] = driver.harness.cloud.vpc.vpcs.list();
    const gateway = driver.harness.cloud.vpc.gatewayOf(vpc?.id ?? '');
    expect(stages.network.outputs['ipv6GatewayId']).toBe(gateway?.id);
    expect(stages.network.resources).toContainEqual({ type: 'Ipv6Gateway', id: gateway?.id, created: true });
  });

  it('P-012: makes the vSwitch anew, with another token, when the first one is gone before the next look', async () => {
    const driver = await start();
    await driver.harness.request({});
    const { vpc, wireLog } = driver.harness.cloud;
    let removed: string | undefined;
    await driver.run({
      held: after,
      async deliver(taken) {
        await driver.serveOnce(taken);
        const [vSwitch] = vpc.vSwitches.list();
        if (removed !== undefined || vSwitch === undefined) return;
        removed = vSwitch.id;
        vSwitch.status = { during: 'Pending', after: undefined, atMs: 0 };
      },
    });
    expect(
      vpc.vSwitches
        .list()
        .map(({ zoneId }) => zoneId)
        .sort(),
    ).toEqual(zones);
    const tokens = wireLog.filter(({ action }) => action === 'CreateVSwitch').map(({ clientToken }) => clientToken);
    expect(new Set(tokens).size).toBe(3);
  });

  it('P-028: keeps clear of a subnet index that is taken', async () => {
    const driver = await start();
    const id = await driver.harness.request({});
    const { vpc } = driver.harness.cloud;
    let isDisturbed = false;
    await driver.run({
      held: after,
      async deliver(taken) {
        await driver.serveOnce(taken);
        const [made] = vpc.vpcs.list();
        if (isDisturbed || made === undefined) return;
        isDisturbed = true;
        vpc.vSwitches.add({
          id: 'vsw-somebodys',
          createdAtMs: 0,
          status: { during: 'Available', after: 'Available', atMs: 0 },
          tags: [],
          description: '',
          vpcId: made.id,
          zoneId: 'cn-shanghai-f',
          name: 'somebodys',
          cidrBlock: '192.168.9.0/24',
          ipv6CidrBlock: vpc.ipv6Subnet(made, 1),
          addresses: new Map(),
        });
      },
    });
    const blocks = vpc.vSwitches.list().map(({ ipv6CidrBlock }) => ipv6CidrBlock);
    expect(new Set(blocks).size).toBe(3);
    const { failure, stages } = await driver.harness.record(id);
    expect(failure).toBeUndefined();
    expect(stages.network.apply.state).toBe('done');
  });

  it('does not take a gateway for its own that somebody else made', async () => {
    const driver = await start();
    const id = await driver.harness.request({});
    const { vpc } = driver.harness.cloud;
    await driver.run({
      held: after,
      async deliver(taken) {
        await driver.serveOnce(taken);
        const [made] = vpc.vpcs.list();
        if (made === undefined || vpc.gatewayOf(made.id) !== undefined) return;
        vpc.ipv6Gateways.add({
          id: 'ipv6gw-somebodys',
          createdAtMs: 0,
          status: { during: 'Available', after: 'Available', atMs: 0 },
          tags: [],
          description: '',
          vpcId: made.id,
          name: '',
        });
      },
    });
    const { stages } = await driver.harness.record(id);
    expect(stages.network.resources).toContainEqual({ type: 'Ipv6Gateway', id: 'ipv6gw-somebodys', created: false });
  });

  it('fails for good when the quota is used up between the check and the create', async () => {
    const driver = await start({ latency: 'none' });
    driver.harness.cloud.faults.add({
      kind: 'error',
      action: 'CreateVpc',
      functionName: 'dualstack-alb-network',
      code: 'QuotaExceeded.Vpc',
      message: 'The VPC quota is exceeded.',
    });
    const record = await driver.provision({});
    expect(record.status).toBe('failed');
    expect(record.failure).toMatchObject({
      stage: 'network',
      code: 'QuotaExceeded.Vpc',
      remedy: 'Release VPCs that are no longer needed, or ask for a higher quota in Quota Center.',
    });
    expect(cloudResources(driver.harness.cloud)).toEqual([]);
  });
});

describe('a network that exists', () => {
  it('is taken without a single changing call', async () => {
    const driver = await start({ latency: 'none' });
    const { seeded, spec } = inNetwork(driver.harness.cloud);
    const record = await driver.provision(spec, { held: after });
    expect(record.stages.network.apply.state).toBe('done');
    expect(vpcWrites(driver)).toEqual([]);
    expect(record.stages.network.resources).toEqual([
      { type: 'VPC', id: seeded.vpcId, created: false },
      ...seeded.vSwitchIds.map((id) => ({ type: 'VSwitch', id, created: false })),
      { type: 'Ipv6Gateway', id: seeded.ipv6GatewayId, created: false },
    ]);
  });

  it('gets IPv6 where it lacks it and the request says so', async () => {
    const driver = await start();
    const { seeded } = inNetwork(driver.harness.cloud, { ipv6: false });
    const network = { vpcId: seeded.vpcId, vSwitchIds: seeded.vSwitchIds, enableIpv6: true };
    const record = await driver.provision({ network });
    expect(record.failure).toBeUndefined();
    expect(record.status).toBe('ready');
    expect(vpcWrites(driver)).toEqual([
      'ModifyVpcAttribute',
      'ModifyVSwitchAttribute',
      'ModifyVSwitchAttribute',
      'CreateIpv6Gateway',
    ]);
    expect(record.stages.network.outputs['ipv6EnabledOn']).toEqual([seeded.vpcId, ...seeded.vSwitchIds]);
    expect(recordedResources(record, 'network')).toEqual([expect.stringMatching(/^Ipv6Gateway /)]);
    const blocks = driver.harness.cloud.vpc.vSwitches.list().map(({ ipv6CidrBlock }) => ipv6CidrBlock);
    expect(new Set(blocks).size).toBe(2);
  });

  it('fails when it loses its IPv6 after the check', async () => {
    const driver = await start({ latency: 'none' });
    const { seeded, spec } = inNetwork(driver.harness.cloud);
    await driver.harness.request({ ...spec, onFailure: 'retain' });
    const taken = await driver.runTo('network');
    const { vpc } = driver.harness.cloud;
    for (const vSwitch of vpc.vSwitchesOf(seeded.vpcId)) vSwitch.ipv6CidrBlock = '';
    await driver.serveOnce(taken);
    const { failure } = await driver.harness.record(taken.message.deploymentId);
    expect(failure).toMatchObject({
      stage: 'network',
      code: 'network.no-ipv6',
      message: `vSwitch ${seeded.vSwitchIds[0]} has no IPv6`,
      remedy: 'Turn IPv6 on in the vSwitch, or set network.enableIpv6.',
    });
  });

  it('fails when it is gone after the check', async () => {
    const driver = await start({ latency: 'none' });
    const { seeded, spec } = inNetwork(driver.harness.cloud);
    await driver.harness.request({ ...spec, onFailure: 'retain' });
    const taken = await driver.runTo('network');
    driver.harness.cloud.vpc.vpc(seeded.vpcId).status = { during: 'Deleting', after: undefined, atMs: 0 };
    await driver.serveOnce(taken);
    expect((await driver.harness.record(taken.message.deploymentId)).failure).toMatchObject({
      code: 'network.vpc-gone',
    });
  });
});

it('adopted network and adopted servers become ready without a changing call on any of them', async () => {
  const driver = await start();
  const { cloud } = driver.harness;
  const { spec, vpcId, instanceIds } = seedServers(cloud);
  const before = cloudResources(cloud);
  const state = () =>
    JSON.stringify([
      cloud.vpc.vpcs.list(),
      cloud.ecs.instances.list(),
      cloud.ecs.securityGroups.list().filter((group) => !group.serviceManaged),
    ]);
  const stateBefore = state();
  const record = await driver.provision(spec);
  expect(record.failure).toBeUndefined();
  expect(record.status).toBe('ready');
  expect(vpcWrites(driver)).toEqual([]);
  const ecsWrites = cloud.wireLog.filter(
    ({ service, action }) => service === 'ecs' && !/^(Describe|List)/.test(action),
  );
  expect(ecsWrites).toEqual([]);
  expect(state()).toBe(stateBefore);
  const adopted = Object.values(record.stages).flatMap(({ resources }) => resources.filter(({ created }) => !created));
  expect(adopted.map(({ type, id }) => `${type} ${id}`)).toEqual(
    expect.arrayContaining([`VPC ${vpcId}`, ...instanceIds.map((id) => `Instance ${id}`)]),
  );
  expect(cloudResources(cloud).filter((resource) => !before.includes(resource))).toEqual(recordedResources(record));
  expect(ofStage(recordedResources(record), 'network')).toEqual([]);
  expect(ofStage(recordedResources(record), 'instances')).toEqual([]);
});
