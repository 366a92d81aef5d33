import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedExisting } from '../../local/seed-existing.ts';
import { seedNetwork, type SeededNetwork } from '../../local/vpc/seed.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { httpGet, type HttpAnswer } from '../support/http-get.ts';
import { Harness } from '../support/harness.ts';
import { sandboxDial } from '../support/sandbox-dial.ts';

const dns = (rr: string) => ({ domain: 'example.com', rr, icpFiled: true });
const adoptedIds = {
  vpcId: 'vpc-uf6adopted000000000001',
  vSwitches: [
    { vSwitchId: 'vsw-uf6adopted000000000001', zoneId: 'cn-shanghai-e' },
    { vSwitchId: 'vsw-uf6adopted000000000002', zoneId: 'cn-shanghai-g' },
  ],
  instances: [
    { instanceId: 'i-uf6adopted0000000000001', name: 'web-a', ipv6: false, port: 8081, page: 'a' },
    { instanceId: 'i-uf6adopted0000000000002', name: 'web-b', ipv6: true, port: 8081, page: 'b' },
  ],
};

const alikeIds = {
  vpcId: 'vpc-uf6alike00000000000001',
  vSwitches: adoptedIds.vSwitches.map(({ vSwitchId, zoneId }) => ({
    vSwitchId: vSwitchId.replace('adopted', 'alike'),
    zoneId,
  })),
  instances: adoptedIds.instances.map((instance) => ({
    ...instance,
    instanceId: instance.instanceId.replace('adopted', 'alike'),
    page: 'the same',
  })),
};

/** A request that adopts a seeded network with its instances. */
const adopting = ({ vpcId, vSwitches, instances }: typeof adoptedIds) => ({
  network: { vpcId, vSwitchIds: vSwitches.map(({ vSwitchId }) => vSwitchId) },
  backends: instances.map(({ instanceId, name, ipv6, port }) => ({
    instanceId,
    name,
    family: ipv6 ? ('ipv6' as const) : ('ipv4' as const),
    port,
  })),
});

let harness: Harness;
let ipv4Only: SeededNetwork;
const records = new Map<string, DeploymentRecord>();

const requests = (shared: SeededNetwork): Record<string, SpecInput> => ({
  intranet: { loadBalancer: { addressType: 'Intranet' }, dns: dns('intranet') },
  basic: {
    loadBalancer: { edition: 'Basic' },
    serverGroup: {
      healthCheck: {
        path: '/healthz',
        method: 'GET',
        codes: ['http_4xx'],
        intervalSeconds: 3,
        timeoutSeconds: 4,
        healthyThreshold: 2,
        unhealthyThreshold: 5,
      },
    },
    dns: dns('basic'),
  },
  weights: {
    backends: [
      { name: 'heavy', family: 'ipv4', port: 8080, weight: 100, page: 'heavy' },
      { name: 'light', family: 'ipv6', port: 8080, weight: 50, page: 'light' },
      { name: 'spare', family: 'ipv6', port: 8080, weight: 0, page: 'spare' },
    ],
    dns: dns('www'),
  },
  sticky: {
    network: { vpcId: shared.vpcId, vSwitchIds: shared.vSwitchIds },
    serverGroup: { stickySession: { enabled: true, type: 'Insert', cookieTimeoutSeconds: 500 } },
    dns: dns('sticky'),
  },
  bare: {
    loadBalancer: { deletionProtection: true },
    serverGroup: { healthCheck: { enabled: false } },
  },
  waf: { loadBalancer: { edition: 'StandardWithWaf', name: 'guarded' }, dns: dns('a.nested.prefix') },
  rules: {
    network: { vpcId: shared.vpcId, vSwitchIds: shared.vSwitchIds },
    securityGroup: {
      name: 'web-rules',
      rules: [
        { protocol: 'TCP', portRange: '22/22', sourceCidr: '203.0.113.0/24', priority: 7 },
        { protocol: 'UDP', portRange: '5000/5010', sourceCidr: '2001:db8::/32' },
        { protocol: 'ICMP', portRange: '-1/-1', sourceCidr: '0.0.0.0/0', priority: 1 },
      ],
    },
    dns: dns('rules'),
  },
  'source-hash': {
    network: { vpcId: shared.vpcId, vSwitchIds: shared.vSwitchIds },
    serverGroup: { scheduler: 'Sch' },
    dns: dns('hash'),
  },
  'least-connections': {
    network: { vpcId: shared.vpcId, vSwitchIds: shared.vSwitchIds },
    serverGroup: { scheduler: 'Wlc' },
    listener: { protocol: 'HTTP', port: 8000, requestTimeoutSeconds: 30, idleTimeoutSeconds: 20 },
    dns: dns('wlc'),
  },
  'manage-adopted': {
    ...adopting(adoptedIds),
    securityGroup: { manageAdopted: true },
    dns: dns('adopted'),
  },
  alike: { ...adopting(alikeIds), dns: dns('alike') },
  'enable-ipv6': {
    network: { vpcId: ipv4Only.vpcId, vSwitchIds: ipv4Only.vSwitchIds, enableIpv6: true },
    dns: dns('ipv6'),
  },
});

