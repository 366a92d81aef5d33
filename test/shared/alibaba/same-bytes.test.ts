import albSdk from '@alicloud/alb20200616';
import dnsSdk from '@alicloud/alidns20150109';
import ecsSdk from '@alicloud/ecs20140526';
import { Config } from '@alicloud/openapi-core/dist/utils.js';
import vpcSdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { createAlbClient } from '../../../shared/alibaba/alb-client.ts';
import type { CloudSettings } from '../../../shared/alibaba/call.ts';
import { createDnsClient } from '../../../shared/alibaba/dns-client.ts';
import { createEcsClient } from '../../../shared/alibaba/ecs-client.ts';
import { albProduct, dnsProduct, ecsProduct, type Product, vpcProduct } from '../../../shared/alibaba/products.ts';
import { createVpcClient } from '../../../shared/alibaba/vpc-client.ts';
import { json, type RawCall, rawServer } from './raw-server.ts';

const configOf = (settings: CloudSettings): Config =>
  new Config({
    endpoint: new URL(settings.endpoint ?? '').host,
    protocol: 'http',
    regionId: settings.regionId,
    accessKeyId: settings.credentials.accessKeyId,
    accessKeySecret: settings.credentials.accessKeySecret,
  });

const ids = json(200, {
  RequestId: 'r',
  VpcId: 'i',
  VSwitchId: 'i',
  Ipv6GatewayId: 'i',
  SecurityGroupId: 'i',
  InvokeId: 'i',
  LoadBalancerId: 'i',
  ServerGroupId: 'i',
  ListenerId: 'i',
  RuleId: 'i',
  RecordId: 'i',
  InstanceIdSets: { InstanceIdSet: ['i'] },
});

/** What stays of a request when time, nonce and signature are taken away. */
const lasting = ({ action, method, query, form, headers }: RawCall): object => {
  const { 'x-acs-date': _date, 'x-acs-signature-nonce': _nonce, authorization, ...rest } = headers;
  return { action, method, query, form, headers: rest, signed: /SignedHeaders=[^,]+/.exec(String(authorization))?.[0] };
};

const regionId = 'cn-shanghai';
const tag = [
  { key: 'a', value: '1' },
  { key: 'b', value: 'ü & /' },
];
const tags = { a: '1', b: 'ü & /' };

const pairs: Record<
  string,
  { ours: (settings: CloudSettings) => Promise<unknown>; theirs: (config: Config) => Promise<unknown> }
