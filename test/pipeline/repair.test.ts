import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { lookForDrift } from '../../functions/sweep/look-for-drift.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { StageName } from '../../shared/pipeline.ts';
import {
  allWritesOf,
  byHand,
  driftOf,
  idsOf,
  instanceIdsOf,
  named,
  ourTags,
  outputOf,
  repair,
  writesOf,
} from '../support/by-hand.ts';
import { seedServers } from '../support/adopted.ts';
import { cloudResources } from '../support/cloud-resources.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial, tutorialInFull } from '../support/tutorial.ts';
import { notExactlyOne } from '../chaos/invariants.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
let id = '';
let record: DeploymentRecord;

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
  id = await harness.request({ ...tutorialInFull(), onFailure: 'rollback' });
  await harness.runUntil(id, 'ready');
});
beforeEach(async () => {
  record = await harness.record(id);
  expect(record.status).toBe('ready');
});
afterAll(() => harness.close());

const regionId = 'cn-shanghai';
const ids = () => idsOf(record);
const instanceOf = (name: string) => instanceIdsOf(record)[name] ?? '';
const groupId = () => ids()['securityGroup'] ?? '';
const loadBalancer = () => harness.cloud.alb.loadBalancer(ids()['loadBalancer'] ?? '');
const serverGroup = () => harness.cloud.alb.serverGroup(ids()['serverGroup'] ?? '');
const listener = () => harness.cloud.alb.listener(ids()['listener'] ?? '');
const rules = () => harness.cloud.ecs.ownSecurityGroup(groupId()).rules;
const cname = () => [...harness.cloud.dns.records.values()].filter(({ type }) => type === 'CNAME');
const entryOf = (name: string) => serverGroup().servers.find(({ serverId }) => serverId === instanceOf(name));
const alb = (action: string, params: Record<string, string>) => byHand(harness, 'alb', action, params);
const ecs = (action: string, params: Record<string, string>) =>
  byHand(harness, 'ecs', action, { RegionId: regionId, ...params });
const alidns = (action: string, params: Record<string, string>) => byHand(harness, 'alidns', action, params);
const untag = (service: 'alb' | 'vpc', type: string, resourceId: string) =>
  byHand(harness, service, 'UnTagResources', {
    ...(service === 'vpc' ? { RegionId: regionId } : {}),
    ResourceType: type,
    'ResourceId.1': resourceId,
    All: 'true',
  });
interface Case {
  what: string;
  /** The stage that tells and mends it, and what it would do. */
  stage: StageName;
  change: RegExp;
  spoil: () => Promise<unknown>;
  /** What our functions must have written, in any order. */
  writes: string[];
  mended: () => unknown;
  expected: unknown;
}