beforeAll(async () => {
  harness = await Harness.start();
  const { vpc, ecs } = harness.cloud;
  const shared = seedNetwork(vpc, { zones: ['cn-shanghai-e', 'cn-shanghai-g'], vpcName: 'shared' });
  ipv4Only = seedNetwork(vpc, { zones: ['cn-shanghai-e', 'cn-shanghai-g'], vpcName: 'old', ipv6: false });
  seedExisting(harness.cloud, adoptedIds);
  seedExisting(harness.cloud, alikeIds);
  for (const group of ecs.securityGroups.list())
    if (group.vpcId === adoptedIds.vpcId)
      group.rules = group.rules.map((rule) => ({ ...rule, portRange: '443/443', description: 'theirs' }));
  const ids = new Map<string, string>();
  for (const [name, spec] of Object.entries(requests(shared)))
    ids.set(name, await harness.request({ onFailure: 'retain', name, ...spec }));
  await harness.run(async () => {
    for (const id of ids.values()) if (!['ready', 'failed'].includes((await harness.record(id)).status)) return false;
    return true;
  });
  for (const [name, id] of ids) records.set(name, await harness.record(id));
}, 60_000);
afterAll(() => harness.close());

const recordOf = (name: string): DeploymentRecord => {
  const record = records.get(name);
  if (record === undefined) throw new Error(`no deployment ${name}`);
  return record;
};
const outputsOf = (name: string, stage: keyof DeploymentRecord['stages']) =>
  recordOf(name).stages[stage].outputs as Record<string, string>;
const loadBalancerOf = (name: string) =>
  harness.cloud.alb.loadBalancer(outputsOf(name, 'load-balancer')['loadBalancerId'] ?? '');
const groupOf = (name: string) => harness.cloud.alb.serverGroup(outputsOf(name, 'server-group')['serverGroupId'] ?? '');
const conditionOf = (name: string, type: string) => recordOf(name).conditions.find((one) => one.type === type);
const namesOf = (deployment: string) =>
  harness.cloud.dns
    .recordsOf('example.com')
    .filter(({ value }) => value === loadBalancerOf(deployment).dnsName)
    .map(({ rr, type }) => `${rr} ${type}`);
const ask = (name: string, port = 80): Promise<HttpAnswer> =>
  httpGet(sandboxDial(harness.cloud), {
    address: loadBalancerOf(name).zones[0]?.ipv6Address ?? '',
    port,
    host: 'www.example.com',
    path: '/',
    tls: false,
    timeoutMs: 5000,
  });

it.each([
  'intranet',
  'basic',
  'weights',
  'sticky',
  'bare',
  'waf',
  'rules',
  'source-hash',
  'least-connections',
  'manage-adopted',
  'alike',
  'enable-ipv6',
])('the deployment %s becomes ready', (name) => {
  expect(recordOf(name).failure).toBeUndefined();
  expect(recordOf(name).status).toBe('ready');
  expect(conditionOf(name, 'HealthyByApi')).toMatchObject({ status: 'True' });
});

