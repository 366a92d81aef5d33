import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { seedExisting } from '../../local/seed-existing.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { targetOf } from '../../shared/probe/target.ts';
import { byHand, driftOf, idsOf, named, repair, writesOf } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const [e, g, f] = [
  { zoneId: 'cn-shanghai-e', cidrBlock: '192.168.1.0/24', name: 'vSwitch1' },
  { zoneId: 'cn-shanghai-g', cidrBlock: '192.168.2.0/24', name: 'vSwitch2' },
  { zoneId: 'cn-shanghai-f', cidrBlock: '192.168.3.0/24', name: 'vSwitch3' },
];
const ecs01 = { name: 'ECS01', family: 'ipv4' as const, page: 'one' };
const ecs02 = { name: 'ECS02', family: 'ipv6' as const, page: 'two' };
const ecs03 = { name: 'ECS03', family: 'ipv6' as const, page: 'three', zoneId: f.zoneId };

let harness: Harness;
/** Each test begins with it ready, as the one before has left it. */
let id = '';
let record: DeploymentRecord;

beforeAll(async () => {
  harness = await Harness.start({ latency: { ...rareChecks, zoneMs: 20_000, leftoverMs: 20_000 } });
  id = await harness.request({ ...tutorial(), backends: [ecs01, ecs02] });
  await harness.runUntil(id, 'ready');
});
beforeEach(async () => {
  record = await harness.record(id);
  expect(record.status).toBe('ready');
});
afterAll(() => harness.close());

const patch = (body: unknown, of = id) => harness.api('PATCH', `/load-balancers/${of}`, body);
async function change(body: unknown, of = id): Promise<{ from: number; record: DeploymentRecord }> {
  const from = harness.cloud.wireLog.length;
  const response = await patch(body, of);
  expect(response.status, await response.clone().text()).toBe(202);
  return { from, record: await harness.runUntil(of, 'ready') };
}
const loadBalancer = (of = record) => harness.cloud.alb.loadBalancer(idsOf(of)['loadBalancer'] ?? '');
const vSwitches = () => harness.cloud.vpc.vSwitches.list().map(({ name }) => name);
const sources = () =>
  harness.cloud.ecs
    .ownSecurityGroup(idsOf(record)['securityGroup'] ?? '')
    .rules.filter(({ portRange }) => portRange === '80/80')
    .map(({ sourceCidrIp, ipv6SourceCidrIp }) => sourceCidrIp || ipv6SourceCidrIp)
    .sort();
const blocksOf = (...zones: string[]) =>
  harness.cloud.vpc.vSwitches
    .list()
    .filter(({ zoneId }) => zones.includes(zoneId))
    .flatMap(({ cidrBlock, ipv6CidrBlock }) => [cidrBlock, ipv6CidrBlock])
    .sort();

const mappings = (zones: { zoneId: string; vSwitchId: string }[]): Record<string, string> =>
  Object.fromEntries(
    zones.flatMap(({ zoneId, vSwitchId }, index) => [
      [`ZoneMappings.${index + 1}.ZoneId`, zoneId],
      [`ZoneMappings.${index + 1}.VSwitchId`, vSwitchId],
    ]),
  );

