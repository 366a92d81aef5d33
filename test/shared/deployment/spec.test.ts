import { describe, expect, it } from 'vitest';
import { cloudConfig } from '../../../functions/instances/cloud-config.ts';
import { parseSpec } from '../../../shared/deployment/spec.ts';

const problems = (body: object) => {
  const result = parseSpec({ name: 'web', ...body });
  return 'problems' in result ? result.problems : [];
};

describe('the request', () => {
  it('takes the values of the tutorial for what is left out', () => {
    const result = parseSpec({ name: 'web' });
    expect(result).toMatchObject({
      spec: {
        regionId: 'cn-shanghai',
        network: { vSwitches: [{ zoneId: 'cn-shanghai-e' }, { zoneId: 'cn-shanghai-g' }] },
        backends: [
          { name: 'ECS01', family: 'ipv4', port: 80, weight: 100, page: 'Hello World ! this is ipv4 rs.' },
          { name: 'ECS02', family: 'ipv6', port: 80, weight: 100, page: 'Hello World ! this is ipv6 rs.' },
        ],
        loadBalancer: { addressType: 'Internet', edition: 'Standard', deletionProtection: false },
        serverGroup: { protocol: 'HTTP', scheduler: 'Wrr', healthCheck: { enabled: true } },
        listener: { protocol: 'HTTP', port: 80 },
        onFailure: 'rollback',
      },
    });
  });

  it('reports every problem at once with its path', () => {
    const found = problems({
      nmae: 'x',
      listener: { protocol: 'HTTP', port: 70_000 },
      backends: [{ name: 'a1', family: 'ipv5', page: 'p' }],
    });
    expect(found.map(({ field }) => field).sort()).toEqual(['backends.0.family', 'listener.port', 'nmae']);
  });

  it('refuses an unknown key inside a union by the name of the key', () => {
    expect(problems({ network: { vpcId: 'vpc-a', vSwitchIds: ['vsw-a', 'vsw-b'], zone: 'x' } })).toEqual([
      { field: 'network.zone', message: 'is not a field of the request' },
    ]);
  });

  it.each([
    [{ vpcId: 'vpc-a' }, ['network.vSwitchIds']],
    [{ vpcId: 'vpc-a', vSwitchIds: 'vsw-a' }, ['network.vSwitchIds']],
    [{ vSwitchIds: ['vsw-a', 'vsw-b'] }, ['network.vpcId']],
    [{ vpcId: 7, vSwitchIds: ['vsw-a', 'vsw-b'], enableIpv6: 'yes' }, ['network.enableIpv6', 'network.vpcId']],
    [{ enableIpv6: true, vpcName: 'VPC1' }, ['network.vSwitchIds', 'network.vpcId', 'network.vpcName']],
    [7, ['network']],
  ])('speaks of an adopted network where %j names one', (network, fields) => {
    expect(
      problems({ network })
        .map(({ field }) => field)
        .toSorted(),
    ).toEqual(fields);
  });

  it('speaks of an adopted server where an instance is named, of its own otherwise', () => {
    const found = problems({ backends: [{ instanceId: 7, page: 'x' }, { name: 'two', family: 'ipv4' }, null] });
    expect(found.map(({ field }) => field).toSorted()).toEqual([
      'backends.0.family',
      'backends.0.instanceId',
      'backends.0.name',
      'backends.0.page',
      'backends.1.page',
      'backends.2',
    ]);
  });

  it.each([
    ['control characters', '\u0001'.repeat(10_000), true],
    ['Chinese', '中'.repeat(9000), false],
    ['many lines', '\n'.repeat(14_000), false],
    ['C1 control characters', '\u0085'.repeat(6000), true],
  ])('refuses a page of %s when it does not fit into user data', (_, page, isRefused) => {
    const one = { name: 'one', family: 'ipv4' as const, port: 8080, weight: 100, page };
    const backends = [one];
    expect(problems({ backends }).map(({ field }) => field)).toEqual(isRefused ? ['backends.0.page'] : []);
    if (!isRefused) expect(Buffer.byteLength(cloudConfig(one))).toBeLessThan(32 * 1024);
  });

  it('refuses a page with half of a surrogate pair', () => {
    const backends = [{ name: 'one', family: 'ipv4' as const, page: 'a\ud800' }];
    expect(problems({ backends })).toEqual([
      {
        field: 'backends.0.page',
        message:
          'holds half of a surrogate pair (U+D800 to U+DFFF), which UTF-8 cannot write: send the whole character (found "a\\ud800")',
      },
    ]);
  });

  it('refuses one zone only', () => {
    const body = { network: { vSwitches: [{ zoneId: 'cn-shanghai-e', cidrBlock: '192.168.1.0/24', name: 'one' }] } };
    expect(problems(body)).toEqual([
      {
        field: 'network.vSwitches',
        message: 'a dual-stack load balancer needs vSwitches in two different zones (found a list of 1)',
      },
    ]);
  });

  it('refuses the same zone twice', () => {
    const one = { zoneId: 'cn-shanghai-e', cidrBlock: '192.168.1.0/24', name: 'one' };
    const found = problems({ network: { vSwitches: [one, { ...one, cidrBlock: '192.168.2.0/24', name: 'two' }] } });
    expect(found).toEqual([{ field: 'network.vSwitches', message: expect.stringContaining('given twice') as string }]);
  });

  it('asks for the ICP filing in a mainland region', () => {
    expect(problems({ dns: { domain: 'example.com' } }).map(({ field }) => field)).toEqual(['dns.icpFiled']);
  });

  it('P-038: refuses ICMP with an IPv6 source', () => {
    const rule = { protocol: 'ICMP', portRange: '-1/-1', sourceCidr: '::/0' };
    expect(problems({ securityGroup: { rules: [rule] } })).toEqual([
      { field: 'securityGroup.rules.0.protocol', message: 'use ICMPv6 with an IPv6 source' },
    ]);
  });

  it.each([['a string'], [null], [[]], [42]])('refuses %j as a body', (body) => {
    expect(parseSpec(body)).toMatchObject({ problems: [{ field: '' }] });
  });
});