describe('an intranet load balancer', () => {
  it('keeps its IPv6 side private', () => {
    const { addressType, addressIpVersion, ipv6AddressType, zones } = loadBalancerOf('intranet');
    expect({ addressType, addressIpVersion, ipv6AddressType }).toEqual({
      addressType: 'Intranet',
      addressIpVersion: 'DualStack',
      ipv6AddressType: 'Intranet',
    });
    expect(zones.map(({ allocationId }) => allocationId)).toEqual(['', '']);
  });

  it('P-063: is the only one that is not switched to public', () => {
    const switched = harness.cloud.wireLog
      .filter(({ action, code }) => action === 'EnableLoadBalancerIpv6Internet' && code === '')
      .map(({ params }) => params['LoadBalancerId']);
    const others = [...records.keys()].filter((name) => name !== 'intranet').map((name) => loadBalancerOf(name).id);
    expect(new Set(switched)).toEqual(new Set(others));
  });

  it('says that its answers over IPv6 are unknown rather than true', () => {
    expect(conditionOf('intranet', 'AnswersOverIpv6')).toMatchObject({ status: 'Unknown', reason: 'PrivateIpv6' });
  });

  it('is reached over IPv6 from inside its VPC only', async () => {
    const { vpcId, zones } = loadBalancerOf('intranet');
    const address = zones[0]?.ipv6Address ?? '';
    expect(await harness.cloud.dataPlane.route(address, 80)).toMatchObject({ refusal: 'ETIMEDOUT' });
    expect(await harness.cloud.dataPlane.route(address, 80, { vpcId })).toMatchObject({ host: '::1' });
  });

  it('has its name all the same', () => {
    expect(namesOf('intranet')).toEqual(['intranet CNAME']);
    expect(conditionOf('intranet', 'NameResolves')).toMatchObject({ status: 'True', reason: 'CnameOnly' });
  });
});

describe('editions', () => {
  it.each([
    ['basic', 'Basic'],
    ['weights', 'Standard'],
    ['waf', 'StandardWithWaf'],
  ])('of %s is %s', (name, edition) => {
    expect(loadBalancerOf(name).edition).toBe(edition);
  });

  it('the load balancer takes the name of the request', () => {
    expect(loadBalancerOf('waf').name).toBe('guarded');
    expect(loadBalancerOf('basic').name).toBe('basic');
  });
});

describe('health checks', () => {
  it('are set as the request says', () => {
    expect(groupOf('basic').healthCheck).toMatchObject({
      enabled: true,
      protocol: 'HTTP',
      method: 'GET',
      path: '/healthz',
      codes: ['http_4xx'],
      connectPort: 0,
      intervalSeconds: 3,
      timeoutSeconds: 4,
      healthyThreshold: 2,
      unhealthyThreshold: 5,
    });
  });

  it('are off when the request says so', () => {
    expect(groupOf('bare').healthCheck.enabled).toBe(false);
    expect(conditionOf('bare', 'HealthyByApi')?.message).toBe('health checks are off');
  });
});