/** Ids that may be others after the repair; all others stay. */
const cases: (Case & { renews?: string[] })[] = [
  {
    what: 'a listener that was deleted',
    stage: 'listener',
    change: /^create listener-main$/,
    spoil: () => alb('DeleteListener', { ListenerId: listener().id }),
    writes: ['alb CreateListener'],
    mended: () => `${listener().protocol} ${listener().port} ${listener().serverGroupId === serverGroup().id}`,
    expected: 'HTTP 80 true',
    renews: ['listener'],
  },
  {
    what: 'a default action that leads elsewhere',
    stage: 'listener',
    change: /^update-main$/,
    spoil: async () => {
      const { ServerGroupId: other } = await alb('CreateServerGroup', {
        ServerGroupName: 'elsewhere',
        VpcId: ids()['vpc'] ?? '',
        'HealthCheckConfig.HealthCheckEnabled': 'false',
      });
      await alb('UpdateListenerAttribute', {
        ListenerId: listener().id,
        'DefaultActions.1.Type': 'ForwardGroup',
        'DefaultActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': String(other),
      });
    },
    writes: ['alb UpdateListenerAttribute'],
    mended: async () => {
      const [other] = harness.cloud.alb.serverGroups.list().filter(({ name }) => name === 'elsewhere');
      await alb('DeleteServerGroup', { ServerGroupId: other?.id ?? '' });
      return listener().serverGroupId === serverGroup().id;
    },
    expected: true,
  },
  {
    what: 'time limits of the listener that were changed',
    stage: 'listener',
    change: /^update-main$/,
    spoil: () => alb('UpdateListenerAttribute', { ListenerId: listener().id, RequestTimeout: '7', IdleTimeout: '8' }),
    writes: ['alb UpdateListenerAttribute'],
    mended: () => [listener().requestTimeoutSeconds, listener().idleTimeoutSeconds],
    expected: [60, 15],
  },
  {
    what: 'a listener that was stopped',
    stage: 'listener',
    change: /^start-main$/,
    spoil: () => alb('StopListener', { ListenerId: listener().id }),
    writes: ['alb StartListener'],
    mended: () => harness.cloud.alb.listeners.statusOf(listener()),
    expected: 'Running',
  },
  {
    what: 'a server that was taken out of the server group',
    stage: 'backend-servers',
    change: /^add$/,
    spoil: () =>
      alb('RemoveServersFromServerGroup', {
        ServerGroupId: serverGroup().id,
        'Servers.1.ServerType': 'Ecs',
        'Servers.1.ServerId': instanceOf('ECS02'),
        'Servers.1.ServerIp': entryOf('ECS02')?.serverIp ?? '',
        'Servers.1.Port': '80',
      }),
    writes: ['alb AddServersToServerGroup'],
    mended: () => [serverGroup().servers.length, entryOf('ECS02')?.description.endsWith('/backend-servers')],
    expected: [2, true],
  },
  {
    what: 'the weight of a server',
    stage: 'backend-servers',
    change: /^reweigh$/,
    spoil: () =>
      alb('UpdateServerGroupServersAttribute', {
        ServerGroupId: serverGroup().id,
        'Servers.1.ServerType': 'Ecs',
        'Servers.1.ServerId': instanceOf('ECS01'),
        'Servers.1.ServerIp': entryOf('ECS01')?.serverIp ?? '',
        'Servers.1.Port': '80',
        'Servers.1.Weight': '3',
      }),
    writes: ['alb UpdateServerGroupServersAttribute'],
    mended: () => serverGroup().servers.map(({ weight }) => weight),
    expected: [100, 100],
  },
  {
    what: 'P-072: the mark of a server in the server group',
    stage: 'backend-servers',
    change: /^restore-marks$/,
    spoil: () =>
      alb('UpdateServerGroupServersAttribute', {
        ServerGroupId: serverGroup().id,
        'Servers.1.ServerType': 'Ecs',
        'Servers.1.ServerId': instanceOf('ECS01'),
        'Servers.1.ServerIp': entryOf('ECS01')?.serverIp ?? '',
        'Servers.1.Port': '80',
        'Servers.1.Weight': '100',
        'Servers.1.Description': 'theirs',
      }),
    writes: ['alb UpdateServerGroupServersAttribute'],
    mended: () => serverGroup().servers.map(({ description }) => description),
    expected: ['dualstack-alb/ID/backend-servers', 'dualstack-alb/ID/backend-servers'],
  },
  {
    what: 'a security-group rule that was revoked',
    stage: 'security-group',
    change: /^authorize$/,
    spoil: () =>
      ecs('RevokeSecurityGroup', { SecurityGroupId: groupId(), 'SecurityGroupRuleId.1': rules()[0]?.id ?? '' }),
    writes: ['ecs AuthorizeSecurityGroup'],
    mended: () => rules().filter(({ portRange }) => portRange === '80/80').length,
    expected: 4,
  },
  {
    what: 'P-043: a security-group rule that was changed',
    stage: 'security-group',
    change: /^authorize$/,
    spoil: () =>
      ecs('ModifySecurityGroupRule', {
        SecurityGroupId: groupId(),
        SecurityGroupRuleId: rules().find(({ sourceCidrIp }) => sourceCidrIp !== '')?.id ?? '',
        PortRange: '1/65535',
        SourceCidrIp: '0.0.0.0/0',
      }),
    writes: ['ecs AuthorizeSecurityGroup', 'ecs RevokeSecurityGroup'],
    mended: () => [...new Set(rules().map(({ portRange }) => portRange))].sort(),
    expected: ['-1/-1', '80/80'],
  },
  {
    what: 'P-045: the priority of a security-group rule',
    stage: 'security-group',
    change: /^restore-priority$/,
    spoil: () =>
      ecs('ModifySecurityGroupRule', {
        SecurityGroupId: groupId(),
        SecurityGroupRuleId: rules().find(({ ipProtocol }) => ipProtocol === 'ICMPv6')?.id ?? '',
        Priority: '100',
      }),
    writes: ['ecs ModifySecurityGroupRule'],
    mended: () => rules().map(({ priority }) => priority),
    expected: [1, 1, 1, 1, 1],
  },
  {
    what: 'the CNAME that was deleted',
    stage: 'dns',
    change: /^create record$/,
    spoil: () => alidns('DeleteDomainRecord', { RecordId: ids()['record'] ?? '' }),
    writes: ['alidns AddDomainRecord', 'alidns UpdateDomainRecordRemark'],
    mended: () => cname().map(({ value, ttl }) => `${value === loadBalancer().dnsName} ${ttl}`),
    expected: ['true 600'],
    renews: ['record'],
  },
  {
    what: 'our own record that was led elsewhere',
    stage: 'dns',
    change: /^replace$/,
    spoil: () =>
      alidns('UpdateDomainRecord', {
        RecordId: ids()['record'] ?? '',
        RR: '@',
        Type: 'CNAME',
        Value: 'elsewhere.example.net',
        TTL: '900',
      }),
    writes: ['alidns UpdateDomainRecord'],
    mended: () => cname().map(({ value, ttl }) => `${value === loadBalancer().dnsName} ${ttl}`),
    expected: ['true 600'],
  },
  {
    what: 'the TTL of the CNAME',
    stage: 'dns',
    change: /^ttl$/,
    spoil: () =>
      alidns('UpdateDomainRecord', {
        RecordId: ids()['record'] ?? '',
        RR: '@',
        Type: 'CNAME',
        Value: loadBalancer().dnsName,
        TTL: '86400',
      }),
    writes: ['alidns UpdateDomainRecord'],
    mended: () => cname().map(({ ttl }) => ttl),
    expected: [600],
  },
  {
    what: 'the CNAME that was disabled',
    stage: 'dns',
    change: /^enable$/,
    spoil: () => alidns('SetDomainRecordStatus', { RecordId: ids()['record'] ?? '', Status: 'Disable' }),
    writes: ['alidns SetDomainRecordStatus'],
    mended: () => cname().map(({ status }) => status),
    expected: ['ENABLE'],
  },
  {
    what: 'P-016: the tags of the load balancer',
    stage: 'load-balancer',
    change: /^restore-tags$/,
    spoil: () => untag('alb', 'loadbalancer', loadBalancer().id),
    writes: ['alb TagResources'],
    mended: () => ourTags(loadBalancer().tags),
    expected: ['deployment=ID', 'stage=load-balancer'],
  },
  {
    what: 'P-083: the tags and the description of the listener',
    stage: 'listener',
    change: /^restore-tags$/,
    spoil: async () => {
      await untag('alb', 'listener', listener().id);
      await alb('UpdateListenerAttribute', { ListenerId: listener().id, ListenerDescription: 'by-hand' });
    },
    writes: ['alb TagResources'],
    mended: () => ourTags(listener().tags),
    expected: ['deployment=ID', 'part=main', 'stage=listener'],
  },
  {
    what: 'P-016: the tags of an instance',
    stage: 'instances',
    change: /^restore-tags$/,
    spoil: () => ecs('UntagResources', { ResourceType: 'instance', 'ResourceId.1': instanceOf('ECS01'), All: 'true' }),
    writes: ['ecs TagResources'],
    mended: () => ourTags(harness.cloud.ecs.instance(instanceOf('ECS01')).tags),
    expected: ['deployment=ID', 'part=ECS01', 'stage=instances'],
  },
  {
    what: 'P-023: the tags of everything else',
    stage: 'network',
    change: /^restore-tags$/,
    spoil: async () => {
      const { vpcs, vSwitches, ipv6Gateways } = harness.cloud.vpc;
      await untag('vpc', 'VPC', vpcs.list()[0]?.id ?? '');
      await untag('vpc', 'VSWITCH', vSwitches.list()[1]?.id ?? '');
      await untag('vpc', 'IPV6GATEWAY', ipv6Gateways.list()[0]?.id ?? '');
      await untag('alb', 'servergroup', serverGroup().id);
      await ecs('UntagResources', { ResourceType: 'securitygroup', 'ResourceId.1': groupId(), All: 'true' });
    },
    writes: ['vpc TagResources', 'vpc TagResources', 'vpc TagResources', 'alb TagResources', 'ecs TagResources'],
    mended: () => {
      const { vpcs, vSwitches, ipv6Gateways } = harness.cloud.vpc;
      const group = harness.cloud.ecs.ownSecurityGroup(groupId());
      return [...vpcs.list(), ...vSwitches.list(), ...ipv6Gateways.list(), serverGroup(), group].map(({ tags }) =>
        ourTags(tags).join(' '),
      );
    },
    expected: [
      'deployment=ID stage=network',
      'deployment=ID part=cn-shanghai-e stage=network',
      'deployment=ID part=cn-shanghai-g stage=network',
      'deployment=ID stage=network',
      'deployment=ID stage=server-group',
      'deployment=ID stage=security-group',
    ],
  },
  {
    what: 'one tag that names another deployment now',
    stage: 'load-balancer',
    change: /^restore-tags$/,
    spoil: () =>
      alb('TagResources', {
        ResourceType: 'loadbalancer',
        'ResourceId.1': loadBalancer().id,
        'Tag.1.Key': 'dualstack-alb-stage',
        'Tag.1.Value': 'something',
      }),
    writes: ['alb TagResources'],
    mended: () => ourTags(loadBalancer().tags),
    expected: ['deployment=ID', 'stage=load-balancer'],
  },
  {
    what: 'P-057: an instance that was stopped',
    stage: 'instances',
    change: /^start-ECS01$/,
    spoil: () => ecs('StopInstance', { InstanceId: instanceOf('ECS01'), StoppedMode: 'KeepCharging' }),
    writes: ['ecs StartInstance'],
    mended: () => harness.cloud.ecs.instances.list().map((each) => harness.cloud.ecs.instances.statusOf(each)),
    expected: ['Running', 'Running'],
  },
  {
    what: 'P-072: an instance that was deleted',
    stage: 'instances',
    change: /^create instance-ECS02$/,
    spoil: () => ecs('DeleteInstance', { InstanceId: instanceOf('ECS02'), Force: 'true' }),
    writes: ['ecs RunInstances', 'alb AddServersToServerGroup', 'alb RemoveServersFromServerGroup'],
    mended: () => [
      serverGroup().servers.length,
      entryOf('ECS02') !== undefined,
      harness.cloud.ecs.instances.list().map(({ name }) => name),
    ],
    expected: [2, true, ['ECS01', 'ECS02']],
  },
  {
    what: 'P-053: an instance whose IPv6 address was taken away',
    stage: 'instances',
    change: /^assign-ipv6-ECS02$/,
    spoil: async () => {
      const { networkInterfaceId, ipv6Addresses } = harness.cloud.ecs.instance(instanceOf('ECS02'));
      await ecs('UnassignIpv6Addresses', {
        NetworkInterfaceId: networkInterfaceId,
        'Ipv6Address.1': ipv6Addresses[0] ?? '',
      });
    },
    writes: ['ecs AssignIpv6Addresses', 'alb AddServersToServerGroup', 'alb RemoveServersFromServerGroup'],
    mended: () => {
      const { ipv6Addresses } = harness.cloud.ecs.instance(instanceOf('ECS02'));
      return [ipv6Addresses.length, serverGroup().servers.length, entryOf('ECS02')?.serverIp === ipv6Addresses[0]];
    },
    expected: [1, 2, true],
  },
  {
    what: 'the IPv6 gateway that was deleted',
    stage: 'network',
    change: /^create ipv6-gateway$/,
    spoil: async () => {
      // Nothing but a load balancer without public IPv6 lets it go.
      await alb('DisableLoadBalancerIpv6Internet', { LoadBalancerId: loadBalancer().id });
      await byHand(harness, 'vpc', 'DeleteIpv6Gateway', {
        RegionId: regionId,
        Ipv6GatewayId: outputOf(record, 'network', 'ipv6GatewayId'),
      });
    },
    writes: ['vpc CreateIpv6Gateway', 'alb EnableLoadBalancerIpv6Internet'],
    mended: () => {
      const { ipv6Gateways } = harness.cloud.vpc;
      return [
        ipv6Gateways.list().map(({ id }) => id === outputOf(record, 'network', 'ipv6GatewayId')),
        loadBalancer().ipv6AddressType,
      ];
    },
    expected: [[true], 'Internet'],
  },
  {
    what: 'a vSwitch that was deleted with all that stood in it',
    stage: 'network',
    change: /^create v-switch-cn-shanghai-g$/,
    spoil: async () => {
      await alb('DeleteListener', { ListenerId: listener().id });
      await alb('DeleteLoadBalancer', { LoadBalancerId: loadBalancer().id });
      await ecs('DeleteInstance', { InstanceId: instanceOf('ECS02'), Force: 'true' });
      harness.clock.advance(60_000);
      await byHand(harness, 'vpc', 'DeleteVSwitch', { VSwitchId: harness.cloud.vpc.vSwitches.list()[1]?.id ?? '' });
    },
    writes: [
      'vpc CreateVSwitch',
      'alb CreateLoadBalancer',
      'ecs RunInstances',
      'alb EnableLoadBalancerIpv6Internet',
      'alb AddServersToServerGroup',
      'alb RemoveServersFromServerGroup',
      'alb CreateListener',
      'alidns UpdateDomainRecord',
    ],
    mended: () => {
      const vSwitches = harness.cloud.vpc.vSwitches.list();
      return [
        vSwitches.map(({ zoneId }) => zoneId),
        loadBalancer().zones.map(({ vSwitchId }) => vSwitches.some(({ id }) => id === vSwitchId)),
        entryOf('ECS02') !== undefined,
      ];
    },
    expected: [['cn-shanghai-e', 'cn-shanghai-g'], [true, true], true],
    renews: ['loadBalancer', 'listener'],
  },
  {
    what: 'the health check of the server group',
    stage: 'server-group',
    change: /^update$/,
    spoil: () =>
      alb('UpdateServerGroupAttribute', {
        ServerGroupId: serverGroup().id,
        'HealthCheckConfig.HealthCheckEnabled': 'true',
        'HealthCheckConfig.HealthCheckPath': '/elsewhere',
        'HealthCheckConfig.HealthCheckInterval': '9',
      }),
    writes: ['alb UpdateServerGroupAttribute'],
    mended: () => [serverGroup().healthCheck.path, serverGroup().healthCheck.intervalSeconds],
    expected: ['/', 2],
  },
  {
    what: 'P-063: an IPv6 side that was made private again',
    stage: 'ipv6-internet',
    change: /^enable$/,
    spoil: () => alb('DisableLoadBalancerIpv6Internet', { LoadBalancerId: loadBalancer().id }),
    writes: ['alb EnableLoadBalancerIpv6Internet'],
    mended: () => loadBalancer().ipv6AddressType,
    expected: 'Internet',
  },
  {
    what: 'an edition below the one asked for',
    stage: 'load-balancer',
    change: /^upgrade$/,
    spoil: () => {
      loadBalancer().edition = 'Basic';
      return Promise.resolve();
    },
    writes: ['alb UpdateLoadBalancerEdition'],
    mended: () => loadBalancer().edition,
    expected: 'Standard',
  },
  {
    what: 'the address type and the name of the load balancer',
    stage: 'load-balancer',
    change: /^(address-type|rename)$/,
    spoil: async () => {
      await alb('UpdateLoadBalancerAddressTypeConfig', { LoadBalancerId: loadBalancer().id, AddressType: 'Intranet' });
      harness.clock.advance(60_000);
      await alb('UpdateLoadBalancerAttribute', { LoadBalancerId: loadBalancer().id, LoadBalancerName: 'by-hand' });
      harness.clock.advance(60_000);
    },
    writes: ['alb UpdateLoadBalancerAddressTypeConfig', 'alb UpdateLoadBalancerAttribute'],
    mended: () => [loadBalancer().addressType, loadBalancer().ipv6AddressType, loadBalancer().name],
    expected: ['Internet', 'Internet', 'dualstack-alb'],
  },
  {
    what: 'deletion protection that nobody asked for',
    stage: 'load-balancer',
    change: /^deletion-protection$/,
    spoil: () => alb('EnableDeletionProtection', { ResourceId: loadBalancer().id }),
    writes: ['alb DisableDeletionProtection'],
    mended: () => loadBalancer().deletionProtection,
    expected: false,
  },
  {
    what: 'a load balancer that was deleted',
    stage: 'load-balancer',
    // A role that is there raises no error; the drift stops before it.
    change: /^service-linked-role$/,
    spoil: async () => {
      const { id: loadBalancerId } = loadBalancer();
      await alb('DeleteListener', { ListenerId: listener().id });
      await alb('DeleteLoadBalancer', { LoadBalancerId: loadBalancerId });
    },
    writes: [
      'alb CreateLoadBalancer',
      'alb EnableLoadBalancerIpv6Internet',
      'alb CreateListener',
      'alidns UpdateDomainRecord',
    ],
    mended: () => [
      harness.cloud.alb.loadBalancers.list().length,
      loadBalancer().ipv6AddressType,
      cname().map(({ value }) => value === loadBalancer().dnsName),
    ],
    expected: [1, 'Internet', [true]],
    renews: ['loadBalancer', 'listener'],
  },
  {
    what: 'a listener, its server group and a rule that are gone at once',
    stage: 'server-group',
    change: /^create group$/,
    spoil: async () => {
      const serverGroupId = serverGroup().id;
      await alb('DeleteListener', { ListenerId: listener().id });
      await alb('DeleteServerGroup', { ServerGroupId: serverGroupId });
      await ecs('RevokeSecurityGroup', { SecurityGroupId: groupId(), 'SecurityGroupRuleId.1': rules()[1]?.id ?? '' });
    },
    writes: [
      'ecs AuthorizeSecurityGroup',
      'alb CreateServerGroup',
      'alb AddServersToServerGroup',
      'alb CreateListener',
    ],
    mended: () => [serverGroup().servers.length, listener().serverGroupId === serverGroup().id, rules().length],
    expected: [2, true, 5],
    renews: ['serverGroup', 'listener'],
  },
];

