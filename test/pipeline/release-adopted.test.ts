import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seedNetwork, type SeededNetwork } from '../../local/vpc/seed.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { seedServers } from '../support/adopted.ts';
import { byHand, driftOf, named, writesOf } from '../support/by-hand.ts';
import { cloudResources } from '../support/cloud-resources.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
beforeEach(async () => {
  // As long as a load balancer's cards may trail it in truth.
  harness = await Harness.start({ latency: { ...rareChecks, leftoverMs: 20_000 } });
});
afterEach(() => harness.close());

const zones = ['cn-shanghai-e', 'cn-shanghai-g'];
const own = { name: 'own', family: 'ipv6' as const, page: 'own' };

async function applyAndRelease(spec: SpecInput, meanwhile?: () => Promise<unknown> | void) {
  const from = harness.cloud.wireLog.length;
  const id = await harness.request(spec);
  const ready = await harness.runUntil(id, 'ready');
  await meanwhile?.();
  expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
  const released = await harness.runUntil(id, 'released');
  // The service takes its cards back by itself.
  harness.clock.advance(60_000);
  return { ready, released, writes: writesOf(harness, from) };
}

/** Everything of a VPC as it is, but for what a service keeps in it for itself. */
const stateOf = (vpcId: string): unknown => {
  const { vpc, ecs } = harness.cloud;
  // Looking at the cards gives the addresses of those that are gone back.
  const cards = ecs.networkInterfaces.list();
  const inVpc = (each: { vpcId: string }) => each.vpcId === vpcId;
  return JSON.parse(
    JSON.stringify([
      vpc.vpcs.find(vpcId),
      vpc.vSwitches
        .list()
        .filter(inVpc)
        .map((each) => ({ ...each, addresses: [...each.addresses].sort() })),
      vpc.ipv6Gateways.list().filter(inVpc),
      ecs.instances.list().filter(inVpc),
      ecs.securityGroups.list().filter(inVpc),
      cards.filter(inVpc),
    ]),
  ) as unknown;
};

const ipv6Of = ({ vpcId, vSwitchIds }: SeededNetwork) => {
  const { vpc } = harness.cloud;
  return {
    vpc: vpc.vpcs.find(vpcId)?.ipv6CidrBlock !== '',
    vSwitches: vSwitchIds.map((id) => vpc.vSwitches.find(id)?.ipv6CidrBlock !== ''),
    gateways: vpc.ipv6Gateways.list().filter((gateway) => gateway.vpcId === vpcId).length,
  };
};
const spec = ({ vpcId, vSwitchIds }: SeededNetwork, more: SpecInput = {}): SpecInput => ({
  network: { vpcId, vSwitchIds, enableIpv6: true },
  backends: [own],
  ...more,
});

describe('adopted network and servers', () => {
  it('see no deleting or changing call from the apply to the end of the release', async () => {
    const { vpcId, spec: given } = seedServers(harness.cloud);
    const before = stateOf(vpcId);
    const { ready, released, writes } = await applyAndRelease(given);
    expect(writes.filter(({ service }) => service === 'vpc' || service === 'ecs')).toEqual([]);
    expect(
      named(writes)
        .filter((write) => /Delete|Remove|Disable/.test(write))
        .sort(),
    ).toEqual([
      'alb DeleteListener',
      'alb DeleteLoadBalancer',
      'alb DeleteServerGroup',
      'alb DisableLoadBalancerIpv6Internet',
      'alb RemoveServersFromServerGroup',
      'alidns DeleteDomainRecord',
    ]);
    expect(stateOf(vpcId)).toEqual(before);
    expect(ready.stages.network.resources.map(({ created }) => created)).not.toContain(true);
    expect(released.stages.preflight.outputs['proof']).toMatchObject({ isEmpty: true });
    expect(
      cloudResources(harness.cloud).filter((resource) =>
        /LoadBalancer|ServerGroup|Listener|DomainRecord/.test(resource),
      ),
    ).toEqual([]);
  });

  it('stay as they are beside servers of ours, which go', async () => {
    const { vpcId, instanceIds, spec: given } = seedServers(harness.cloud);
    const before = stateOf(vpcId);
    const { writes } = await applyAndRelease({ ...given, backends: [...(given.backends ?? []), own] });
    expect(named(writes.filter(({ service }) => service === 'vpc'))).toEqual([]);
    expect(named(writes.filter(({ service }) => service === 'ecs'))).toEqual([
      'ecs CreateSecurityGroup',
      'ecs AuthorizeSecurityGroup',
      'ecs RunInstances',
      'ecs DeleteInstances',
      'ecs DeleteSecurityGroup',
    ]);
    const deleted = writes.find(({ action }) => action === 'DeleteInstances');
    expect(instanceIds).not.toContain(deleted?.params['InstanceId.1']);
    expect(stateOf(vpcId)).toEqual(before);
  });

  it('P-039: lose the rules that the request let us add, and no other', async () => {
    const { vpcId, spec: given } = seedServers(harness.cloud);
    const [group] = harness.cloud.ecs.securityGroups.list();
    // Somebody closed the port for IPv6.
    group?.rules.splice(1, 1);
    const before = stateOf(vpcId);
    const { writes } = await applyAndRelease({ ...given, securityGroup: { manageAdopted: true } }, () => {
      expect(group?.rules.filter(({ description }) => description.endsWith('/security-group'))).toHaveLength(3);
    });
    expect(named(writes.filter(({ service }) => service === 'ecs'))).toEqual([
      'ecs AuthorizeSecurityGroup',
      'ecs RevokeSecurityGroup',
    ]);
    expect(stateOf(vpcId)).toEqual(before);
  });
});