> = {
  'P-009 P-024: CreateVpc': {
    ours: (settings) =>
      createVpcClient(settings).createVpc({
        name: 'n',
        cidrBlock: '10.0.0.0/8',
        tags,
        clientToken: 't',
        dryRun: false,
      }),
    theirs: (config) =>
      new vpcSdk.default(config).createVpc(
        new vpcSdk.CreateVpcRequest({
          regionId,
          vpcName: 'n',
          cidrBlock: '10.0.0.0/8',
          enableIpv6: true,
          tag,
          clientToken: 't',
          dryRun: false,
        }),
      ),
  },
  'P-028: CreateVSwitch': {
    ours: (settings) =>
      createVpcClient(settings).createVSwitch({
        vpcId: 'v',
        zoneId: 'z',
        cidrBlock: '10.0.0.0/24',
        ipv6SubnetIndex: 0,
        name: 'n',
        tags,
        clientToken: 't',
      }),
    theirs: (config) =>
      new vpcSdk.default(config).createVSwitch(
        new vpcSdk.CreateVSwitchRequest({
          regionId,
          vpcId: 'v',
          zoneId: 'z',
          cidrBlock: '10.0.0.0/24',
          ipv6CidrBlock: 0,
          vSwitchName: 'n',
          tag,
          clientToken: 't',
        }),
      ),
  },
  'P-024: ModifyVSwitchAttribute': {
    ours: (settings) => createVpcClient(settings).enableVSwitchIpv6('vsw', 7),
    theirs: (config) =>
      new vpcSdk.default(config).modifyVSwitchAttribute(
        new vpcSdk.ModifyVSwitchAttributeRequest({ regionId, vSwitchId: 'vsw', enableIPv6: true, ipv6CidrBlock: 7 }),
      ),
  },
  'P-025: DescribeIpv6Gateways': {
    ours: (settings) => createVpcClient(settings).listIpv6Gateways({ tags }),
    theirs: (config) =>
      new vpcSdk.default(config).describeIpv6Gateways(
        new vpcSdk.DescribeIpv6GatewaysRequest({ regionId, tags: tag, pageNumber: 1, pageSize: 50 }),
      ),
  },
  'P-045: RunInstances': {
    ours: (settings) =>
      createEcsClient(settings).runInstances({
        imageFamily: 'f',
        instanceType: 'it',
        vSwitchId: 'vsw',
        securityGroupIds: ['sg-1', 'sg-2'],
        name: 'n',
        ipv6AddressCount: 1,
        userData: '#cloud-config\n',
        systemDisk: { category: 'cloud_essd', sizeGib: 20, encrypted: true, kmsKeyId: '0e478b7a' },
        httpTokens: 'required',
        tags,
        clientToken: 't',
      }),
    theirs: (config) =>
      new ecsSdk.default(config).runInstances(
        new ecsSdk.RunInstancesRequest({
          regionId,
          amount: 1,
          imageFamily: 'f',
          instanceType: 'it',
          vSwitchId: 'vsw',
          securityGroupIds: ['sg-1', 'sg-2'],
          instanceName: 'n',
          ipv6AddressCount: 1,
          userData: Buffer.from('#cloud-config\n').toString('base64'),
          systemDisk: new ecsSdk.RunInstancesRequestSystemDisk({
            category: 'cloud_essd',
            size: '20',
            encrypted: 'true',
            KMSKeyId: '0e478b7a',
          }),
          httpTokens: 'required',
          tag,
          clientToken: 't',
        }),
      ),
  },
  'P-038: AuthorizeSecurityGroup': {
    ours: (settings) =>
      createEcsClient(settings).authorizeSecurityGroup(
        'sg',
        [
          { protocol: 'TCP', portRange: '80/80', sourceCidr: '10.0.0.0/24', description: 'd d' },
          { protocol: 'ICMP', portRange: '-1/-1', sourceCidr: '::/0' },
        ],
        't',
      ),
    theirs: (config) =>
      new ecsSdk.default(config).authorizeSecurityGroup(
        new ecsSdk.AuthorizeSecurityGroupRequest({
          regionId,
          securityGroupId: 'sg',
          permissions: [
            {
              ipProtocol: 'TCP',
              portRange: '80/80',
              sourceCidrIp: '10.0.0.0/24',
              policy: 'accept',
              priority: '1',
              description: 'd d',
            },
            { ipProtocol: 'ICMPv6', portRange: '-1/-1', ipv6SourceCidrIp: '::/0', policy: 'accept', priority: '1' },
          ],
          clientToken: 't',
        }),
      ),
  },
  'P-045: ModifySecurityGroupRule': {
    ours: (settings) => createEcsClient(settings).changeSecurityGroupRule('sg', 'sgr', { priority: 1 }, 't'),
    theirs: (config) =>
      new ecsSdk.default(config).modifySecurityGroupRule(
        new ecsSdk.ModifySecurityGroupRuleRequest({
          regionId,
          securityGroupId: 'sg',
          securityGroupRuleId: 'sgr',
          priority: '1',
          clientToken: 't',
        }),
      ),
  },
  'P-049: DescribeInstances': {
    ours: (settings) => createEcsClient(settings).listInstances({ instanceIds: ['i-1', 'i-2'], tags }),
    theirs: (config) =>
      new ecsSdk.default(config).describeInstances(
        new ecsSdk.DescribeInstancesRequest({ regionId, instanceIds: '["i-1","i-2"]', tag, maxResults: 100 }),
      ),
  },
  'P-051 P-052: RunCommand': {
    ours: (settings) =>
      createEcsClient(settings).runCommand({
        instanceIds: ['i-1'],
        command: 'id',
        timeoutSeconds: 300,
        clientToken: 't',
      }),
    theirs: (config) =>
      new ecsSdk.default(config).runCommand(
        new ecsSdk.RunCommandRequest({
          regionId,
          type: 'RunShellScript',
          commandContent: 'aWQ=',
          contentEncoding: 'Base64',
          instanceId: ['i-1'],
          timeout: 300,
          clientToken: 't',
        }),
      ),
  },
  CreateLoadBalancer: {
    ours: (settings) =>
      createAlbClient(settings).createLoadBalancer({
        name: 'n',
        vpcId: 'v',
        addressType: 'Internet',
        edition: 'Standard',
        zones: [
          { zoneId: 'e', vSwitchId: 'vsw-e' },
          { zoneId: 'g', vSwitchId: 'vsw-g' },
        ],
        deletionProtection: false,
        tags,
        clientToken: 't',
      }),
    theirs: (config) =>
      new albSdk.default(config).createLoadBalancer(
        new albSdk.CreateLoadBalancerRequest({
          loadBalancerName: 'n',
          vpcId: 'v',
          addressType: 'Internet',
          addressIpVersion: 'DualStack',
          loadBalancerEdition: 'Standard',
          loadBalancerBillingConfig: new albSdk.CreateLoadBalancerRequestLoadBalancerBillingConfig({
            payType: 'PostPay',
          }),
          zoneMappings: [
            { zoneId: 'e', vSwitchId: 'vsw-e' },
            { zoneId: 'g', vSwitchId: 'vsw-g' },
          ],
          deletionProtectionEnabled: false,
          tag,
          clientToken: 't',
        }),
      ),
  },
  'P-019: EnableLoadBalancerIpv6Internet': {
    ours: (settings) => createAlbClient(settings).enableIpv6Internet('alb', 't'),
    theirs: (config) =>
      new albSdk.default(config).enableLoadBalancerIpv6Internet(
        new albSdk.EnableLoadBalancerIpv6InternetRequest({ loadBalancerId: 'alb', clientToken: 't' }),
      ),
  },
  'P-017: AddServersToServerGroup': {
    ours: (settings) =>
      createAlbClient(settings).addServers(
        'sgp',
        [{ serverId: 'i', serverIp: '2408::1', port: 80, weight: 100, description: 'ours ü' }],
        't',
      ),
    theirs: (config) =>
      new albSdk.default(config).addServersToServerGroup(
        new albSdk.AddServersToServerGroupRequest({
          serverGroupId: 'sgp',
          servers: [
            { serverType: 'Ecs', serverId: 'i', serverIp: '2408::1', port: 80, weight: 100, description: 'ours ü' },
          ],
          clientToken: 't',
        }),
      ),
  },
  'P-017: UpdateServerGroupServersAttribute': {
    ours: (settings) =>
      createAlbClient(settings).updateServers(
        'sgp',
        [{ serverId: 'i', serverIp: '10.0.0.1', port: 80, weight: 0 }],
        't',
      ),
    theirs: (config) =>
      new albSdk.default(config).updateServerGroupServersAttribute(
        new albSdk.UpdateServerGroupServersAttributeRequest({
          serverGroupId: 'sgp',
          servers: [{ serverType: 'Ecs', serverId: 'i', serverIp: '10.0.0.1', port: 80, weight: 0 }],
          clientToken: 't',
        }),
      ),
  },
  'P-017: RemoveServersFromServerGroup': {
    ours: (settings) =>
      createAlbClient(settings).removeServers('sgp', [{ serverId: 'i', serverIp: '10.0.0.1', port: 80 }], 't'),
    theirs: (config) =>
      new albSdk.default(config).removeServersFromServerGroup(
        new albSdk.RemoveServersFromServerGroupRequest({
          serverGroupId: 'sgp',
          servers: [{ serverType: 'Ecs', serverId: 'i', serverIp: '10.0.0.1', port: 80 }],
          clientToken: 't',
        }),
      ),
  },
  CreateListener: {
    ours: (settings) =>
      createAlbClient(settings).createListener({
        loadBalancerId: 'alb',
        protocol: 'HTTPS',
        port: 443,
        serverGroupId: 'sgp',
        description: 'dd',
        certificateId: '1-cn-hangzhou',
        securityPolicyId: 'tls_cipher_policy_1_2',
        requestTimeoutSeconds: 60,
        tags,
        clientToken: 't',
      }),
    theirs: (config) =>
      new albSdk.default(config).createListener(
        new albSdk.CreateListenerRequest({
          loadBalancerId: 'alb',
          listenerProtocol: 'HTTPS',
          listenerPort: 443,
          defaultActions: [
            new albSdk.CreateListenerRequestDefaultActions({
              type: 'ForwardGroup',
              forwardGroupConfig: new albSdk.CreateListenerRequestDefaultActionsForwardGroupConfig({
                serverGroupTuples: [{ serverGroupId: 'sgp' }],
              }),
            }),
          ],
          listenerDescription: 'dd',
          certificates: [{ certificateId: '1-cn-hangzhou' }],
          securityPolicyId: 'tls_cipher_policy_1_2',
          requestTimeout: 60,
          tag,
          clientToken: 't',
        }),
      ),
  },
  'P-082: AssociateAdditionalCertificatesWithListener': {
    ours: (settings) => createAlbClient(settings).associateCertificates('lsn', ['1-cn-hangzhou', '2-cn-hangzhou'], 't'),
    theirs: (config) =>
      new albSdk.default(config).associateAdditionalCertificatesWithListener(
        new albSdk.AssociateAdditionalCertificatesWithListenerRequest({
          listenerId: 'lsn',
          certificates: [{ certificateId: '1-cn-hangzhou' }, { certificateId: '2-cn-hangzhou' }],
          clientToken: 't',
        }),
      ),
  },
  ListListenerCertificates: {
    ours: (settings) => createAlbClient(settings).listCertificates('lsn'),
    theirs: (config) =>
      new albSdk.default(config).listListenerCertificates(
        new albSdk.ListListenerCertificatesRequest({ listenerId: 'lsn', maxResults: 100 }),
      ),
  },
  'P-077: CreateRule': {
    ours: (settings) =>
      createAlbClient(settings).createRedirectRule({
        listenerId: 'lsn',
        name: 'n',
        priority: 1,
        tags,
        clientToken: 't',
      }),
    theirs: (config) =>
      new albSdk.default(config).createRule(
        new albSdk.CreateRuleRequest({
          listenerId: 'lsn',
          ruleName: 'n',
          priority: 1,
          ruleConditions: [{ type: 'Path', pathConfig: { values: ['/*'] } }],
          ruleActions: [
            {
              type: 'Redirect',
              order: 1,
              redirectConfig: {
                protocol: 'HTTPS',
                port: '443',
                host: '${host}',
                path: '${path}',
                query: '${query}',
                httpCode: '301',
              },
            },
          ],
          tag,
          clientToken: 't',
        }),
      ),
  },
  UpdateRuleAttribute: {
    ours: (settings) => createAlbClient(settings).updateRedirectRule('rule', 1, 't'),
    theirs: (config) =>
      new albSdk.default(config).updateRuleAttribute(
        new albSdk.UpdateRuleAttributeRequest({
          ruleId: 'rule',
          priority: 1,
          ruleConditions: [{ type: 'Path', pathConfig: { values: ['/*'] } }],
          ruleActions: [
            {
              type: 'Redirect',
              order: 1,
              redirectConfig: {
                protocol: 'HTTPS',
                port: '443',
                host: '${host}',
                path: '${path}',
                query: '${query}',
                httpCode: '301',
              },
            },
          ],
          clientToken: 't',
        }),
      ),
  },
  'P-089: AddDomainRecord': {
    ours: (settings) =>
      createDnsClient(settings).addRecord({
        domainName: 'example.com',
        rr: '@',
        type: 'CNAME',
        value: 'x.y',
        ttl: 600,
      }),
    theirs: (config) =>
      new dnsSdk.default(config).addDomainRecord(
        new dnsSdk.AddDomainRecordRequest({
          domainName: 'example.com',
          RR: '@',
          type: 'CNAME',
          value: 'x.y',
          TTL: 600,
          line: 'default',
        }),
      ),
  },
  SetDomainRecordStatus: {
    ours: (settings) => createDnsClient(settings).setStatus('9', 'Enable'),
    theirs: (config) =>
      new dnsSdk.default(config).setDomainRecordStatus(
        new dnsSdk.SetDomainRecordStatusRequest({ recordId: '9', status: 'Enable' }),
      ),
  },
  'P-023: TagResources of VPC': {
    ours: (settings) => createVpcClient(settings).tagResource('VSWITCH', 'vsw', tags),
    theirs: (config) =>
      new vpcSdk.default(config).tagResources(
        new vpcSdk.TagResourcesRequest({ regionId, resourceType: 'VSWITCH', resourceId: ['vsw'], tag }),
      ),
  },
  'P-023: TagResources of ECS': {
    ours: (settings) => createEcsClient(settings).tagResource('instance', 'i', tags),
    theirs: (config) =>
      new ecsSdk.default(config).tagResources(
        new ecsSdk.TagResourcesRequest({ regionId, resourceType: 'instance', resourceId: ['i'], tag }),
      ),
  },
  'P-016: TagResources of ALB': {
    ours: (settings) => createAlbClient(settings).tagResource('loadbalancer', 'alb', tags),
    theirs: (config) =>
      new albSdk.default(config).tagResources(
        new albSdk.TagResourcesRequest({ resourceType: 'loadbalancer', resourceId: ['alb'], tag }),
      ),
  },
};