const withoutId = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(id, 'ID')) as unknown;
const isRole = (write: string) => write === 'resourcemanager CreateServiceLinkedRole';

describe('a repair puts right', () => {
  it.each(cases)('$what', async ({ stage, change, spoil, writes, mended, expected, renews = [] }) => {
    await spoil();
    const spoilt = cloudResources(harness.cloud);
    const beforeLook = harness.cloud.wireLog.length;
    const drift = await driftOf(harness, id);
    expect(drift.differs).toBe(true);
    expect(drift.differences.find((difference) => difference.stage === stage)?.change).toMatch(change);
    expect(allWritesOf(harness, beforeLook)).toEqual([]);
    expect(cloudResources(harness.cloud)).toEqual(spoilt);

    const from = harness.cloud.wireLog.length;
    const before = idsOf(record);
    record = await repair(harness, id);
    expect(record.failure).toBeUndefined();
    expect(record.status).toBe('ready');
    expect(
      named(writesOf(harness, from))
        .filter((write) => !isRole(write))
        .sort(),
    ).toEqual([...writes].sort());
    expect(withoutId(await mended())).toEqual(expected);
    const after = idsOf(record);
    const changed = Object.keys(after).filter((key) => after[key] !== before[key]);
    expect(changed).toEqual(renews);
    expect(notExactlyOne(harness.cloud, record)).toEqual([]);
    expect(await driftOf(harness, id)).toEqual({ id, differs: false, differences: [], kept: [], undecided: [] });
  });
});

