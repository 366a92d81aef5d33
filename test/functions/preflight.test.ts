import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { images } from '../../local/ecs/catalog.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { inNetwork, seedServers, zones } from '../support/adopted.ts';
import { cloudResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';

let driver: StageDriver;

beforeEach(async () => {
  driver = await StageDriver.start({ latency: 'none' });
});

afterEach(async () => {
  await driver.close();
});

/** Runs a request through preflight alone. Whatever it finds, it must not make anything. */
async function preflight(spec: SpecInput): Promise<DeploymentRecord> {
  const before = cloudResources(driver.harness.cloud);
  const record = await driver.provision(spec, { held: ['network'] });
  expect(cloudResources(driver.harness.cloud)).toEqual(before);
  return record;
}

/** What a failed preflight says: one line for each problem. */
async function problemsOf(spec: SpecInput): Promise<string[]> {
  const { status, failure } = await preflight(spec);
  expect(status).toBe('failed');
  expect(failure?.stage).toBe('preflight');
  const problems = failure?.problems ?? [];
  for (const { remedy } of problems) expect(remedy).not.toBe('');
  expect(failure?.code).toBe(problems.length === 1 ? problems[0]?.code : 'preflight.problems');
  return problems.map(({ field, code, message }) => `${field} | ${code} | ${message}`);
}

/** What cannot be seen from outside is said of every server that is given. */
const guestFirewalls = expect.stringMatching(
  /^backends \| iptables, .* inside a given server may drop the health checks: they must let TCP 80 in from 10\.0\.1\.0\/24, 2408:\S+::\/64, /,
) as string;

async function warningsOf(spec: SpecInput): Promise<string[]> {
  const { stages, failure } = await preflight(spec);
  expect(failure).toBeUndefined();
  expect(stages.preflight.apply.state).toBe('done');
  const warnings = stages.preflight.outputs['warnings'] as { field: string; message: string }[];
  return warnings.map(({ field, message }) => `${field} | ${message}`);
}

const named = (rr = 'www') => ({ domain: 'example.com', rr, icpFiled: true });

const addRecord = (type: string, value: string, rr = 'www'): void => {
  const { dns } = driver.harness.cloud;
  dns.addRecord(dns.domain('example.com'), {
    rr,
    type,
    value,
    line: 'default',
    ttl: 600,
    ...(type === 'MX' ? { priority: 10 } : {}),
  });
};

describe('a network to be made', () => {
  it('passes the tutorial’s request without a warning', async () => {
    expect(await warningsOf({ dns: named() })).toEqual([]);
  });

  it('P-001: takes the refusal of a dry run for its success', async () => {
    await preflight({});
    const calls = driver.harness.cloud.wireLog.filter(({ action }) => action === 'CreateVpc');
    expect(calls.map(({ code, params }) => `${code} ${String(params['DryRun'])}`)).toEqual(['DryRunOperation true']);
  });

  it('refuses an eleventh VPC', async () => {
    for (let count = 0; count < 10; count += 1) inNetwork(driver.harness.cloud);
    expect(await problemsOf({})).toEqual(['network | QuotaExceeded.Vpc | the region has 10 VPCs, and 10 are allowed']);
  });

  it('refuses a zone without ALB', async () => {
    const network = {
      vSwitches: [
        { name: 'one', zoneId: 'cn-shanghai-a', cidrBlock: '192.168.1.0/24' },
        { name: 'two', zoneId: 'cn-shanghai-g', cidrBlock: '192.168.2.0/24' },
      ],
    };
    expect(await problemsOf({ network })).toContain(
      'network.vSwitches.0.zoneId | preflight.zone | zone cn-shanghai-a does not offer ALB',
    );
  });

  it('P-031: counts the addresses that the planned servers take', async () => {
    const network = {
      vSwitches: [
        { name: 'one', zoneId: 'cn-shanghai-e', cidrBlock: '192.168.1.0/29' },
        { name: 'two', zoneId: 'cn-shanghai-g', cidrBlock: '192.168.2.0/28' },
      ],
    };
    // Of 8 addresses 4 are reserved; one server leaves 3 of one vSwitch and 11 of the other.
    expect(await warningsOf({ network })).toEqual([
      'network.vSwitches.0 | 192.168.1.0/29 has 3 free addresses for the load balancer; 8 are advised',
    ]);
    const backends = ['a', 'b', 'c'].map((name) => ({ name: `ECS0${name}`, family: 'ipv4' as const, page: name }));
    expect(await problemsOf({ network, backends })).toEqual([
      'network.vSwitches.0 | preflight.addresses | 192.168.1.0/29 has 2 free addresses for the load balancer, which needs 3',
    ]);
  });
});

describe('a network that exists', () => {
  it('passes one that fits', async () => {
    expect(await warningsOf(inNetwork(driver.harness.cloud).spec)).toEqual([]);
  });

  it('refuses a VPC that is not there', async () => {
    const network = { vpcId: 'vpc-none', vSwitchIds: ['vsw-one', 'vsw-two'] };
    expect(await problemsOf({ network })).toEqual([
      'network.vpcId | preflight.vpc | VPC vpc-none does not exist in cn-shanghai',
    ]);
  });

  it('refuses a vSwitch of another VPC', async () => {
    const { seeded } = inNetwork(driver.harness.cloud);
    const { seeded: other } = inNetwork(driver.harness.cloud);
    const [mine = ''] = seeded.vSwitchIds;
    const [, theirs = ''] = other.vSwitchIds;
    const network = { vpcId: seeded.vpcId, vSwitchIds: [mine, theirs] };
    expect(await problemsOf({ network })).toEqual([
      `network.vSwitchIds.1 | preflight.v-switch | vSwitch ${theirs} belongs to VPC ${other.vpcId}, not to ${seeded.vpcId}`,
    ]);
  });

  it('refuses a vSwitch that is not there', async () => {
    const { seeded } = inNetwork(driver.harness.cloud);
    const network = { vpcId: seeded.vpcId, vSwitchIds: [seeded.vSwitchIds[0] ?? '', 'vsw-none'] };
    expect(await problemsOf({ network })).toEqual([
      'network.vSwitchIds.1 | preflight.v-switch | vSwitch vsw-none does not exist in cn-shanghai',
    ]);
  });

  it('refuses two vSwitches in one zone', async () => {
    const { spec, seeded } = inNetwork(driver.harness.cloud, { zones: ['cn-shanghai-e', 'cn-shanghai-e'] });
    const [one, two] = seeded.vSwitchIds;
    expect(await problemsOf(spec)).toEqual([
      `network.vSwitchIds.1 | preflight.zone | vSwitches ${one} and ${two} are both in zone cn-shanghai-e`,
    ]);
  });

  it('refuses a VPC without IPv6, with each vSwitch without it', async () => {
    const { spec, seeded } = inNetwork(driver.harness.cloud, { ipv6: false });
    const [one, two] = seeded.vSwitchIds;
    expect(await problemsOf(spec)).toEqual([
      `network.vpcId | preflight.vpc-ipv6 | VPC ${seeded.vpcId} has no IPv6`,
      `network.vSwitchIds.0 | preflight.v-switch-ipv6 | vSwitch ${one} has no IPv6`,
      `network.vSwitchIds.1 | preflight.v-switch-ipv6 | vSwitch ${two} has no IPv6`,
    ]);
  });

  it('takes a VPC without IPv6 when the request lets us turn it on', async () => {
    const { seeded } = inNetwork(driver.harness.cloud, { ipv6: false });
    const network = { vpcId: seeded.vpcId, vSwitchIds: seeded.vSwitchIds, enableIpv6: true };
    expect(await warningsOf({ network })).toEqual([]);
  });

  it('P-026: refuses a VPC that has IPv6 and no gateway', async () => {
    const { spec, seeded } = inNetwork(driver.harness.cloud, { ipv6Gateway: false });
    expect(await problemsOf(spec)).toEqual([
      `network.vpcId | preflight.ipv6-gateway | VPC ${seeded.vpcId} has no IPv6 gateway`,
    ]);
  });

  it('P-031: refuses fewer than 3 free addresses', async () => {
    // One more address of each vSwitch goes to a server.
    const { spec, seeded } = inNetwork(driver.harness.cloud, { freeAddresses: 3 });
    expect(await problemsOf(spec)).toEqual(
      seeded.vSwitchIds.map(
        (id, index) =>
          `network.vSwitchIds.${index} | preflight.addresses | vSwitch ${id} has 2 free addresses for the load balancer, which needs 3`,
      ),
    );
  });

  it('P-031: warns of fewer than 8 free addresses', async () => {
    const { spec, seeded } = inNetwork(driver.harness.cloud, { freeAddresses: 8 });
    expect(await warningsOf(spec)).toEqual(
      seeded.vSwitchIds.map(
        (id, index) =>
          `network.vSwitchIds.${index} | vSwitch ${id} has 7 free addresses for the load balancer; 8 are advised`,
      ),
    );
  });

  it('refuses a backend in a zone without a given vSwitch', async () => {
    const { spec } = inNetwork(driver.harness.cloud);
    const backends = [{ name: 'ECS01', family: 'ipv4' as const, page: 'page', zoneId: 'cn-shanghai-l' }];
    expect(await problemsOf({ ...spec, backends })).toEqual([
      'backends.0.zoneId | preflight.zone | no given vSwitch is in zone cn-shanghai-l',
    ]);
  });
});

describe('servers', () => {
  it('refuses an instance type that is out of stock in the zone of a server', async () => {
    driver.harness.cloud.ecs.outOfStock.add('cn-shanghai-g/ecs.g6.large');
    expect(await problemsOf({})).toEqual([
      'instances.instanceType | OperationDenied.NoStock | ecs.g6.large is out of stock in zone cn-shanghai-g',
    ]);
  });

  it('does not ask for stock in a zone without a server', async () => {
    driver.harness.cloud.ecs.outOfStock.add('cn-shanghai-g/ecs.g6.large');
    const backends = [{ name: 'ECS01', family: 'ipv4' as const, page: 'page' }];
    expect(await warningsOf({ backends })).toEqual([]);
  });

  it('refuses an instance type that takes no IPv6 where a server needs it', async () => {
    const instances = { instanceType: 'ecs.n4.small', systemDiskCategory: 'cloud_efficiency' as const };
    expect(await problemsOf({ instances })).toEqual([
      'instances.instanceType | InvalidOperation.Ipv6NotSupport | ecs.n4.small takes no IPv6 address, which a backend of family ipv6 needs',
    ]);
    const backends = [{ name: 'ECS01', family: 'ipv4' as const, page: 'page' }];
    expect(await warningsOf({ instances, backends })).toEqual([]);
  });

  it('refuses a disk that the instance type does not have, with those that it has', async () => {
    const { failure } = await preflight({
      instances: { instanceType: 'ecs.g7.large', systemDiskCategory: 'cloud_ssd' },
    });
    expect(failure?.problems).toMatchObject(
      ['cn-shanghai-e', 'cn-shanghai-g'].map((zone) => ({
        field: 'instances.systemDiskCategory',
        code: 'InvalidSystemDiskCategory.ValueNotSupported',
        message: `ecs.g7.large in zone ${zone} has no cloud_ssd disk in stock`,
        remedy: 'Choose one of cloud_auto, cloud_essd.',
      })),
    );
  });

  it('refuses an image of another architecture than the instance type', async () => {
    expect(await problemsOf({ instances: { instanceType: 'ecs.g8y.large' } })).toEqual([
      'instances.imageFamily | ImageNotSupportInstanceType | images of acs:alibaba_cloud_linux_3_2104_lts_x64 are for x86_64, and ecs.g8y.large is ARM',
    ]);
    const imageFamily = 'acs:alibaba_cloud_linux_3_2104_lts_arm64';
    expect(await warningsOf({ instances: { instanceType: 'ecs.g8y.large', imageFamily } })).toEqual([]);
  });

  it('refuses metadata for holders of a token where the image cannot ask for one', async () => {
    const image = images.find(({ architecture }) => architecture === 'x86_64');
    if (image === undefined) throw new Error('the catalog has no such image');
    onTestFinished(() => void (image.imdsSupport = 'v2'));
    image.imdsSupport = 'v1';
    expect(await warningsOf({})).toEqual([]);
    expect(await problemsOf({ instances: { metadata: { httpTokens: 'required' } } })).toEqual([
      expect.stringMatching(/^instances.metadata.httpTokens \| preflight.image-metadata \| .* \(ImdsSupport v1\)/),
    ]);
  });

  it('refuses an instance type that there is not', async () => {
    expect(await problemsOf({ instances: { instanceType: 'ecs.none.large' } })).toEqual([
      'instances.instanceType | InvalidInstanceType.ValueNotSupported | ecs.none.large is no instance type of this region',
    ]);
  });

  it('names all that is wrong with servers at once', async () => {
    const fields = (await problemsOf({ instances: { instanceType: 'ecs.n4.small', imageFamily: 'acs:none' } })).map(
      (problem) => problem.split(' | ').slice(0, 2).join(' '),
    );
    expect(fields).toEqual([
      'instances.imageFamily preflight.image',
      'instances.instanceType InvalidOperation.Ipv6NotSupport',
      'instances.systemDiskCategory InvalidSystemDiskCategory.ValueNotSupported',
      'instances.systemDiskCategory InvalidSystemDiskCategory.ValueNotSupported',
    ]);
  });

  it('refuses an image family that the region does not have', async () => {
    expect(await problemsOf({ instances: { imageFamily: 'alibaba_cloud_linux_3' } })).toEqual([
      'instances.imageFamily | preflight.image | no available system image is of family alibaba_cloud_linux_3',
    ]);
  });

  it('passes adopted servers whose groups let the load balancer in', async () => {
    const { spec } = seedServers(driver.harness.cloud);
    expect(await warningsOf(spec)).toEqual([guestFirewalls]);
  });

  it('P-048: refuses an adopted server that is not there', async () => {
    const { spec } = seedServers(driver.harness.cloud);
    const backends = [{ name: 'ECS01', family: 'ipv4' as const, instanceId: 'i-none' }];
    expect(await problemsOf({ ...spec, backends })).toEqual([
      'backends.0.instanceId | preflight.instance | instance i-none does not exist in cn-shanghai',
    ]);
  });

  it('says of each adopted server what is wrong with it', async () => {
    const { cloud } = driver.harness;
    const { spec, instanceIds } = seedServers(cloud);
    const [one = '', two = ''] = instanceIds;
    cloud.ecs.stop(one);
    const instance = cloud.ecs.instance(two);
    instance.ipv6Addresses.length = 0;
    for (const group of cloud.ecs.securityGroups.list()) group.rules.length = 0;
    const [v6 = ''] = cloud.vpc.vSwitchesOf(instance.vpcId).map(({ ipv6CidrBlock }) => ipv6CidrBlock);
    const problems = await problemsOf(spec);
    expect(problems.slice(0, 3)).toEqual([
      `backends.0.instanceId | preflight.instance | instance ${one} is Stopped`,
      `backends.0.instanceId | preflight.security-group | the security groups of instance ${one} do not let TCP 80 in from 10.0.1.0/24, 10.0.2.0/24`,
      `backends.1.instanceId | preflight.instance | instance ${two} has no IPv6 address`,
    ]);
    expect(problems[3]).toContain(`do not let TCP 80 in from ${v6}`);
  });

  it('leaves closed groups to the request that lets us open them', async () => {
    const { cloud } = driver.harness;
    const { spec } = seedServers(cloud);
    for (const group of cloud.ecs.securityGroups.list()) group.rules.length = 0;
    expect(await warningsOf({ ...spec, securityGroup: { manageAdopted: true } })).toEqual([guestFirewalls]);
  });

  it('refuses an adopted server of another VPC', async () => {
    const { cloud } = driver.harness;
    const { spec, vpcId, instanceIds } = seedServers(cloud);
    const { seeded } = inNetwork(cloud);
    const network = { vpcId: seeded.vpcId, vSwitchIds: seeded.vSwitchIds };
    const [first] = await problemsOf({ ...spec, network });
    expect(first).toBe(
      `backends.0.instanceId | preflight.instance | instance ${instanceIds[0]} is in VPC ${vpcId}, not in ${seeded.vpcId}`,
    );
  });
});

describe('the listener', () => {
  const https = (change: object = {}) => ({
    listener: { protocol: 'HTTPS' as const, certificateIds: ['1234567-cn-shanghai'], ...change },
  });

  it('passes a certificate and a policy that exist', async () => {
    expect(await warningsOf(https())).toEqual([]);
  });

  it('refuses a TLS policy that there is not, beside a certificate that there is not', async () => {
    const certificateIds = ['1234567-cn-shanghai', '7777777-cn-shanghai'];
    expect(await problemsOf(https({ securityPolicyId: 'tls_cipher_policy_1_3', certificateIds }))).toEqual([
      'listener.securityPolicyId | ResourceNotFound.SecurityPolicy | there is no TLS policy tls_cipher_policy_1_3 in this region',
      'listener.certificateIds.1 | ResourceNotFound.Certificate | certificate 7777777-cn-shanghai is not among the valid certificates of this account',
    ]);
  });

  it('looks for a policy of the account among those of the account', async () => {
    expect(await problemsOf(https({ securityPolicyId: 'spy-one' }))).toHaveLength(1);
    driver.harness.cloud.alb.customPolicies.set('spy-one', { tlsVersions: ['TLSv1.3'], ciphers: [] });
    expect(await warningsOf(https({ securityPolicyId: 'spy-one' }))).toEqual([]);
  });

  it('refuses a certificate that has run out', async () => {
    const { certificates } = driver.harness.cloud.certificates;
    for (const certificate of certificates) certificate.notAfterMs = driver.harness.clock.nowMs() - 1;
    expect(await problemsOf(https())).toHaveLength(1);
  });

  it('warns where the certificates cannot be asked for', async () => {
    driver.harness.cloud.faults.add({ action: 'ListUserCertificateOrder', kind: 'reset-before', times: 0 });
    expect(await warningsOf(https())).toEqual([
      'listener.certificateIds | the certificates could not be checked: cas ListUserCertificateOrder lost its connection (ECONNRESET)',
    ]);
  });

  it('asks for nothing where it speaks HTTP', async () => {
    await preflight({});
    const actions = driver.harness.cloud.wireLog.map(({ action }) => action);
    expect(actions).not.toContain('ListUserCertificateOrder');
    expect(actions).not.toContain('ListSystemSecurityPolicies');
  });
});

describe('the domain', () => {
  it('refuses one that is not in Alibaba Cloud DNS', async () => {
    expect(await problemsOf({ dns: { domain: 'nobodys.example', icpFiled: true } })).toEqual([
      'dns.domain | preflight.domain | nobodys.example is not a domain of this account in Alibaba Cloud DNS',
    ]);
  });

  it('P-092: refuses one whose live delegation leads elsewhere', async () => {
    driver.harness.cloud.dns.domain('example.com').delegatedTo = ['ns1.registrar.example'];
    const [problem, ...more] = await problemsOf({ dns: named() });
    expect(problem).toContain(
      'dns.domain | preflight.delegation | example.com is delegated to ns1.registrar.example, not to',
    );
    expect(more).toEqual([]);
  });

  it.each([
    ['A', '192.0.2.1'],
    ['AAAA', '2001:db8::1'],
    ['CAA', '0 issue "ca.example"'],
    ['SRV', '1 1 80 srv.example.net'],
  ])('refuses a name that has a record of type %s', async (type, value) => {
    addRecord(type, value);
    const [problem, ...more] = await problemsOf({ dns: named() });
    expect(problem).toContain(`dns.rr | DomainRecordConflict | www.example.com has a ${type} record`);
    expect(more).toEqual([]);
  });

  it('refuses a conflicting A record even with replaceExisting', async () => {
    addRecord('A', '192.0.2.1');
    expect(await problemsOf({ dns: { ...named(), replaceExisting: true } })).toHaveLength(1);
  });

  it('takes no offence at a record of another name', async () => {
    addRecord('A', '192.0.2.1', 'www2');
    expect(await warningsOf({ dns: named() })).toEqual([]);
  });

  it('P-086: refuses a name that is somebody else’s CNAME', async () => {
    addRecord('CNAME', 'other.example.net');
    expect(await problemsOf({ dns: named() })).toEqual([
      'dns.rr | preflight.foreign-cname | www.example.com is a CNAME to other.example.net, which is not ours',
    ]);
  });

  it('takes somebody else’s CNAME with replaceExisting', async () => {
    addRecord('CNAME', 'other.example.net');
    expect(await warningsOf({ dns: { ...named(), replaceExisting: true } })).toEqual([]);
  });

  it('refuses a locked CNAME even with replaceExisting', async () => {
    addRecord('CNAME', 'other.example.net');
    for (const record of driver.harness.cloud.dns.records.values()) record.locked = true;
    expect(await problemsOf({ dns: { ...named(), replaceExisting: true } })).toEqual([
      'dns.rr | DomainRecordLocked | the CNAME of www.example.com is locked',
    ]);
  });

  it('P-093: warns of mail at the apex', async () => {
    addRecord('MX', 'mail.example.net', '@');
    expect(await warningsOf({ dns: named('@') })).toEqual([
      'dns.rr | example.com has a MX record: a CNAME at the apex may lose mail or verification',
    ]);
  });

  it('P-090: refuses a TTL below the least of the domain’s edition', async () => {
    expect(await problemsOf({ dns: { ...named(), ttl: 60 } })).toEqual([
      'dns.ttl | preflight.ttl | the edition of example.com allows a TTL of 600 s or more, not 60 s',
    ]);
  });
});

describe('quotas', () => {
  it('refuses a load balancer more than the region may have', async () => {
    const { cloud } = driver.harness;
    const template = { ...inNetwork(cloud) };
    for (let count = 0; count < 60; count += 1)
      cloud.alb.addLoadBalancer({
        id: `alb-${count}`,
        createdAtMs: 0,
        status: { during: 'Active', after: 'Active', atMs: 0 },
        tags: [],
        vpcId: template.seeded.vpcId,
        zones: [],
        networkInterfaceIds: [],
        ipv6Internet: { during: '', after: '', atMs: 0 },
        modificationProtection: { status: 'NonProtection', reason: '' },
      } as unknown as Parameters<typeof cloud.alb.addLoadBalancer>[0]);
    expect(await problemsOf(template.spec)).toEqual([
      'loadBalancer | QuotaExceeded.LoadBalancersNum | the region has 60 load balancers, and 60 are allowed',
    ]);
  });
});

it('tells all problems of a request at once', async () => {
  const { cloud } = driver.harness;
  for (const zone of zones) cloud.ecs.outOfStock.add(`${zone}/*`);
  addRecord('A', '192.0.2.1');
  const { seeded } = inNetwork(cloud, { ipv6Gateway: false, freeAddresses: 2 });
  const network = { vpcId: seeded.vpcId, vSwitchIds: seeded.vSwitchIds };
  const { failure } = await preflight({ network, dns: { ...named(), ttl: 60 } });
  expect(failure?.code).toBe('preflight.problems');
  expect(failure?.problems?.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'network.vpcId preflight.ipv6-gateway',
    'network.vSwitchIds.0 preflight.addresses',
    'network.vSwitchIds.1 preflight.addresses',
    'instances.instanceType OperationDenied.NoStock',
    'instances.instanceType OperationDenied.NoStock',
    'dns.ttl preflight.ttl',
    'dns.rr DomainRecordConflict',
  ]);
  expect(failure?.remedy).toContain('Delete that record or choose another dns.rr.');
});