describe("the requests of the narrow clients are those of the vendor's typed clients", () => {
  it.each(Object.entries(pairs))('%s', async (_, { ours, theirs }) => {
    const { settings, calls } = await rawServer(ids);
    await theirs(configOf(settings));
    await ours(settings);
    expect(calls).toHaveLength(2);
    expect(lasting(calls[1] as RawCall)).toEqual(lasting(calls[0] as RawCall));
  });
});

describe("the endpoints are those of the vendor's typed clients", () => {
  const typed: [Product, (config: Config) => { _endpoint: string }][] = [
    [vpcProduct, (config) => new vpcSdk.default(config)],
    [ecsProduct, (config) => new ecsSdk.default(config)],
    [albProduct, (config) => new albSdk.default(config)],
    [dnsProduct, (config) => new dnsSdk.default(config)],
  ];
  const regions = [
    'cn-shanghai',
    'cn-hangzhou',
    'cn-hongkong',
    'ap-southeast-1',
    'cn-shanghai-finance-1',
    'cn-north-2-gov-1',
  ];
  it.each(typed)('P-010: of $name', (product, create) => {
    for (const region of regions) {
      const config = new Config({ regionId: region, accessKeyId: 'a', accessKeySecret: 'b' });
      const { _endpoint: host } = create(config);
      expect(product.host(region)).toBe(host);
    }
  });
});