describe('the drift of a stage', () => {
  const told = async (...stages: StageName[]) =>
    (await driftOf(harness, id)).differences
      .filter(({ stage }) => stages.includes(stage))
      .map(({ stage, change }) => `${stage} ${change}`);

  it('tells all that one look can see: servers, rules, tags, instances', async () => {
    const key = (name: string) => ({
      ServerGroupId: serverGroup().id,
      'Servers.1.ServerType': 'Ecs',
      'Servers.1.ServerId': instanceOf(name),
      'Servers.1.ServerIp': entryOf(name)?.serverIp ?? '',
      'Servers.1.Port': '80',
    });
    await alb('RemoveServersFromServerGroup', key('ECS02'));
    await alb('UpdateServerGroupServersAttribute', { ...key('ECS01'), 'Servers.1.Weight': '3' });
    const [first, second] = rules();
    await ecs('RevokeSecurityGroup', { SecurityGroupId: groupId(), 'SecurityGroupRuleId.1': second?.id ?? '' });
    await ecs('ModifySecurityGroupRule', {
      SecurityGroupId: groupId(),
      SecurityGroupRuleId: first?.id ?? '',
      PortRange: '1/65535',
    });
    const { vpcs, vSwitches, ipv6Gateways } = harness.cloud.vpc;
    await untag('vpc', 'VPC', vpcs.list()[0]?.id ?? '');
    for (const each of vSwitches.list()) await untag('vpc', 'VSWITCH', each.id);
    await untag('vpc', 'IPV6GATEWAY', ipv6Gateways.list()[0]?.id ?? '');
    await ecs('StopInstance', { InstanceId: instanceOf('ECS01'), StoppedMode: 'KeepCharging' });
    await ecs('UntagResources', { ResourceType: 'instance', 'ResourceId.1': instanceOf('ECS02'), All: 'true' });

    expect(await told('backend-servers')).toEqual([
      'backend-servers add',
      'backend-servers reweigh',
      'backend-servers revoke',
    ]);
    const [authorize] = (await driftOf(harness, id)).differences.filter(({ stage }) => stage === 'security-group');
    expect(authorize?.message).toContain(second?.ipv6SourceCidrIp);
    expect(authorize?.message).toContain(first?.sourceCidrIp);
    expect(await told('network')).toEqual(vSwitches.list().length === 2 ? Array(4).fill('network restore-tags') : []);
    expect(await told('instances')).toEqual(['instances start-ECS01', 'instances restore-tags']);
    record = await repair(harness, id);
    expect(await driftOf(harness, id)).toMatchObject({ differs: false, undecided: [] });
    expect(notExactlyOne(harness.cloud, record)).toEqual([]);
  });

  it('is undecided while something is on its way', async () => {
    listener().status = { during: 'Configuring', after: 'Running', atMs: harness.clock.nowMs() + 60_000 };
    expect(await driftOf(harness, id)).toEqual({
      id,
      differs: false,
      differences: [],
      kept: [],
      undecided: [{ stage: 'listener', reason: 'the listener on port 80 is Configuring' }],
    });
    harness.clock.advance(60_000);
    expect(await driftOf(harness, id)).toMatchObject({ differs: false, undecided: [] });
  });

  it('ends no alert while it is undecided', async () => {
    const told = () =>
      harness.cloud.tablestore
        .rows('dualstack_alb_events')
        .flatMap(({ kind, text }) => (kind === 'alert' ? (/^\w+ drift/.exec(String(text))?.[0] ?? []) : []));
    const look = () => lookForDrift(harness.runtime('sweep'), record);
    await alb('UpdateListenerAttribute', { ListenerId: listener().id, RequestTimeout: '7' });
    await look();
    listener().requestTimeoutSeconds = 60;
    listener().status = { during: 'Configuring', after: 'Running', atMs: harness.clock.nowMs() + 60_000 };
    await look();
    expect(told()).toEqual(['fired drift']);
    harness.clock.advance(60_000);
    await look();
    expect(told().sort()).toEqual(['fired drift', 'resolved drift']);
  });
});

