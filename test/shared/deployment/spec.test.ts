import { describe, expect, it } from 'vitest';
import { parseSpec } from '../../../shared/deployment/spec.ts';

const problems = (body: unknown) => {
  const result = parseSpec(body);
  return 'problems' in result ? result.problems : [];
};

describe('the request', () => {
  it('takes the values of the tutorial for what is left out', () => {
    const result = parseSpec({});
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

  it('refuses one zone only', () => {
    const body = { network: { vSwitches: [{ zoneId: 'cn-shanghai-e', cidrBlock: '192.168.1.0/24', name: 'one' }] } };
    expect(problems(body)).toEqual([
      { field: 'network.vSwitches', message: 'a dual-stack load balancer needs vSwitches in two different zones' },
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
    expect(problems(body)).toHaveLength(1);
  });
});