describe('zones of a ready load balancer', () => {
  it('get one more: vSwitch, then rules, then the zone of the load balancer', async () => {
    const before = loadBalancer().zones;
    const { from, record: after } = await change({ network: { vSwitches: [e, g, f] } });
    expect(named(writesOf(harness, from))).toEqual([
      'vpc CreateVSwitch',
      'ecs AuthorizeSecurityGroup',
      'alb UpdateLoadBalancerZones',
    ]);
    const { zones } = loadBalancer();
    expect(zones.map(({ zoneId }) => zoneId)).toEqual([e.zoneId, g.zoneId, f.zoneId]);
    expect(zones.slice(0, 2)).toEqual(before);
    expect(sources()).toEqual(blocksOf(e.zoneId, g.zoneId, f.zoneId));
    expect(idsOf(after)).toEqual(idsOf(record));
    // What follows from the zones: names, probes, conditions.
    const addresses = zones.map(({ ipv6Address }) => ipv6Address);
    expect(targetOf(after)?.expected.addresses).toEqual(addresses);
    for (const address of addresses) expect(after.conditions[1]?.message).toContain(address);
    expect(after.conditions.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'HealthyByApi True',
      'AnswersOverIpv6 True',
      'AnswersOverIpv4 True',
      'NameResolves True',
      'ZonesInService True',
    ]);
    expect((await driftOf(harness, id)).differs).toBe(false);
  });

  it('may hold a server of ours in the new one', async () => {
    await change({ backends: [ecs01, ecs02, ecs03] });
    const instance = harness.cloud.ecs.instances.list().find(({ name }) => name === 'ECS03');
    expect(instance?.zoneId).toBe(f.zoneId);
  });

  it('keep one in which a server of ours stands', async () => {
    const from = harness.cloud.wireLog.length;
    // Entries are merged by name: the server's zone stays.
    const response = await patch({ network: { vSwitches: [e, g] }, backends: [ecs01, ecs02, { name: ecs03.name }] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field: 'backends.2.zoneId' }] });
    const refused = await patch({ network: { vSwitches: [f, g] } });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      code: 'field-fixed',
      detail: expect.stringMatching(/zone cn-shanghai-e cannot go: server ECS01 stands in it\. First replace it/),
    });
    expect(writesOf(harness, from)).toEqual([]);
    expect((await harness.record(id)).status).toBe('ready');
  });

  it.each<[string, unknown, number]>([
    ['less than two zones', [e], 400],
    ['another block for a vSwitch that stands', [e, { ...g, cidrBlock: '192.168.9.0/24' }, f], 409],
    ['another name for a vSwitch that stands', [e, { ...g, name: 'other' }, f], 409],
    ['a zone twice', [e, g, g], 400],
  ])('refuse %s', async (_what, given, status) => {
    const from = harness.cloud.wireLog.length;
    const response = await patch({ network: { vSwitches: given } });
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/release/i);
    expect(writesOf(harness, from)).toEqual([]);
  });

  it('lose one with its server: the zone first, then its rules and its vSwitch', async () => {
    const { from, record: after } = await change({ network: { vSwitches: [g, e] }, backends: [ecs01, ecs02] });
    const writes = named(writesOf(harness, from));
    expect([...new Set(writes)].sort()).toEqual([
      'alb RemoveServersFromServerGroup',
      'alb UpdateLoadBalancerZones',
      'ecs DeleteInstances',
      'ecs RevokeSecurityGroup',
      'vpc DeleteVSwitch',
    ]);
    expect(writes.indexOf('alb UpdateLoadBalancerZones')).toBeLessThan(writes.indexOf('ecs RevokeSecurityGroup'));
    expect(writes.indexOf('alb UpdateLoadBalancerZones')).toBeLessThan(writes.indexOf('vpc DeleteVSwitch'));
    expect(vSwitches().sort()).toEqual(['vSwitch1', 'vSwitch2']);
    expect(
      loadBalancer(after)
        .zones.map(({ zoneId }) => zoneId)
        .sort(),
    ).toEqual([e.zoneId, g.zoneId]);
    expect(sources()).toEqual(blocksOf(e.zoneId, g.zoneId));
    expect(targetOf(after)?.expected.addresses).toHaveLength(2);
    expect(after.conditions.every(({ status }) => status === 'True')).toBe(true);
    expect((await driftOf(harness, id)).differs).toBe(false);
    const again = harness.cloud.wireLog.length;
    await repair(harness, id);
    expect(named(writesOf(harness, again))).toEqual([]);
  });

  it('swap one for another in one call', async () => {
    const free = { name: 'ECS04', family: 'ipv6' as const, page: 'four', zoneId: e.zoneId };
    await change({ backends: [ecs01, free] });
    const { from, record: after } = await change({ network: { vSwitches: [e, f] } });
    expect(named(writesOf(harness, from)).filter((call) => call === 'alb UpdateLoadBalancerZones')).toHaveLength(1);
    expect(vSwitches().sort()).toEqual(['vSwitch1', 'vSwitch3']);
    expect(after.conditions.every(({ status }) => status === 'True')).toBe(true);
  });

  it('are what the request says again where somebody has changed those that it writes', async () => {
    const [, second] = loadBalancer().zones;
    const extra = harness.cloud.vpc.vSwitches.list()[0];
    if (second === undefined || extra === undefined) throw new Error('two zones were asked for');
    const { VSwitchId } = await byHand(harness, 'vpc', 'CreateVSwitch', {
      RegionId: 'cn-shanghai',
      VpcId: extra.vpcId,
      ZoneId: g.zoneId,
      CidrBlock: '192.168.40.0/24',
      Ipv6CidrBlock: '40',
    });
    await byHand(harness, 'alb', 'UpdateLoadBalancerZones', {
      LoadBalancerId: loadBalancer().id,
      ...mappings([...loadBalancer().zones, { zoneId: g.zoneId, vSwitchId: String(VSwitchId) }]),
    });
    harness.clock.advance(60_000);
    expect((await driftOf(harness, id)).differences).toMatchObject([
      { stage: 'load-balancer', change: 'update-zones' },
    ]);
    await repair(harness, id);
    expect(loadBalancer().zones.map(({ zoneId }) => zoneId)).toEqual([e.zoneId, f.zoneId]);
    // A vSwitch of others stays.
    expect(harness.cloud.vpc.vSwitches.list().map(({ cidrBlock }) => cidrBlock)).toContain('192.168.40.0/24');
    await byHand(harness, 'vpc', 'DeleteVSwitch', { VSwitchId: String(VSwitchId) }).catch(() => undefined);
    harness.clock.advance(60_000);
    await byHand(harness, 'vpc', 'DeleteVSwitch', { VSwitchId: String(VSwitchId) }).catch(() => undefined);
  });

  it.each(['reset-after', 'kill-after'] as const)('come and go all the same where each call meets %s', async (kind) => {
    const { faults } = harness.cloud;
    const strike = (...actions: string[]) => faults.add(...actions.map((action) => ({ kind, action })));
    strike('CreateVSwitch', 'UpdateLoadBalancerZones', 'AuthorizeSecurityGroup');
    await change({ network: { vSwitches: [e, f, g] } });
    expect(loadBalancer().zones).toHaveLength(3);
    expect(vSwitches().sort()).toEqual(['vSwitch1', 'vSwitch2', 'vSwitch3']);
    expect(sources()).toEqual(blocksOf(e.zoneId, f.zoneId, g.zoneId));
    strike('DeleteVSwitch', 'UpdateLoadBalancerZones', 'RevokeSecurityGroup');
    await change({ network: { vSwitches: [e, f] } });
    expect(vSwitches().sort()).toEqual(['vSwitch1', 'vSwitch3']);
    expect(sources()).toEqual(blocksOf(e.zoneId, f.zoneId));
    faults.clear();
    expect((await driftOf(harness, id)).differs).toBe(false);
  });

  it('leave nothing behind when the load balancer is released', async () => {
    await harness.api('DELETE', `/load-balancers/${id}`);
    await harness.runUntil(id, 'released');
    expect(vSwitches()).toEqual([]);
    id = await harness.request({ ...tutorial(), backends: [ecs01, ecs02] });
    await harness.runUntil(id, 'ready');
  });
});