describe('a repair leaves alone', () => {
  it('rules that others have added to the security group', async () => {
    await ecs('AuthorizeSecurityGroup', {
      SecurityGroupId: groupId(),
      'Permissions.1.IpProtocol': 'TCP',
      'Permissions.1.PortRange': '22/22',
      'Permissions.1.SourceCidrIp': '203.0.113.0/24',
      'Permissions.1.Policy': 'accept',
      'Permissions.1.Description': 'ours of the bastion',
    });
    await ecs('RevokeSecurityGroup', { SecurityGroupId: groupId(), 'SecurityGroupRuleId.1': rules()[0]?.id ?? '' });
    record = await repair(harness, id);
    expect(record.status).toBe('ready');
    const theirs = rules().filter(({ portRange }) => portRange === '22/22');
    expect(theirs.map(({ description }) => description)).toEqual(['ours of the bastion']);
    await ecs('RevokeSecurityGroup', { SecurityGroupId: groupId(), 'SecurityGroupRuleId.1': theirs[0]?.id ?? '' });
    expect((await driftOf(harness, id)).differs).toBe(false);
  });

  it('tags that others have added', async () => {
    await alb('TagResources', {
      ResourceType: 'loadbalancer',
      'ResourceId.1': loadBalancer().id,
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'web',
    });
    const from = harness.cloud.wireLog.length;
    record = await repair(harness, id);
    expect(named(writesOf(harness, from))).toEqual([]);
    expect(loadBalancer().tags).toContainEqual({ key: 'team', value: 'web' });
  });
});