describe('rules in a group that two load balancers share', () => {
  const shared = (given: SpecInput, name: string, more: SpecInput = {}): SpecInput => ({
    ...given,
    name,
    dns: { domain: 'example.com', rr: name, icpFiled: true },
    securityGroup: { manageAdopted: true },
    ...more,
  });
  const group = () => harness.cloud.ecs.securityGroups.list().find(({ serviceManaged }) => !serviceManaged);
  /** Names of the load balancers whose mark the rules bear. */
  const owners = async (...ids: string[]): Promise<string[]> => {
    const names = new Map<string, string>();
    for (const id of ids) names.set(id, (await harness.record(id)).spec.name);
    return (group()?.rules ?? []).map(({ description }) => names.get(description.split('/')[1] ?? '') ?? 'theirs');
  };
  const readyFrom = async (spec: SpecInput): Promise<string> => {
    const id = await harness.request(spec);
    await harness.runUntil(id, 'ready');
    return id;
  };
  const remove = async (...ids: string[]): Promise<void> => {
    for (const id of ids) expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
    for (const id of ids) {
      const { stages } = await harness.runUntil(id, 'released');
      expect(stages.preflight.outputs['proof']).toMatchObject({ isEmpty: true });
    }
    harness.clock.advance(60_000);
  };

  let given: SpecInput;
  let before: unknown;
  let vpcId: string;
  beforeEach(() => {
    ({ vpcId, spec: given } = seedServers(harness.cloud));
    // Somebody closed the port for IPv6.
    group()?.rules.splice(1, 1);
    before = stateOf(vpcId);
  });

  it('go over to the other one when the first is released, and go with the last', async () => {
    const first = await readyFrom(shared(given, 'first'));
    const second = await readyFrom(shared(given, 'second'));
    expect((await owners(first, second)).sort()).toEqual(['first', 'first', 'first', 'theirs']);
    const from = harness.cloud.wireLog.length;
    await remove(first);
    expect((await owners(first, second)).sort()).toEqual(['second', 'second', 'second', 'theirs']);
    expect(named(writesOf(harness, from)).filter((write) => write === 'ecs RevokeSecurityGroup')).toEqual([]);
    expect(await driftOf(harness, second)).toMatchObject({ differs: false, undecided: [] });
    await remove(second);
    expect(stateOf(vpcId)).toEqual(before);
  });

  it('are gone when both are released at once', async () => {
    const ids = [await readyFrom(shared(given, 'first')), await readyFrom(shared(given, 'second'))];
    await remove(...ids);
    expect(stateOf(vpcId)).toEqual(before);
  });

  it('serve one that may add none, and stay as long as it does', async () => {
    const first = await readyFrom(shared(given, 'first'));
    const second = await readyFrom(shared(given, 'second', { securityGroup: {} }));
    await remove(first);
    expect((await owners(first, second)).sort()).toEqual(['second', 'second', 'second', 'theirs']);
    expect(await driftOf(harness, second)).toMatchObject({ differs: false, undecided: [] });
    await remove(second);
    expect(stateOf(vpcId)).toEqual(before);
  });

  it('go over where a change of the first needs them no more', async () => {
    const [one] = given.backends ?? [];
    const drained = { ...one, name: 'drained', port: 8080, weight: 0 } as never;
    const more = { backends: [...(given.backends ?? []), drained] };
    const first = await readyFrom(shared(given, 'first', more));
    const second = await readyFrom(shared(given, 'second', more));
    expect((await harness.api('PATCH', `/load-balancers/${first}`, { backends: given.backends })).status).toBe(202);
    await harness.runUntil(first, 'ready');
    const ports = group()?.rules.map(({ portRange }) => portRange) ?? [];
    const bySecond = (await owners(first, second)).flatMap((owner, index) =>
      owner === 'second' ? [ports[index]] : [],
    );
    expect(bySecond).toEqual(Array(4).fill('8080/8080'));
    for (const id of [first, second]) expect(await driftOf(harness, id)).toMatchObject({ differs: false });
    await remove(second, first);
    expect(stateOf(vpcId)).toEqual(before);
  });

  it('are waited for by one that comes while the first gives them up', async () => {
    const first = await readyFrom(shared(given, 'first'));
    // The first has said that it needs none, and its call is not yet answered.
    harness.cloud.faults.add({ kind: 'kill-before', action: 'RevokeSecurityGroup' });
    expect((await harness.api('DELETE', `/load-balancers/${first}`)).status).toBe(202);
    await harness.run(() => harness.cloud.faults.list().some(({ struck }) => struck > 0));
    const second = await harness.request(shared(given, 'second'));
    await harness.runUntil(second, 'ready');
    expect((await harness.record(first)).status).toBe('released');
    expect((await owners(first, second)).sort()).toEqual(['second', 'second', 'second', 'theirs']);
    expect(await driftOf(harness, second)).toMatchObject({ differs: false, undecided: [] });
    await remove(second);
    expect(stateOf(vpcId)).toEqual(before);
  });
});