describe('ill-formed fields and contradictions between fields', () => {
  const fields = (body: object) => problems(body).map(({ field }) => field);
  const own = (name: string, more: object = {}) => ({ name, family: 'ipv4', page: 'p', ...more });
  const https = (more: object = {}) => ({ protocol: 'HTTPS', certificateIds: ['1234567-cn-shanghai'], ...more });

  it('are reported together', () => {
    const found = fields({
      nmae: 'x',
      regionId: 'cn-shanghai',
      network: {
        cidrBlock: 'none',
        vSwitches: [
          { zoneId: 'cn-shanghai-e', cidrBlock: '192.168.1.0/24', name: '1' },
          { zoneId: 'cn-shanghai-e', cidrBlock: '192.168.2.0/24', name: 'two' },
          { zoneId: 'cn-beijing-a', cidrBlock: '192.168.3.0/24', name: 'three' },
        ],
      },
      securityGroup: {
        rules: [
          { protocol: 'ICMP', portRange: '-1/-1', sourceCidr: '::/0', priority: 101 },
          { protocol: 'TCP', portRange: '90/80', sourceCidr: 'none' },
        ],
      },
      backends: [own('web', { port: 0 }), own('web', { zoneId: 'cn-shanghai-f' }), own('one', { weight: 101 })],
      listener: https({ port: 8443, requestTimeoutSeconds: 0 }),
      dns: { domain: 'NOT A DOMAIN' },
    });
    expect(found.toSorted()).toEqual([
      'backends',
      'backends.0.port',
      'backends.1.zoneId',
      'backends.2.weight',
      'dns.domain',
      'dns.icpFiled',
      'listener.redirectHttp',
      'listener.requestTimeoutSeconds',
      'network.cidrBlock',
      'network.vSwitches',
      'network.vSwitches.0.name',
      'network.vSwitches.2.zoneId',
      'nmae',
      'securityGroup.rules.0.priority',
      'securityGroup.rules.0.protocol',
      'securityGroup.rules.1.portRange',
      'securityGroup.rules.1.sourceCidr',
    ]);
  });

  it('are judged by the values of the tutorial where a part is left out', () => {
    expect(fields({ name: '', backends: [own('one', { zoneId: 'cn-shanghai-f' })] })).toEqual([
      'name',
      'backends.0.zoneId',
    ]);
  });

  it.each<[string, object, string[]]>([
    ['the region', { regionId: 7, dns: { domain: 'example.com' } }, ['regionId']],
    [
      'a zone',
      {
        network: {
          vSwitches: [
            { zoneId: 'E', cidrBlock: '192.168.1.0/24', name: 'one' },
            { zoneId: 'cn-shanghai-g', cidrBlock: '192.168.2.0/24', name: 'two' },
          ],
        },
        backends: [own('one', { zoneId: 'cn-shanghai-e' })],
      },
      ['network.vSwitches.0.zoneId'],
    ],
    ['a weight', { backends: [own('one', { weight: 0 }), own('two', { weight: -1 })] }, ['backends.1.weight']],
    ['the filing', { dns: { domain: 'example.com', icpFiled: 'yes' } }, ['dns.icpFiled']],
    [
      'the protocol of the listener',
      { listener: { protocol: 'TCP', port: 80, redirectHttp: true } },
      ['listener.protocol'],
    ],
    ['the network', { network: 'vpc', backends: [own('one', { zoneId: 'cn-shanghai-f' })] }, ['network']],
  ])('leave out contradictions that hang on %s when that is ill-formed', (_, body, expected) => {
    expect(fields(body)).toEqual(expected);
  });

  it('do not stand in the way of a request that is in order', () => {
    expect(parseSpec({ name: 'web', listener: https(), dns: { domain: 'example.com', icpFiled: true } })).toMatchObject(
      {
        spec: { listener: { port: 443, redirectHttp: true, securityPolicyId: 'tls_cipher_policy_1_2' } },
      },
    );
  });

  it.each<[string, object, string, RegExp]>([
    [
      'an existing instance in a new network',
      { backends: [{ name: 'one', family: 'ipv4', instanceId: 'i-a' }] },
      'backends.0.instanceId',
      /existing network/,
    ],
    [
      'one instance twice on a port',
      {
        network: { vpcId: 'vpc-a', vSwitchIds: ['vsw-a', 'vsw-b'] },
        backends: ['one', 'two'].map((name) => ({ name, family: 'ipv4', instanceId: 'i-a' })),
      },
      'backends',
      /i-a ipv4 80 is given twice/,
    ],
    [
      'a vSwitch twice',
      { network: { vpcId: 'vpc-a', vSwitchIds: ['vsw-a', 'vsw-a'] } },
      'network.vSwitchIds',
      /vsw-a is given twice/,
    ],
    ['no weight at all', { backends: [own('one', { weight: 0 })] }, 'backends', /every weight is 0/],
    [
      'a redirect on its own port',
      { listener: https({ port: 80, redirectHttp: true }) },
      'listener.port',
      /taken by the redirect/,
    ],
    [
      'a certificate twice',
      { listener: https({ certificateIds: ['1-cn-shanghai', '1-cn-shanghai'] }) },
      'listener.certificateIds',
      /1-cn-shanghai is given twice/,
    ],
    [
      'a rewritten cookie without its name',
      { serverGroup: { stickySession: { enabled: true, type: 'Server' } } },
      'serverGroup.stickySession.cookie',
      /name the cookie/,
    ],
    [
      'HTTPS servers behind an HTTP listener',
      { serverGroup: { protocol: 'HTTPS' } },
      'serverGroup.protocol',
      /HTTP listener/,
    ],
    [
      'HTTPS servers behind the redirect',
      { serverGroup: { protocol: 'HTTPS' }, listener: https() },
      'listener.redirectHttp',
      /HTTP listener of the redirect/,
    ],
    [
      'HTTPS servers that are made here',
      { serverGroup: { protocol: 'HTTPS' }, listener: https({ redirectHttp: false }) },
      'serverGroup.protocol',
      /speak HTTP/,
    ],
    [
      'TLS 1.3 on a Basic load balancer',
      {
        loadBalancer: { edition: 'Basic' },
        listener: https({ securityPolicyId: 'tls_cipher_policy_1_2_strict_with_1_3' }),
      },
      'listener.securityPolicyId',
      /Basic/,
    ],
    [
      'ports with ICMPv6',
      { securityGroup: { rules: [{ protocol: 'ICMPv6', portRange: '80/80', sourceCidr: '::/0' }] } },
      'securityGroup.rules.0.portRange',
      /no ports/,
    ],
    [
      'ICMPv6 with an IPv4 source',
      { securityGroup: { rules: [{ protocol: 'ICMPv6', portRange: '-1/-1', sourceCidr: '10.0.0.0/8' }] } },
      'securityGroup.rules.0.protocol',
      /use ICMP with/,
    ],
    [
      'a pattern that a search would go back for',
      { probe: { identifyBy: { by: 'pattern', pattern: '(.)\\1' } } },
      'probe.identifyBy.pattern',
      /regular expression of RE2: invalid escape sequence: `\\1`/,
    ],
  ])('are refused: %s', (_, body, field, message) => {
    const found = problems(body).filter((one) => one.field === field);
    expect(found.map((one) => one.message).join()).toMatch(message);
  });

  it('P-081: are refused: a certificate id without its region', () => {
    expect(problems({ listener: https({ certificateIds: ['1234567'] }) })).toEqual([
      { field: 'listener.certificateIds.0', message: expect.stringContaining('with its region') as string },
    ]);
  });

  it('are refused: a block that does not begin at its first address', () => {
    expect(problems({ network: { cidrBlock: '192.168.5.0/16' } })).toEqual([
      { field: 'network.cidrBlock', message: expect.stringContaining('192.168.0.0/16') as string },
    ]);
  });
});