/** Repairs that must fail, what they say, and how somebody clears the way. */
const refusals: {
  what: string;
  spoil: () => Promise<unknown> | void;
  clear: () => Promise<unknown> | void;
  stage: StageName;
  told: { change: string; message: RegExp; remedy: RegExp };
  failure: { stage: StageName; code: string };
}[] = [
  {
    what: 'P-086: a CNAME of others at our name is not hijacked',
    spoil: async () => {
      await alidns('DeleteDomainRecord', { RecordId: ids()['record'] ?? '' });
      await alidns('AddDomainRecord', {
        DomainName: 'example.com',
        RR: '@',
        Type: 'CNAME',
        Value: 'theirs.example.net',
      });
    },
    clear: () => alidns('DeleteDomainRecord', { RecordId: cname()[0]?.id ?? '' }),
    stage: 'dns',
    told: { change: 'none', message: /CNAME to theirs\.example\.net, which is not ours/, remedy: /replaceExisting/ },
    failure: { stage: 'preflight', code: 'preflight.foreign-cname' },
  },
  {
    what: 'P-086: a second CNAME beside ours',
    spoil: () =>
      alidns('AddDomainRecord', { DomainName: 'example.com', RR: '@', Type: 'CNAME', Value: 'second.example.net' }),
    clear: () =>
      alidns('DeleteDomainRecord', { RecordId: cname().find(({ value }) => value.startsWith('second'))?.id ?? '' }),
    stage: 'dns',
    told: { change: 'none', message: /both are answered in turn/, remedy: /Delete the record/ },
    failure: { stage: 'preflight', code: 'preflight.several-cnames' },
  },
  {
    what: 'P-074: a server group that has lost its IPv6',
    spoil: () => {
      serverGroup().ipv6Enabled = false;
    },
    clear: () => {
      serverGroup().ipv6Enabled = true;
    },
    stage: 'server-group',
    told: { change: 'none', message: /has IPv6 off, which cannot be changed/, remedy: /Release the deployment/ },
    failure: { stage: 'server-group', code: 'server-group.fixed' },
  },
  {
    what: 'P-061: a load balancer without IPv6',
    spoil: () => {
      loadBalancer().addressIpVersion = 'IPv4';
    },
    clear: () => {
      loadBalancer().addressIpVersion = 'DualStack';
    },
    stage: 'load-balancer',
    told: { change: 'none', message: /IPv4 only, and that cannot be changed/, remedy: /Release the deployment/ },
    failure: { stage: 'load-balancer', code: 'load-balancer.not-dual-stack' },
  },
  {
    what: 'a load balancer of a higher edition',
    spoil: () => {
      loadBalancer().edition = 'StandardWithWaf';
    },
    clear: () => {
      loadBalancer().edition = 'Standard';
    },
    stage: 'load-balancer',
    told: {
      change: 'none',
      message: /is of edition StandardWithWaf, not Standard/,
      remedy: /adopt.*loadBalancer\.edition/,
    },
    failure: { stage: 'load-balancer', code: 'load-balancer.fixed' },
  },
  {
    what: 'a listener of another protocol on our port, with our tags',
    spoil: () => {
      listener().protocol = 'HTTPS';
    },
    clear: () => {
      listener().protocol = 'HTTP';
    },
    stage: 'listener',
    told: {
      change: 'none',
      message: /speaks HTTPS, not HTTP, which cannot be changed/,
      remedy: /Delete that listener/,
    },
    failure: { stage: 'listener', code: 'listener.fixed' },
  },
  {
    what: 'a listener of others on our port',
    spoil: async () => {
      await alb('DeleteListener', { ListenerId: listener().id });
      await alb('CreateListener', {
        LoadBalancerId: loadBalancer().id,
        ListenerProtocol: 'HTTPS',
        ListenerPort: '80',
        'Certificates.1.CertificateId': '1234567-cn-shanghai',
        'DefaultActions.1.Type': 'ForwardGroup',
        'DefaultActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': serverGroup().id,
      });
    },
    clear: () => alb('DeleteListener', { ListenerId: harness.cloud.alb.listeners.list()[0]?.id ?? '' }),
    stage: 'listener',
    told: { change: 'none', message: /port 80 .* has a listener that is not ours/, remedy: /Delete that listener/ },
    failure: { stage: 'listener', code: 'listener.port-taken' },
  },
];