describe('zones that the request leaves to the default', () => {
  it('are kept where somebody has changed them', async () => {
    expect(record.spec.network).toMatchObject({ vSwitches: [e, g] });
    await harness.runtime('sweep').deployments.update(id, (known) => ({ ...known, explicit: ['name'] }));
    const vpcId = idsOf(record)['vpc'] ?? '';
    const { VSwitchId } = await byHand(harness, 'vpc', 'CreateVSwitch', {
      RegionId: 'cn-shanghai',
      VpcId: vpcId,
      ZoneId: f.zoneId,
      CidrBlock: '192.168.50.0/24',
      Ipv6CidrBlock: '50',
    });
    await byHand(harness, 'alb', 'UpdateLoadBalancerZones', {
      LoadBalancerId: loadBalancer().id,
      ...mappings([...loadBalancer().zones, { zoneId: f.zoneId, vSwitchId: String(VSwitchId) }]),
    });
    // Who adds a zone lets it in.
    const added = harness.cloud.vpc.vSwitches.find(String(VSwitchId));
    await byHand(harness, 'ecs', 'AuthorizeSecurityGroup', {
      RegionId: 'cn-shanghai',
      SecurityGroupId: idsOf(record)['securityGroup'] ?? '',
      'Permissions.1.IpProtocol': 'TCP',
      'Permissions.1.PortRange': '80/80',
      'Permissions.1.SourceCidrIp': added?.cidrBlock ?? '',
      'Permissions.2.IpProtocol': 'TCP',
      'Permissions.2.PortRange': '80/80',
      'Permissions.2.Ipv6SourceCidrIp': added?.ipv6CidrBlock ?? '',
    });
    harness.clock.advance(60_000);
    const { differences } = await driftOf(harness, id);
    expect(differences).toMatchObject([
      { change: 'none', message: expect.stringContaining('cn-shanghai-e, cn-shanghai-g, cn-shanghai-f') },
    ]);
    const from = harness.cloud.wireLog.length;
    const after = await repair(harness, id);
    expect(named(writesOf(harness, from))).toEqual([]);
    expect(after.status).toBe('ready');
    expect(targetOf(after)?.expected.addresses).toHaveLength(3);
  });
});

