import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PolicyDocument, type Statement } from '../../../local/authorization/policy.ts';
import { EmbeddedCloud } from '../../../local/cloud.ts';
import { seedExisting } from '../../../local/seed-existing.ts';
import { VirtualClock } from '../../../shared/clock.ts';
import { genericClient } from '../../support/rpc-call.ts';

const versions: Record<string, string> = {
  vpc: '2016-04-28',
  ecs: '2014-05-26',
  alb: '2020-06-16',
  alidns: '2015-01-09',
  ram: '2015-05-01',
  resourcemanager: '2020-03-31',
  'yundun-cert': '2020-04-07',
  quotas: '2020-05-10',
  eventbridge: '2020-04-01',
};

const regionId = 'cn-shanghai';
let cloud: EmbeddedCloud;
const ids: Record<string, string> = {};

beforeAll(async () => {
  cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()), throttles: false, latency: 'none' });
  await cloud.start();
  seedExisting(cloud, {
    vpcId: 'vpc-own',
    vSwitches: [
      { vSwitchId: 'vsw-own', zoneId: 'cn-shanghai-e' },
      { vSwitchId: 'vsw-own-g', zoneId: 'cn-shanghai-g' },
    ],
    instances: [
      { instanceId: 'i-own', name: 'own', ipv6: true },
      { instanceId: 'i-foreign', name: 'foreign', ipv6: true },
    ],
  });
  for (const id of ['i-own', 'i-foreign']) {
    const instance = cloud.ecs.instances.find(id);
    if (instance !== undefined) instance.tags = [{ key: 'owner', value: id.slice(2) }];
  }
  const root = (product: string) => genericClient(cloud.url, cloud.context, versions[product] ?? '');
  await root('resourcemanager')('CreateServiceLinkedRole', { ServiceName: 'alb.aliyuncs.com' });
  for (const name of ['own', 'foreign']) {
    const balancer = await root('alb')<{ LoadBalancerId: string }>('CreateLoadBalancer', {
      VpcId: 'vpc-own',
      AddressType: 'Intranet',
      LoadBalancerEdition: 'Basic',
      'LoadBalancerBillingConfig.PayType': 'PostPay',
      'ZoneMappings.1.ZoneId': 'cn-shanghai-e',
      'ZoneMappings.1.VSwitchId': 'vsw-own',
      'ZoneMappings.2.ZoneId': 'cn-shanghai-g',
      'ZoneMappings.2.VSwitchId': 'vsw-own-g',
      'Tag.1.Key': 'owner',
      'Tag.1.Value': name,
    });
    const group = await root('alb')<{ ServerGroupId: string }>('CreateServerGroup', {
      ServerGroupName: name,
      VpcId: 'vpc-own',
      'HealthCheckConfig.HealthCheckEnabled': 'false',
    });
    const listener = await root('alb')<{ ListenerId: string }>('CreateListener', {
      LoadBalancerId: balancer.LoadBalancerId,
      ListenerProtocol: 'HTTP',
      ListenerPort: '80',
      'DefaultActions.1.Type': 'ForwardGroup',
      'DefaultActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': group.ServerGroupId,
    });
    const record = await root('alidns')<{ RecordId: string }>('AddDomainRecord', {
      DomainName: name === 'own' ? 'example.com' : 'example.net',
      RR: 'www',
      Type: 'A',
      Value: '192.0.2.1',
    });
    Object.assign(ids, {
      [`lb-${name}`]: balancer.LoadBalancerId,
      [`group-${name}`]: group.ServerGroupId,
      [`listener-${name}`]: listener.ListenerId,
      [`record-${name}`]: record.RecordId,
    });
  }
});
afterAll(() => cloud.close());

/** Ids that are known only at run time stand in the tables as `<lb-own>`. */
const filled = (text: string): string => text.replaceAll(/<([\w-]+)>/g, (_all, name: string) => ids[name] ?? name);

type Outcome = 'served' | 'refused';