describe('what a repair cannot put right is told with what it would take:', () => {
  it.each(refusals)('$what', async ({ spoil, clear, stage, told, failure }) => {
    await spoil();
    const spoilt = JSON.stringify(cloudResources(harness.cloud));
    const from = harness.cloud.wireLog.length;
    const difference = (await driftOf(harness, id)).differences.find((each) => each.stage === stage);
    expect(difference?.change).toBe(told.change);
    expect(difference?.message).toMatch(told.message);
    expect(difference?.remedy).toMatch(told.remedy);

    const failed = await repair(harness, id);
    expect(failed.status).toBe('failed');
    expect(failed.failure).toMatchObject({ ...failure, action: 'apply' });
    expect(failed.failure?.remedy).not.toBe('');
    // It has served, and is not rolled back: nothing was touched.
    await harness.run(undefined, 120_000).catch(() => undefined);
    expect((await harness.record(id)).rolledBack).toBeUndefined();
    expect(JSON.stringify(cloudResources(harness.cloud))).toBe(spoilt);
    expect(named(writesOf(harness, from))).toEqual([]);
    expect((await driftOf(harness, id)).differences.map((each) => each.stage)).toContain(stage);

    await clear();
    record = await repair(harness, id);
    expect(record.failure).toBeUndefined();
    expect(notExactlyOne(harness.cloud, record)).toEqual([]);
    expect((await driftOf(harness, id)).differs).toBe(false);
  });
});

it('tells that an adopted vSwitch which is gone takes another deployment', async () => {
  const { spec } = seedServers(harness.cloud);
  const other = await harness.request({ ...spec, dns: { domain: 'example.net', rr: 'adopted', icpFiled: true } });
  await harness.runUntil(other, 'ready');
  const { vSwitches } = harness.cloud.vpc;
  const { vSwitchIds } = spec.network as { vSwitchIds: string[] };
  const gone = vSwitches.find(vSwitchIds[1] ?? '');
  if (gone === undefined) throw new Error('no vSwitch');
  const { status } = gone;
  gone.status = { during: 'Available', after: undefined, atMs: 0 };
  const told = (await driftOf(harness, other)).differences.filter(({ stage }) => stage === 'network');
  expect(told).toEqual([
    {
      stage: 'network',
      change: 'none',
      message: `vSwitch ${gone.id} does not exist in VPC ${gone.vpcId}`,
      remedy: 'Release the deployment, and ask again with a network that exists.',
    },
  ]);
  gone.status = status;
  await harness.api('DELETE', `/load-balancers/${other}`);
  await harness.runUntil(other, 'released');
});