describe('backends with own ports and weights', () => {
  it('stand in the server group with them', () => {
    expect(
      groupOf('weights')
        .servers.map(({ serverIp, port, weight }) => `${serverIp.includes(':') ? 'ipv6' : 'ipv4'} ${port} ${weight}`)
        .sort(),
    ).toEqual(['ipv4 8080 100', 'ipv6 8080 0', 'ipv6 8080 50']);
  });

  it('answer in proportion to their weights', async () => {
    const counts: Record<string, number> = {};
    for (let count = 0; count < 12; count += 1) {
      const name = (await ask('weights')).headers['x-backend-server'] ?? '';
      counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(counts).toEqual({ heavy: 8, light: 4 });
  });

  it('P-070: of weight 0 are neither checked nor waited for', () => {
    const group = groupOf('weights');
    const spare = group.servers.find(({ weight }) => weight === 0);
    expect(spare === undefined ? undefined : harness.cloud.alb.health(group, spare).status).toBe('Unused');
    expect(conditionOf('weights', 'AnswersOverIpv6')?.message).toMatch(/^heavy and light answered/);
  });

  it('P-037: let their port in from the vSwitches over both families, and no other port', () => {
    const { vpcId } = loadBalancerOf('weights');
    const [group] = harness.cloud.ecs.securityGroups.list().filter((one) => one.vpcId === vpcId && !one.serviceManaged);
    const tcp = group?.rules.filter(({ ipProtocol }) => ipProtocol === 'TCP') ?? [];
    const blocks = harness.cloud.vpc.vSwitches.list().filter((one) => one.vpcId === vpcId);
    expect(tcp.map(({ portRange }) => portRange)).toEqual(Array(4).fill('8080/8080'));
    expect(tcp.map((rule) => rule.sourceCidrIp + rule.ipv6SourceCidrIp).sort()).toEqual(
      blocks.flatMap(({ cidrBlock, ipv6CidrBlock }) => [cidrBlock, ipv6CidrBlock]).sort(),
    );
  });
});

describe('a sticky session', () => {
  it('is set as the request says', () => {
    expect(groupOf('sticky').stickySession).toMatchObject({ enabled: true, type: 'Insert', cookieTimeoutSeconds: 500 });
    expect(groupOf('basic').stickySession.enabled).toBe(false);
  });

  it('hands out a cookie with each first answer', async () => {
    expect((await ask('sticky')).headers['set-cookie']).toMatch(/^SERVERID=/);
  });

  it('does not keep verify from seeing both servers', () => {
    expect(conditionOf('sticky', 'AnswersOverIpv6')).toMatchObject({ status: 'True', reason: 'AllBackendsAnswer' });
  });
});

describe('schedulers', () => {
  it('with Sch, says that one vantage cannot see every server', () => {
    expect(groupOf('source-hash').scheduler).toBe('Sch');
    expect(conditionOf('source-hash', 'AnswersOverIpv6')).toMatchObject({ status: 'Unknown', reason: 'SourceHash' });
  });

  it('with Wlc, sees every server', () => {
    expect(groupOf('least-connections').scheduler).toBe('Wlc');
    expect(conditionOf('least-connections', 'AnswersOverIpv6')).toMatchObject({ status: 'True' });
  });
});

describe('a listener on another port', () => {
  it('has the timeouts of the request', () => {
    const [listener] = harness.cloud.alb.listenersOf(loadBalancerOf('least-connections').id);
    expect(listener).toMatchObject({ port: 8000, requestTimeoutSeconds: 30, idleTimeoutSeconds: 20 });
  });

  it('answers there only', async () => {
    expect((await ask('least-connections', 8000)).status).toBe(200);
    await expect(ask('least-connections', 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('names', () => {
  it('are none without dns in the request', () => {
    expect(namesOf('bare')).toEqual([]);
    expect(recordOf('bare').stages.dns).toMatchObject({ resources: [] });
    expect(conditionOf('bare', 'NameResolves')).toMatchObject({ status: 'Unknown', reason: 'NotRequested' });
  });

  it.each([
    ['weights', 'www'],
    ['waf', 'a.nested.prefix'],
  ])('of %s is a CNAME at %s', (name, rr) => {
    expect(namesOf(name)).toEqual([`${rr} CNAME`]);
    expect(conditionOf(name, 'NameResolves')).toMatchObject({
      status: 'True',
      message: expect.stringContaining(`${rr}.example.com leads to`) as string,
    });
  });
});

it('protects the load balancer from deletion when the request says so', () => {
  expect(loadBalancerOf('bare').deletionProtection).toBe(true);
  expect(loadBalancerOf('basic').deletionProtection).toBe(false);
});

it('P-038: adds the rules of the request to those of the service port and ICMPv6', () => {
  const { securityGroupId } = outputsOf('rules', 'security-group');
  const group = harness.cloud.ecs.securityGroups.find(securityGroupId ?? '');
  expect(group?.name).toBe('web-rules');
  const rules = group?.rules.map(
    (rule) =>
      `${rule.ipProtocol} ${rule.portRange} ${rule.sourceCidrIp}${rule.ipv6SourceCidrIp} ${rule.policy} ${rule.priority}`,
  );
  expect(rules?.filter((rule) => !rule.startsWith('TCP 80/80'))).toEqual([
    'ICMPv6 -1/-1 ::/0 Accept 1',
    'TCP 22/22 203.0.113.0/24 Accept 7',
    'UDP 5000/5010 2001:db8::/32 Accept 1',
    'ICMP -1/-1 0.0.0.0/0 Accept 1',
  ]);
  expect(rules?.filter((rule) => rule.startsWith('TCP 80/80'))).toHaveLength(4);
});

describe('adopted instances with securityGroup.manageAdopted', () => {
  const rules = () =>
    harness.cloud.ecs.securityGroups
      .list()
      .filter((group) => group.vpcId === adoptedIds.vpcId && !group.serviceManaged)
      .flatMap((group) => group.rules);

  it('get marked rules for their port into their own group', () => {
    const ours = rules().filter(({ description }) => description !== 'theirs');
    expect(new Set(ours.map(({ ipProtocol, portRange }) => `${ipProtocol} ${portRange}`))).toEqual(
      new Set(['TCP 8081/8081', 'ICMPv6 -1/-1']),
    );
    for (const { description } of ours) expect(description).toContain(recordOf('manage-adopted').deploymentId);
  });

  it('keep the rules that were there', () => {
    expect(rules().filter(({ description }) => description === 'theirs')).toHaveLength(2);
  });

  it('are recorded as adopted, without a security group of ours', () => {
    const { stages } = recordOf('manage-adopted');
    expect(stages.instances.resources.map(({ id, created }) => `${id} ${created}`)).toEqual(
      adoptedIds.instances.map(({ instanceId }) => `${instanceId} false`),
    );
    expect(stages['security-group'].resources.map(({ created }) => created)).toEqual([false]);
    expect(harness.cloud.ecs.instances.list().filter(({ vpcId }) => vpcId === adoptedIds.vpcId)).toHaveLength(2);
  });
});

it('says of adopted servers with one and the same page that it cannot tell them apart', () => {
  expect(conditionOf('alike', 'AnswersOverIpv6')).toMatchObject({ status: 'Unknown', reason: 'ServersNotToldApart' });
  expect(conditionOf('manage-adopted', 'AnswersOverIpv6')).toMatchObject({ status: 'True' });
});

describe('an adopted network without IPv6, with network.enableIpv6', () => {
  it('has IPv6 in the VPC, distinct blocks in its vSwitches, a gateway', () => {
    const { vpc } = harness.cloud;
    expect(vpc.vpcs.find(ipv4Only.vpcId)?.ipv6CidrBlock).toMatch(/\/56$/);
    const blocks = ipv4Only.vSwitchIds.map((id) => vpc.vSwitches.find(id)?.ipv6CidrBlock);
    expect(new Set(blocks).size).toBe(2);
    for (const block of blocks) expect(block).toMatch(/\/64$/);
    expect(vpc.ipv6Gateways.list().filter(({ vpcId }) => vpcId === ipv4Only.vpcId)).toHaveLength(1);
  });

  it('is recorded as adopted, its gateway as created', () => {
    expect(recordOf('enable-ipv6').stages.network.resources.map(({ type, created }) => `${type} ${created}`)).toEqual([
      'VPC false',
      'VSwitch false',
      'VSwitch false',
      'Ipv6Gateway true',
    ]);
  });

  it('remembers on what it turned IPv6 on', () => {
    expect(recordOf('enable-ipv6').stages.network.outputs['ipv6EnabledOn']).toEqual([
      ipv4Only.vpcId,
      ...ipv4Only.vSwitchIds,
    ]);
  });
});

it('takes own and adopted instances side by side', async () => {
  const [adopted] = adoptedIds.instances;
  const id = await harness.request({
    name: 'mixed',
    network: { vpcId: adoptedIds.vpcId, vSwitchIds: adoptedIds.vSwitches.map(({ vSwitchId }) => vSwitchId) },
    backends: [
      { name: 'theirs', family: 'ipv4', port: 8081, instanceId: adopted?.instanceId ?? '' },
      { name: 'ours', family: 'ipv6', port: 80, page: 'ours' },
    ],
  });
  const record = await harness.runUntil(id, 'ready', 'failed');
  expect(record.failure).toBeUndefined();
  expect(record.stages.instances.resources.map(({ created }) => created)).toEqual([false, true]);
  const answers = record.conditions.find(({ type }) => type === 'AnswersOverIpv6');
  expect(answers).toMatchObject({ status: 'True', message: expect.stringMatching(/^2 different answers/) as string });
});