describe('IPv6 that the request let us turn on', () => {
  it('is turned off again, and the gateway that we added is deleted', async () => {
    const network = seedNetwork(harness.cloud.vpc, { zones, ipv6: false });
    const before = ipv6Of(network);
    const { released } = await applyAndRelease(spec(network), () => {
      expect(ipv6Of(network)).toEqual({ vpc: true, vSwitches: [true, true], gateways: 1 });
    });
    expect(ipv6Of(network)).toEqual(before);
    expect(released.stages.network.outputs['keptIpv6GatewayId']).toBeUndefined();
  });

  it('stays where it was on before', async () => {
    const network = seedNetwork(harness.cloud.vpc, { zones, ipv6: true });
    const second = harness.cloud.vpc.vSwitches.find(network.vSwitchIds[1] ?? '');
    if (second !== undefined) second.ipv6CidrBlock = '';
    const before = ipv6Of(network);
    const { writes } = await applyAndRelease(spec(network));
    expect(ipv6Of(network)).toEqual(before);
    const changed = writes.filter(({ service }) => service === 'vpc');
    expect(named(changed)).toEqual(['vpc ModifyVSwitchAttribute', 'vpc ModifyVSwitchAttribute']);
    expect(changed.map(({ params }) => params['VSwitchId'])).toEqual([second?.id, second?.id]);
  });

  it('stays where others use it now, with the gateway that they need', async () => {
    const network = seedNetwork(harness.cloud.vpc, { zones, ipv6: false });
    const { released, ready } = await applyAndRelease(spec(network), async () => {
      const group = await byHand(harness, 'ecs', 'CreateSecurityGroup', {
        RegionId: 'cn-shanghai',
        VpcId: network.vpcId,
      });
      await byHand(harness, 'ecs', 'RunInstances', {
        RegionId: 'cn-shanghai',
        InstanceName: 'theirs',
        ImageFamily: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
        InstanceType: 'ecs.g6.large',
        VSwitchId: network.vSwitchIds[0] ?? '',
        SecurityGroupId: String(group['SecurityGroupId']),
        Ipv6AddressCount: '1',
        'SystemDisk.Category': 'cloud_essd',
      });
    });
    expect(ipv6Of(network)).toEqual({ vpc: true, vSwitches: [true, false], gateways: 1 });
    expect(released.stages.network.outputs['keptIpv6GatewayId']).toBe(ready.stages.network.outputs['ipv6GatewayId']);
    expect(released.stages.preflight.outputs['proof']).toMatchObject({ isEmpty: true });
    expect(harness.cloud.ecs.instances.list().map(({ name }) => name)).toEqual(['theirs']);
  });

  it('stays while another load balancer of the network uses it', async () => {
    const network = seedNetwork(harness.cloud.vpc, { zones, ipv6: false });
    const first = await harness.request(spec(network, { name: 'first' }));
    await harness.runUntil(first, 'ready');
    const second = await harness.request(
      spec(network, { name: 'second', network: { vpcId: network.vpcId, vSwitchIds: network.vSwitchIds } }),
    );
    await harness.runUntil(second, 'ready');
    await harness.api('DELETE', `/load-balancers/${first}`);
    await harness.runUntil(first, 'released');
    expect(ipv6Of(network)).toEqual({ vpc: true, vSwitches: [true, true], gateways: 1 });
    expect((await harness.api('GET', `/load-balancers/${second}/drift`)).status).toBe(200);
    const drift = (await (await harness.api('GET', `/load-balancers/${second}/drift`)).json()) as object;
    expect(drift).toMatchObject({ differs: false });
    await harness.api('DELETE', `/load-balancers/${second}`);
    await harness.runUntil(second, 'released');
  });
});