it('replaces a CNAME of others at our name when the request lets it', async () => {
  const other = await harness.request({
    ...tutorial(),
    name: 'other',
    dns: { domain: 'example.net', rr: 'www', icpFiled: true, replaceExisting: true },
  });
  await harness.runUntil(other, 'ready');
  const theirs = () => [...harness.cloud.dns.records.values()].find(({ rr }) => rr === 'www');
  await alidns('DeleteDomainRecord', { RecordId: theirs()?.id ?? '' });
  await alidns('AddDomainRecord', {
    DomainName: 'example.net',
    RR: 'www',
    Type: 'CNAME',
    Value: 'theirs.example.org',
    TTL: '1200',
  });
  const taken = theirs()?.id;
  const repaired = await repair(harness, other);
  expect(repaired.status).toBe('ready');
  expect(theirs()).toMatchObject({ id: taken, value: outputOf(repaired, 'load-balancer', 'dnsName'), ttl: 600 });
  await harness.api('DELETE', `/load-balancers/${other}`);
  await harness.runUntil(other, 'released');
  expect(theirs()).toMatchObject({ id: taken, value: 'theirs.example.org', ttl: 1200, remark: '' });
  await alidns('DeleteDomainRecord', { RecordId: taken ?? '' });
});

it('refuses a repair of a deployment that is not ready', async () => {
  const other = await harness.request({ name: 'early' });
  const response = await harness.api('POST', `/load-balancers/${other}/apply`);
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('only a ready one') as string });
  expect((await harness.api('GET', `/load-balancers/${other}/drift`)).status).toBe(409);
  await harness.api('DELETE', `/load-balancers/${other}`);
  await harness.runUntil(other, 'released');
});

it('puts certificates, TLS policy and redirect of an HTTPS listener right', async () => {
  const { listener: https } = JSON.parse(
    readFileSync(new URL('../../events/create-load-balancer-https.json', import.meta.url), 'utf8'),
  ) as SpecInput;
  const other = await harness.request({ name: 'https', listener: https });
  const ready = await harness.runUntil(other, 'ready');
  const listenerId = outputOf(ready, 'listener', 'listenerId');
  const ruleId = outputOf(ready, 'listener', 'redirectRuleId');
  const main = () => harness.cloud.alb.listener(listenerId);
  const redirect = () => harness.cloud.alb.rule(ruleId);
  const wanted = JSON.stringify([redirect().actions, redirect().conditions]);
  const driftedStages = async () => [...new Set((await driftOf(harness, other)).differences.map(({ stage }) => stage))];

  await alb('DissociateAdditionalCertificatesFromListener', {
    ListenerId: listenerId,
    'Certificates.1.CertificateId': '7654321-cn-shanghai',
  });
  await alb('UpdateListenerAttribute', {
    ListenerId: listenerId,
    SecurityPolicyId: 'tls_cipher_policy_1_0',
    'Certificates.1.CertificateId': '7654321-cn-hangzhou',
  });
  await alb('UpdateRuleAttribute', {
    RuleId: ruleId,
    Priority: '7',
    'RuleActions.1.Type': 'Redirect',
    'RuleActions.1.Order': '1',
    'RuleActions.1.RedirectConfig.Host': 'elsewhere.example.net',
    'RuleActions.1.RedirectConfig.Protocol': 'HTTPS',
    'RuleActions.1.RedirectConfig.Port': '443',
    'RuleActions.1.RedirectConfig.HttpCode': '302',
  });
  expect(await driftedStages()).toEqual(['listener']);
  let from = harness.cloud.wireLog.length;
  expect((await repair(harness, other)).failure).toBeUndefined();
  expect(named(writesOf(harness, from))).toEqual([
    'alb UpdateListenerAttribute',
    'alb AssociateAdditionalCertificatesWithListener',
    'alb UpdateRuleAttribute',
  ]);
  expect([
    main().securityPolicyId,
    main().certificateIds,
    main().additionalCertificates.map((each) => each.id),
  ]).toEqual(['tls_cipher_policy_1_2', ['1234567-cn-shanghai'], ['7654321-cn-shanghai']]);
  expect(redirect().priority).toBe(1);
  expect(JSON.stringify([redirect().actions, redirect().conditions])).toBe(wanted);
  expect(await driftedStages()).toEqual([]);

  await alb('DeleteRule', { RuleId: ruleId });
  expect(await driftedStages()).toEqual(['listener']);
  from = harness.cloud.wireLog.length;
  const mended = await repair(harness, other);
  expect(named(writesOf(harness, from))).toEqual(['alb CreateRule']);
  expect(outputOf(mended, 'listener', 'redirectRuleId')).not.toBe(ruleId);
  expect(await driftedStages()).toEqual([]);

  // No documented call takes a rule's tags away, nor gives them back: another one takes its place.
  const bareId = outputOf(mended, 'listener', 'redirectRuleId');
  const [bare] = harness.cloud.alb.rules.list();
  if (bare !== undefined) bare.tags = [];
  expect((await driftOf(harness, other)).differences.map(({ change }) => change)).toEqual(['replace-redirect']);
  from = harness.cloud.wireLog.length;
  const replaced = await repair(harness, other);
  expect(named(writesOf(harness, from))).toEqual(['alb UpdateRuleAttribute', 'alb CreateRule', 'alb DeleteRule']);
  expect(outputOf(replaced, 'listener', 'redirectRuleId')).not.toBe(bareId);
  expect(replaced.stages.listener.resources.map(({ type }) => type)).toEqual(['Listener', 'Listener', 'Rule']);
  expect(harness.cloud.alb.rules.list().map((rule) => [rule.priority, ...ourTags(rule.tags)].join(' '))).toEqual([
    `1 deployment=${other} part=redirect-rule stage=listener`,
  ]);
  expect(await driftedStages()).toEqual([]);
  await harness.api('DELETE', `/load-balancers/${other}`);
  await harness.runUntil(other, 'released');
});