it('makes a missing permission one problem among the others', async () => {
  const { cloud, config } = driver.harness;
  cloud.credentials.setRolePolicies(`${config.name}-provisioner`, [
    {
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'alidns:DescribeDomainInfo', Resource: '*' },
      ],
    },
  ]);
  cloud.ecs.outOfStock.add('cn-shanghai-e/*');
  const problems = await problemsOf({ dns: named() });
  expect(problems[0]).toContain('OperationDenied.NoStock');
  expect(problems[1]).toMatch(/^dns \| Forbidden\.RAM \| .*alidns:DescribeDomainInfo/);
});

describe('a request that changes', () => {
  const server = (name: string, zoneId: string) => ({ name, family: 'ipv4' as const, page: name, zoneId });
  const first = server('ECS01', 'cn-shanghai-e');

  it('is looked at for the servers that it adds, not for those that are there', async () => {
    const { harness } = driver;
    const { deploymentId, status } = await driver.provision({ backends: [first] });
    expect(status).toBe('ready');
    for (const zone of zones) harness.cloud.ecs.outOfStock.add(`${zone}/*`);
    const path = `/load-balancers/${deploymentId}`;
    const from = harness.cloud.wireLog.length;
    expect((await harness.api('PATCH', path, { backends: [{ ...first, weight: 50 }] })).status).toBe(202);
    await driver.run();
    expect((await harness.record(deploymentId)).status).toBe('ready');
    const asked = harness.cloud.wireLog.slice(from).map(({ action }) => action);
    expect(asked).not.toContain('DescribeAvailableResource');
    expect((await harness.api('PATCH', path, { backends: [first, server('ECS02', 'cn-shanghai-g')] })).status).toBe(
      202,
    );
    await driver.run();
    expect((await harness.record(deploymentId)).failure?.problems).toMatchObject([
      { field: 'instances.instanceType', message: 'ecs.g6.large is out of stock in zone cn-shanghai-g' },
    ]);
  });

  it('is looked at again when it is corrected after a failure', async () => {
    const { harness } = driver;
    const spec = {
      name: 'corrected',
      backends: [first],
      instances: { instanceType: 'ecs.g7.large', systemDiskCategory: 'cloud_ssd' as const },
    };
    const { deploymentId, failure } = await driver.provision(spec);
    expect(failure?.stage).toBe('preflight');
    const retry = async (instances: object) => {
      const response = await harness.api('POST', `/load-balancers/${deploymentId}/retry`, { ...spec, instances });
      expect(response.status, await response.text()).toBe(202);
      await driver.run({ held: ['network'] });
      return (await harness.record(deploymentId)).failure?.problems?.map(({ code }) => code);
    };
    expect(await retry({ instanceType: 'ecs.g8y.large' })).toEqual(['ImageNotSupportInstanceType']);
    expect(await retry({ instanceType: 'ecs.g7.large' })).toBeUndefined();
  });

  it('does not look for certificates that its listener has already', async () => {
    const { harness } = driver;
    const listener = { protocol: 'HTTPS' as const, certificateIds: ['1234567-cn-shanghai'], redirectHttp: false };
    const { deploymentId, status } = await driver.provision({ backends: [first], listener });
    expect(status).toBe('ready');
    for (const one of harness.cloud.certificates.certificates) one.notAfterMs = harness.clock.nowMs() - 1;
    const response = await harness.api('POST', `/load-balancers/${deploymentId}/apply`);
    expect(response.status).toBe(202);
    await driver.run();
    expect((await harness.record(deploymentId)).status).toBe('ready');
  });
});
