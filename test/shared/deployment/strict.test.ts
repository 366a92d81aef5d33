import { describe, expect, it } from 'vitest';
import { parseSpec } from '../../../shared/deployment/spec.ts';

const problemsOf = (body: object): string[] => {
  const result = parseSpec({ name: 'web', ...body });
  return 'problems' in result ? result.problems.map(({ field, message }) => `${field}: ${message}`) : [];
};

const rule = (change: object) => ({ protocol: 'TCP', portRange: '22/22', sourceCidr: '10.0.0.0/8', ...change });
const rules = (...changes: object[]) => ({ securityGroup: { rules: changes.map(rule) } });
const sticky = (cookie: string) => ({ serverGroup: { stickySession: { enabled: true, type: 'Server', cookie } } });
const path = (value: string) => ({ serverGroup: { healthCheck: { path: value } } });
const vSwitches = (...blocks: string[]) => ({
  vSwitches: blocks.map((cidrBlock, index) => ({
    name: `vSwitch${index}`,
    zoneId: `cn-shanghai-${['e', 'g', 'f'][index] ?? 'b'}`,
    cidrBlock,
  })),
});
const network = (cidrBlock: string, ...blocks: string[]) => ({ network: { cidrBlock, ...vSwitches(...blocks) } });
const https = (listener: object, loadBalancer: object = {}) => ({
  listener: { protocol: 'HTTPS', certificateIds: ['1234567-cn-shanghai'], ...listener },
  loadBalancer,
});
const certificates = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}-cn-shanghai`);

describe('what the vendor refuses is refused at once', () => {
  it.each<[string, object, string]>([
    [
      'a cookie with underscores',
      sticky('AUTH_SESSION_ID'),
      'serverGroup.stickySession.cookie: must be 1 to 200 letters and digits',
    ],
    ['a cookie with a hyphen', sticky('session-id'), 'serverGroup.stickySession.cookie: must be'],
    ['a cookie of 201 letters', sticky('a'.repeat(201)), 'serverGroup.stickySession.cookie: must be'],
    ['a path with a space', path('/health check'), 'serverGroup.healthCheck.path: must begin with /'],
    ['a path in other letters', path('/gesund-ä'), 'serverGroup.healthCheck.path: must begin with /'],
    ['a path of 81 characters', path(`/${'a'.repeat(80)}`), 'serverGroup.healthCheck.path: must begin with /'],
    ['a path with braces', path('/{id}'), 'serverGroup.healthCheck.path: must begin with /'],
    ['a path without its slash', path('health'), 'serverGroup.healthCheck.path: must begin with /'],
    [
      'a class of codes twice',
      { serverGroup: { healthCheck: { codes: ['http_2xx', 'http_2xx'] } } },
      'serverGroup.healthCheck.codes: names a class of codes twice',
    ],
    [
      'a source with host bits',
      rules({ sourceCidr: '10.1.2.3/8' }),
      'securityGroup.rules.0.sourceCidr: is not the first address of its block: did you mean 10.0.0.0/8?',
    ],
    [
      'an IPv6 source with host bits',
      rules({ sourceCidr: '2001:DB8::1/32' }),
      'securityGroup.rules.0.sourceCidr: is not the first address of its block: did you mean 2001:db8::/32?',
    ],
    [
      'a source that is one address',
      rules({ sourceCidr: '10.1.2.3' }),
      'securityGroup.rules.0.sourceCidr: is one address, and a block is wanted: did you mean 10.1.2.3/32?',
    ],
    [
      'a source of mapped addresses',
      rules({ sourceCidr: '::ffff:10.0.0.0/104' }),
      'securityGroup.rules.0.sourceCidr: stands for IPv4 addresses, whose packets are IPv4: did you mean 10.0.0.0/8?',
    ],
    [
      'a prefix with a zero in front',
      rules({ sourceCidr: '10.0.0.0/08' }),
      'securityGroup.rules.0.sourceCidr: has a prefix with zeros in front: did you mean 10.0.0.0/8?',
    ],
    [
      'a prefix that is too long',
      rules({ sourceCidr: '10.0.0.0/33' }),
      'securityGroup.rules.0.sourceCidr: must be an IPv4',
    ],
    ['a source that is a name', rules({ sourceCidr: 'any' }), 'securityGroup.rules.0.sourceCidr: must be an IPv4'],
    [
      'ports with a zero in front',
      rules({ portRange: '080/80' }),
      'securityGroup.rules.0.portRange: has zeros in front: did you mean 80/80?',
    ],
    [
      'ports in the wrong order',
      rules({ portRange: '90/80' }),
      'securityGroup.rules.0.portRange: has the higher port first: did you mean 80/90?',
    ],
    ['a port above 65535', rules({ portRange: '80/70000' }), 'securityGroup.rules.0.portRange: has a port above 65535'],
    ['port 0', rules({ portRange: '0/80' }), 'securityGroup.rules.0.portRange: TCP needs ports between 1 and 65535'],
    ['one port alone', rules({ portRange: '80' }), 'securityGroup.rules.0.portRange: must be FROM/TO'],
    [
      'all ports of TCP as -1/-1',
      rules({ portRange: '-1/-1' }),
      'securityGroup.rules.0.portRange: TCP needs ports between',
    ],
    ['half of -1/-1', rules({ portRange: '-1/80' }), 'securityGroup.rules.0.portRange: must be FROM/TO'],
    ...(['GRE', 'ALL', 'ICMP'] as const).map((protocol): [string, object, string] => [
      `ports of ${protocol}`,
      rules({ protocol, portRange: '1/65535' }),
      `securityGroup.rules.0.portRange: ${protocol} has no ports: use -1/-1`,
    ]),
    ['an unknown protocol', rules({ protocol: 'SCTP' }), 'securityGroup.rules.0.protocol: must be TCP, UDP, ICMP'],
    [
      'a vSwitch of /30',
      network('192.168.0.0/16', '192.168.1.0/30', '192.168.2.0/24'),
      'network.vSwitches.0.cidrBlock: has a mask of /30, and a vSwitch takes /16 to /29',
    ],
    [
      'a vSwitch of /15',
      network('10.0.0.0/8', '10.0.0.0/15', '10.2.0.0/16'),
      'network.vSwitches.0.cidrBlock: has a mask of /15, and a vSwitch takes /16 to /29',
    ],
    [
      'a vSwitch outside the VPC',
      network('192.168.0.0/16', '10.0.0.0/24', '192.168.2.0/24'),
      "network.vSwitches.0.cidrBlock: 10.0.0.0/24 does not lie in the VPC's 192.168.0.0/16",
    ],
    [
      'a vSwitch larger than the VPC',
      network('192.168.0.0/24', '192.168.0.0/16', '192.168.0.0/28'),
      "network.vSwitches.0.cidrBlock: 192.168.0.0/16 does not lie in the VPC's 192.168.0.0/24",
    ],
    [
      'vSwitches that overlap',
      network('192.168.0.0/16', '192.168.1.0/24', '192.168.1.128/25'),
      "network.vSwitches.1.cidrBlock: 192.168.1.128/25 overlaps with another vSwitch's 192.168.1.0/24",
    ],
    [
      'a VPC of /12 that is no private block',
      network('11.0.0.0/12', '11.0.0.0/24', '11.0.1.0/24'),
      'network.cidrBlock: has a mask of /12, and a VPC takes /16 to /28',
    ],
    [
      'a VPC of /29',
      network('192.168.1.0/29', '192.168.1.0/29', '192.168.1.0/29'),
      'network.cidrBlock: has a mask of /29, and a VPC takes /16 to /28',
    ],
    [
      'a VPC of shared addresses',
      network('100.64.0.0/16', '100.64.1.0/24', '100.64.2.0/24'),
      'network.cidrBlock: lies in 100.64.0.0/10, which no VPC may use',
    ],
    [
      'a VPC of link-local addresses',
      network('169.254.0.0/16', '169.254.1.0/24', '169.254.2.0/24'),
      'network.cidrBlock: lies in 169.254.0.0/16, which no VPC may use',
    ],
    [
      'a VPC of IPv6',
      network('2001:db8::/32', '192.168.1.0/24', '192.168.2.0/24'),
      'network.cidrBlock: must be an IPv4 block',
    ],
    [
      'a VPC with host bits',
      network('192.168.1.1/16', '192.168.1.0/24', '192.168.2.0/24'),
      'network.cidrBlock: is not the first address of its block: did you mean 192.168.0.0/16?',
    ],
    ['an instance type without its size', { instances: { instanceType: 'ecs.g6' } }, 'instances.instanceType: must be'],
    [
      'an instance type in capitals',
      { instances: { instanceType: 'ECS.g6.large' } },
      'instances.instanceType: must be',
    ],
    ['an image family with a slash', { instances: { imageFamily: 'acs/linux' } }, 'instances.imageFamily: must be'],
    [
      'a disk category that there is not',
      { instances: { systemDiskCategory: 'cloud_essd_pl9' } },
      'instances.systemDiskCategory: must be one of cloud_essd, cloud_auto',
    ],
    [
      'a basic disk above 500 GiB',
      { instances: { systemDiskCategory: 'cloud', systemDiskSizeGib: 501 } },
      'instances.systemDiskSizeGib: a basic disk (cloud) has at most 500 GiB',
    ],
    [
      'a key for a disk that is not encrypted',
      { instances: { systemDiskKmsKeyId: '0e478b7a-4262-4802-b8cb-00d3fb408266' } },
      'instances.systemDiskKmsKeyId: encrypts nothing without instances.systemDiskEncrypted: true',
    ],
    [
      'a key id with a slash',
      { instances: { systemDiskEncrypted: true, systemDiskKmsKeyId: 'alias/acs/ecs' } },
      'instances.systemDiskKmsKeyId: must be the id of a KMS key',
    ],
    [
      'metadata in a mode that there is not',
      { instances: { metadata: { httpTokens: 'hardened' } } },
      'instances.metadata.httpTokens: must be',
    ],
    [
      'an entry-level disk for another family',
      { instances: { systemDiskCategory: 'cloud_essd_entry' } },
      'instances.systemDiskCategory: cloud_essd_entry is for instance types of ecs.u1 and ecs.e only',
    ],
    [
      'a certificate by its bare number',
      https({ certificateIds: ['1234567'] }),
      'listener.certificateIds.0: must be a certificate id with its region',
    ],
    [
      'a certificate of another region',
      https({ certificateIds: ['1234567-cn-beijing'] }),
      'listener.certificateIds.0: is of cn-beijing: a load balancer in cn-shanghai takes 1234567-cn-shanghai or 1234567-cn-hangzhou',
    ],
    [
      'a certificate twice, with two regions',
      https({ certificateIds: ['1234567-cn-shanghai', '1234567-cn-hangzhou'] }),
      'listener.certificateIds: certificate 1234567 is given twice, with two regions',
    ],
    [
      'more rules than a security group takes',
      {
        backends: Array.from({ length: 50 }, (_, index) => ({
          name: `web${index}`,
          family: 'ipv4',
          page: 'p',
          port: 8000 + index,
        })),
      },
      'securityGroup.rules: 0 rules beside 50 ports of backends for 2 vSwitches make 201, and a security group has 200 at most',
    ],
    [
      'eleven more certificates on a Basic load balancer',
      https({ certificateIds: certificates(12) }, { edition: 'Basic' }),
      'listener.certificateIds: a Basic load balancer takes 10 certificates beside the first one by its default quota, not 11',
    ],
    [
      'a TLS policy that is no name of one',
      https({ securityPolicyId: 'TLSv1.3' }),
      'listener.securityPolicyId: must be a system policy such as tls_cipher_policy_1_2',
    ],
    [
      'a TLS policy of the account on a Basic load balancer',
      https({ securityPolicyId: 'spy-one' }, { edition: 'Basic' }),
      'listener.securityPolicyId: a Basic load balancer takes system policies only',
    ],
    ['a region with capitals', { regionId: 'CN-Shanghai' }, 'regionId: must be a region id'],
  ])('%s', (_, body, expected) => {
    expect(problemsOf(body).filter((problem) => problem.startsWith(expected))).toHaveLength(1);
  });
});

describe('what the vendor takes is taken', () => {
  it.each<[string, object]>([
    ['a cookie of 200 letters and digits', sticky('a1'.repeat(100))],
    ['a path with all its characters', path('/a-Z9/.%?#&=_;~!()*[]@$^:\'",+')],
    ['a path of 80 characters', path(`/${'a'.repeat(79)}`)],
    ['the whole of a private block', network('10.0.0.0/8', '10.0.0.0/16', '10.1.0.0/16')],
    ['the smallest vSwitches', network('192.168.1.0/28', '192.168.1.0/29', '192.168.1.8/29')],
    ['public addresses', network('11.0.0.0/16', '11.0.0.0/24', '11.0.1.0/24')],
    ['all ports', rules({ portRange: '1/65535' })],
    ['everything', rules({ protocol: 'ALL', portRange: '-1/-1', sourceCidr: '0.0.0.0/0' })],
    ['one address as a block', rules({ sourceCidr: '10.1.2.3/32' }, { sourceCidr: '2001:db8::1/128' })],
    ['eleven certificates on a Basic load balancer', https({ certificateIds: certificates(11) }, { edition: 'Basic' })],
    ['a TLS policy of the account', https({ securityPolicyId: 'spy-n0kn923' })],
    ['the suffix of the China site', https({ certificateIds: ['1234567-cn-hangzhou'] })],
    [
      'an entry-level disk for its family',
      { instances: { instanceType: 'ecs.e-c1m1.large', systemDiskCategory: 'cloud_essd_entry' } },
    ],
  ])('%s', (_, body) => {
    expect(problemsOf(body)).toEqual([]);
  });

  it('a zone whose letter follows its region without a hyphen', () => {
    const zones = {
      vSwitches: ['a', 'b'].map((letter, index) => ({
        name: `one${index}`,
        zoneId: `ap-southeast-1${letter}`,
        cidrBlock: `192.168.${index}.0/24`,
      })),
    };
    expect(problemsOf({ regionId: 'ap-southeast-1', network: zones })).toEqual([]);
    expect(problemsOf({ regionId: 'ap-southeast-2', network: zones })).toEqual([
      'network.vSwitches.0.zoneId: zone ap-southeast-1a is not in region ap-southeast-2',
      'network.vSwitches.1.zoneId: zone ap-southeast-1b is not in region ap-southeast-2',
    ]);
  });
});

describe('a rule', () => {
  it('is read in the spelling of the cloud', () => {
    const given = rules(
      { protocol: 'tcp', sourceCidr: '2001:DB8:0:0::/64' },
      { protocol: 'icmpV6', portRange: '-1/-1', sourceCidr: '0::0/0' },
    );
    expect(parseSpec({ name: 'web', ...given })).toMatchObject({
      spec: {
        securityGroup: {
          rules: [
            { protocol: 'TCP', sourceCidr: '2001:db8::/64' },
            { protocol: 'ICMPv6', sourceCidr: '::/0' },
          ],
        },
      },
    });
  });

  it('that comes twice in two spellings is read once', () => {
    const twice = rules({ sourceCidr: '2001:db8::/64' }, {}, { protocol: 'tcp', sourceCidr: '2001:DB8:0::/64' });
    expect(parseSpec({ name: 'named', ...twice })).toMatchObject({
      spec: { securityGroup: { rules: [{ sourceCidr: '2001:db8::/64' }, { sourceCidr: '10.0.0.0/8' }] } },
    });
  });

  it('that comes twice with two priorities is refused', () => {
    expect(problemsOf(rules({}, { priority: 2 }))).toEqual([
      'securityGroup.rules.1: is the same rule as securityGroup.rules.0 but for its priority: leave one of them out',
    ]);
  });
});