describe('zones of an adopted network', () => {
  const vpcId = 'vpc-given';
  const vSwitchIds = ['vsw-givene', 'vsw-giveng', 'vsw-givenf'];
  let adopted = '';

  beforeAll(async () => {
    seedExisting(harness.cloud, {
      vpcId,
      vSwitches: [e, g, f].map(({ zoneId }, index) => ({ zoneId, vSwitchId: vSwitchIds[index] ?? '' })),
    });
    adopted = await harness.request({
      ...tutorial(),
      name: 'adopted',
      network: { vpcId, vSwitchIds: vSwitchIds.slice(0, 2) },
      dns: { domain: 'example.com', rr: 'adopted', icpFiled: true },
    });
    await harness.runUntil(adopted, 'ready');
  });

  it('come and go by their vSwitches, which stay', async () => {
    const standing = vSwitches().length;
    const added = await change({ network: { vSwitchIds } }, adopted);
    expect(named(writesOf(harness, added.from))).toEqual(['ecs AuthorizeSecurityGroup', 'alb UpdateLoadBalancerZones']);
    expect(targetOf(added.record)?.expected.addresses).toHaveLength(3);
    const removed = await change({ network: { vSwitchIds: vSwitchIds.slice(0, 2) } }, adopted);
    expect(named(writesOf(harness, removed.from))).toEqual(['alb UpdateLoadBalancerZones', 'ecs RevokeSecurityGroup']);
    expect(targetOf(removed.record)?.expected.addresses).toHaveLength(2);
    expect(vSwitches()).toHaveLength(standing);
    expect((await driftOf(harness, adopted)).differs).toBe(false);
  });

  it('are taken into the request where somebody has changed them', async () => {
    const zones = [e, g, f].map(({ zoneId }, index) => ({ zoneId, vSwitchId: vSwitchIds[index] ?? '' }));
    await byHand(harness, 'alb', 'UpdateLoadBalancerZones', {
      LoadBalancerId: loadBalancer(await harness.record(adopted)).id,
      ...mappings(zones),
    });
    harness.clock.advance(60_000);
    const answer = await harness.api('POST', `/load-balancers/${adopted}/apply`, { adopt: ['network.vSwitchIds'] });
    expect(answer.status, await answer.clone().text()).toBe(202);
    const after = await harness.runUntil(adopted, 'ready');
    expect(after.spec.network).toMatchObject({ vSwitchIds });
    expect(loadBalancer(after).zones).toHaveLength(3);
    expect((await driftOf(harness, adopted)).differs).toBe(false);
  });
});