/** Says how a role with the statements fares with a call. `served` is also any refusal but for want of permission. */
async function outcome(
  statements: Statement[],
  product: string,
  action: string,
  params: Record<string, string>,
): Promise<{ outcome: Outcome; message: string }> {
  const document: PolicyDocument = JSON.parse(filled(JSON.stringify({ Version: '1', Statement: statements }))) as never;
  cloud.credentials.setRolePolicies('narrow', [document]);
  const call = genericClient(cloud.url, cloud.context, versions[product] ?? '', cloud.credentials.issue('narrow', 'f'));
  const query = Object.fromEntries(Object.entries({ RegionId: regionId, ...params }).map(([k, v]) => [k, filled(v)]));
  try {
    await call(action, query);
    return { outcome: 'served', message: '' };
  } catch (error) {
    const { code = '', message = '' } = error as { code?: string; message?: string };
    const isRefusal = ['Forbidden.RAM', 'NoPermission', 'AccessDenied', 'RAM.PERMISSION.DENIED'].includes(code);
    return { outcome: isRefusal ? 'refused' : 'served', message };
  }
}

type Row = [action: string, params: Record<string, string>, own: string | string[], foreign: string | string[]];

/** Each row: the resource that the call needs, then one of the same kind that does not help. */
const rows: Row[] = [
  ['vpc:CreateVpc', {}, 'acs:vpc:*:*:vpc/*', 'acs:vpc:*:*:vpc/vpc-own'],
  ['vpc:DescribeVpcs', {}, 'acs:vpc:*:*:vpc/*', 'acs:vpc:*:*:vpc/vpc-own'],
  ['vpc:DescribeVpcs', { VpcId: 'vpc-own' }, 'acs:vpc:*:*:vpc/vpc-own', 'acs:vpc:*:*:vpc/vpc-foreign'],
  ['vpc:DescribeVpcs', { VpcId: 'vpc-own,vpc-foreign' }, 'acs:vpc:*:*:vpc/vpc-*', 'acs:vpc:*:*:vpc/vpc-own'],
  [
    'vpc:DescribeVpcAttribute',
    { VpcId: 'vpc-own' },
    'acs:vpc:cn-shanghai:*:vpc/vpc-own',
    'acs:vpc:cn-hangzhou:*:vpc/*',
  ],
  [
    'vpc:CreateVSwitch',
    { VpcId: 'vpc-own', ZoneId: 'cn-shanghai-f', CidrBlock: '10.9.0.0/24' },
    ['acs:vpc:*:*:vswitch/*', 'acs:vpc:*:*:vpc/vpc-own'],
    ['acs:vpc:*:*:vswitch/*', 'acs:vpc:*:*:vpc/vpc-foreign'],
  ],
  ['vpc:DeleteVSwitch', { VSwitchId: 'vsw-own' }, 'acs:vpc:*:*:vswitch/vsw-own', 'acs:vpc:*:*:vswitch/vsw-foreign'],
  [
    'vpc:CreateIpv6Gateway',
    { VpcId: 'vpc-own' },
    ['acs:vpc:*:*:ipv6gateway/*', 'acs:vpc:*:*:vpc/vpc-own'],
    ['acs:vpc:*:*:ipv6gateway/*', 'acs:vpc:*:*:vpc/vpc-foreign'],
  ],
  [
    'vpc:TagResources',
    { ResourceType: 'VSWITCH', 'ResourceId.1': 'vsw-own', 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' },
    'acs:vpc:*:*:vswitch/vsw-own',
    'acs:vpc:*:*:vpc/*',
  ],
  ['ecs:RunInstances', {}, '*', 'acs:ecs:*:*:*'],
  ['ecs:AuthorizeSecurityGroup', { SecurityGroupId: 'sg-own' }, '*', 'acs:ecs:*:*:securitygroup/sg-own'],
  [
    'ecs:RevokeSecurityGroup',
    { SecurityGroupId: 'sg-own' },
    'acs:ecs:*:*:securitygroup/sg-own',
    'acs:ecs:*:*:securitygroup/sg-foreign',
  ],
  [
    'ecs:CreateSecurityGroup',
    { VpcId: 'vpc-own' },
    ['acs:ecs:*:*:securitygroup/*', 'acs:vpc:*:*:vpc/vpc-own'],
    ['acs:ecs:*:*:securitygroup/*', 'acs:ecs:*:*:vpc/vpc-own'],
  ],
  ['ecs:DescribeInstances', {}, 'acs:ecs:*:*:instance/*', 'acs:ecs:*:*:instance/i-own'],
  [
    'ecs:DescribeInstances',
    { InstanceIds: '["i-own","i-foreign"]' },
    ['acs:ecs:*:*:instance/i-own', 'acs:ecs:*:*:instance/i-foreign'],
    'acs:ecs:*:*:instance/i-own',
  ],
  [
    'ecs:RunCommand',
    { Type: 'RunShellScript', CommandContent: 'ip -6 addr', 'InstanceId.1': 'i-own' },
    'acs:ecs:*:*:instance/i-own',
    'acs:ecs:*:*:instance/i-foreign',
  ],
  [
    'ecs:RunCommand',
    { Type: 'RunShellScript', CommandContent: 'ip -6 addr', 'InstanceId.1': 'i-own', 'InstanceId.2': 'i-foreign' },
    'acs:ecs:*:*:instance/i-*',
    'acs:ecs:*:*:instance/i-own',
  ],
  [
    'ecs:DeleteInstances',
    { 'InstanceId.1': 'i-foreign', DryRun: 'true' },
    'acs:ecs:*:*:instance/i-foreign',
    'acs:ecs:*:*:instance/i-own',
  ],
  ['alb:CreateLoadBalancer', {}, 'acs:alb:*:*:loadbalancer/*', 'acs:alb:*:*:loadbalancer/<lb-own>'],
  [
    'alb:GetLoadBalancerAttribute',
    { LoadBalancerId: '<lb-own>' },
    'acs:alb:*:*:loadbalancer/<lb-own>',
    'acs:alb:*:*:loadbalancer/<lb-foreign>',
  ],
  [
    'alb:GetListenerAttribute',
    { ListenerId: '<listener-own>' },
    'acs:alb:*:*:loadbalancer/<lb-own>',
    'acs:alb:*:*:loadbalancer/<lb-foreign>',
  ],
  [
    'alb:EnableDeletionProtection',
    { ResourceId: '<lb-own>' },
    'acs:alb:*:*:loadbalancer/<lb-own>',
    'acs:alb:*:*:loadbalancer/<lb-foreign>',
  ],
  [
    'alb:CreateRule',
    {
      ListenerId: '<listener-own>',
      'RuleActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': '<group-own>',
    },
    ['acs:alb:*:*:loadbalancer/<lb-own>', 'acs:alb:*:*:servergroup/<group-own>'],
    ['acs:alb:*:*:loadbalancer/<lb-own>', 'acs:alb:*:*:servergroup/<group-foreign>'],
  ],
  [
    'alb:AddServersToServerGroup',
    {
      ServerGroupId: '<group-own>',
      'Servers.1.ServerType': 'Ecs',
      'Servers.1.ServerId': 'i-own',
      'Servers.1.Port': '80',
    },
    ['acs:alb:*:*:servergroup/<group-own>', 'acs:alb:*:*:ecs/i-own'],
    ['acs:alb:*:*:servergroup/<group-foreign>', 'acs:alb:*:*:ecs/i-own'],
  ],
  ['alb:ListServerGroups', {}, 'acs:alb:*:*:servergroup/*', 'acs:alb:*:*:servergroup/<group-own>'],
  ['alb:DescribeZones', {}, '*', 'acs:alb:*:*:*'],
  [
    'alidns:AddDomainRecord',
    { DomainName: 'Example.COM', RR: 'a', Type: 'A', Value: '192.0.2.1' },
    'acs:alidns:*:*:domain/example.com',
    'acs:alidns:*:*:domain/example.net',
  ],
  [
    'alidns:DescribeDomainRecordInfo',
    { RecordId: '<record-own>' },
    'acs:alidns:*:*:domain/example.com',
    'acs:alidns:*:*:domain/example.net',
  ],
  [
    'alidns:DescribeSubDomainRecords',
    { SubDomain: 'www.example.com' },
    'acs:alidns::*:domain/example.com',
    'acs:alidns:*:*:domain/example.net',
  ],
  ['ram:GetRole', { RoleName: 'Mine-Api' }, 'acs:ram:*:*:role/mine-*', 'acs:ram:*:*:role/yours-*'],
  [
    'ram:AttachPolicyToRole',
    { PolicyType: 'System', PolicyName: 'AdministratorAccess', RoleName: 'mine-api' },
    ['acs:ram:*:system:policy/AdministratorAccess', 'acs:ram:*:*:role/mine-*'],
    ['acs:ram:*:1234567890123456:policy/*', 'acs:ram:*:*:role/mine-*'],
  ],
  [
    'ram:AttachPolicyToRole',
    { PolicyType: 'Custom', PolicyName: 'mine-api', RoleName: 'mine-api' },
    ['acs:ram:*:*:policy/mine-*', 'acs:ram:*:*:role/mine-*'],
    ['acs:ram:*:*:policy/mine-*', 'acs:ram:*:*:role/yours-*'],
  ],
  ['quotas:ListProductQuotas', { ProductCode: 'eventbridge' }, '*', 'acs:quotas:*:*:*'],
  ['eventbridge:ListEventStreamings', {}, '*', 'acs:eventbridge:*:*:*'],
  ['yundun-cert:ListUserCertificateOrder', {}, '*', 'acs:yundun-cert:*:*:*'],
];

describe('over the wire, with the official client', () => {
  it.each(rows)('%s %j is granted on %j, not on %j', async (action, params, own, foreign) => {
    const [product = '', name = ''] = action.split(':');
    const on = (resource: string | string[]): Statement[] => [{ Effect: 'Allow', Action: action, Resource: resource }];
    // First without the right: the other way round a call that succeeds might change what the second one finds.
    const refused = await outcome(on(foreign), product, name, params);
    expect(refused.outcome).toBe('refused');
    expect(refused.message).toContain(`(${action}) on `);
    expect((await outcome(on(own), product, name, params)).outcome).toBe('served');
  });

  it('names the resource that was refused, as the vendor prints it', async () => {
    const { message } = await outcome([], 'ram', 'GetRole', { RoleName: 'Mine-Api' });
    expect(message).toContain(`(ram:GetRole) on acs:ram:*:${cloud.credentials.accountId}:role/Mine-Api`);
  });
});

describe('conditions over the wire', () => {
  const run = { Type: 'RunShellScript', CommandContent: 'ip -6 addr' };
  const commands = (condition: Statement['Condition']): Statement[] => [
    {
      Effect: 'Allow',
      Action: 'ecs:RunCommand',
      Resource: '*',
      ...(condition === undefined ? {} : { Condition: condition }),
    },
  ];
  const commandOn = async (condition: Statement['Condition'], ...instances: string[]): Promise<Outcome> => {
    const named = Object.fromEntries(instances.map((id, index) => [`InstanceId.${index + 1}`, id]));
    return (await outcome(commands(condition), 'ecs', 'RunCommand', { ...run, ...named })).outcome;
  };

  it('commands run on instances with the tag alone', async () => {
    const tagged = { StringEquals: { 'acs:ResourceTag/owner': 'own' } };
    expect(await commandOn(tagged, 'i-own')).toBe('served');
    expect(await commandOn(tagged, 'i-foreign')).toBe('refused');
    expect(await commandOn(tagged, 'i-own', 'i-foreign')).toBe('refused');
    expect(await commandOn(tagged, 'i-absent')).toBe('refused');
  });

  it('a load balancer is judged by its tags through its listener too', async () => {
    const statements: Statement[] = [
      {
        Effect: 'Allow',
        Action: 'alb:*',
        Resource: '*',
        Condition: { StringEquals: { 'acs:ResourceTag/owner': ['own'] } },
      },
    ];
    const read = (id: string) => outcome(statements, 'alb', 'GetListenerAttribute', { ListenerId: id });
    expect((await read('<listener-own>')).outcome).toBe('served');
    expect((await read('<listener-foreign>')).outcome).toBe('refused');
  });

  it('a create is judged by the tags that it carries', async () => {
    const statements: Statement[] = [
      {
        Effect: 'Allow',
        Action: 'vpc:CreateVpc',
        Resource: '*',
        Condition: { StringEquals: { 'acs:RequestTag/owner': 'own' } },
      },
    ];
    const create = async (value: string) =>
      (await outcome(statements, 'vpc', 'CreateVpc', { 'Tag.1.Key': 'owner', 'Tag.1.Value': value })).outcome;
    expect(await create('own')).toBe('served');
    expect(await create('foreign')).toBe('refused');
    expect((await outcome(statements, 'vpc', 'CreateVpc', {})).outcome).toBe('refused');
  });

  it.each<[condition: Statement['Condition'], outcome: Outcome]>([
    [{ IpAddress: { 'acs:SourceIp': ['127.0.0.0/8', '::1'] } }, 'served'],
    [{ IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } }, 'refused'],
    [{ Bool: { 'acs:SecureTransport': 'true' } }, 'refused'],
    [{ Bool: { 'acs:MFAPresent': 'false' } }, 'served'],
    [{ DateLessThan: { 'acs:CurrentTime': '2000-01-01T00:00:00Z' } }, 'refused'],
    [{ DateGreaterThan: { 'acs:CurrentTime': '2000-01-01T00:00:00Z' } }, 'served'],
  ])('%j: %s', async (condition, expected) => {
    expect(await commandOn(condition, 'i-own')).toBe(expected);
  });

  it('an instance gets a role that may be passed alone', async () => {
    const launch = async (...statements: Statement[]) =>
      await outcome(
        [{ Effect: 'Allow', Action: 'ecs:RunInstances', Resource: '*' }, ...statements],
        'ecs',
        'RunInstances',
        {
          RamRoleName: 'mine-web',
        },
      );
    const passing = (resource: string, service: string): Statement => ({
      Effect: 'Allow',
      Action: 'ram:PassRole',
      Resource: resource,
      Condition: { StringEquals: { 'acs:Service': service } },
    });
    expect((await launch()).message).toContain(
      `(ram:PassRole) on acs:ram:*:${cloud.credentials.accountId}:role/mine-web`,
    );
    expect((await launch(passing('acs:ram:*:*:role/yours-*', 'ecs.aliyuncs.com'))).outcome).toBe('refused');
    expect((await launch(passing('acs:ram:*:*:role/mine-*', 'fc.aliyuncs.com'))).outcome).toBe('refused');
    expect((await launch(passing('acs:ram:*:*:role/mine-*', 'ecs.aliyuncs.com'))).outcome).toBe('served');
  });

  it.each<[action: string, params: Record<string, string>, key: string, value: string]>([
    ['alb:CreateLoadBalancer', { AddressType: 'Intranet' }, 'alb:AddressType', 'Intranet'],
    ['ecs:RunInstances', { InstanceType: 'ecs.g7.large' }, 'ecs:InstanceType', 'ecs.g7.*'],
    ['ecs:RunCommand', { 'InstanceId.1': 'i-own' }, 'ecs:CommandRunAs', 'root'],
    ['ecs:RunCommand', { 'InstanceId.1': 'i-own', Username: 'web' }, 'ecs:CommandRunAs', 'web'],
  ])('%s %j has %s of %s', async (action, params, key, value) => {
    const [product = '', name = ''] = action.split(':');
    const on = (wanted: string): Statement[] => [
      { Effect: 'Allow', Action: action, Resource: '*', Condition: { StringLike: { [key]: wanted } } },
    ];
    expect((await outcome(on(`no-${value}`), product, name, params)).outcome).toBe('refused');
    expect((await outcome(on(value), product, name, params)).outcome).toBe('served');
  });

  it('a service-linked role is made for the service that the condition names', async () => {
    const statements: Statement[] = [
      {
        Effect: 'Allow',
        Action: 'ram:CreateServiceLinkedRole',
        Resource: '*',
        Condition: { StringEquals: { 'ram:ServiceName': 'alb.aliyuncs.com' } },
      },
    ];
    const make = async (service: string) =>
      (await outcome(statements, 'resourcemanager', 'CreateServiceLinkedRole', { ServiceName: service })).outcome;
    expect(await make('alb.aliyuncs.com')).toBe('served');
    expect(await make('fc.aliyuncs.com')).toBe('refused');
  });
});
