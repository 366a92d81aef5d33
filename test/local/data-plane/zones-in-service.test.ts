import { Resolver } from 'node:dns/promises';
import { describe, expect, it } from 'vitest';
import { controlZone } from '../../../local/alb/control-zone.ts';
import { settled } from '../../../local/lifecycle.ts';
import { startDataPlane } from './start.ts';

async function started() {
  const cloud = await startDataPlane();
  cloud.addListener(cloud.loadBalancer, cloud.serverGroup);
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${cloud.plane.dns.port}`]);
  const { loadBalancer, alb } = cloud;
  const [e, g] = loadBalancer.zones;
  if (e === undefined || g === undefined) throw new Error('two zones were asked for');
  const control = (what: string, family: string | null = null) =>
    controlZone(alb, [loadBalancer.name, 'zones', e.zoneId, what], family);
  const names = async () => [
    await resolver.resolve4(loadBalancer.dnsName),
    await resolver.resolve6(loadBalancer.dnsName),
  ];
  return { ...cloud, e, g, control, names };
}

describe('a zone out of service', () => {
  it('leaves the answers for the own name of the load balancer when it is shifted', async () => {
    const { e, g, names } = await started();
    e.status = settled('Shifted');
    expect(await names()).toEqual([[g.address], [g.ipv6Address]]);
  });

  it('goes on serving who still has the address of a shifted zone', async () => {
    const { e, fetch } = await started();
    e.status = settled('Shifted');
    expect((await fetch(e.ipv6Address)).status).toBe(200);
    expect((await fetch(e.address)).status).toBe(200);
  });

  it('does not answer at the addresses of a stopped zone', async () => {
    const { e, g, plane, control, fetch, names } = await started();
    control('stop');
    expect(await names()).toEqual([[g.address], [g.ipv6Address]]);
    expect(await plane.route(e.ipv6Address, 80)).toEqual({ refusal: 'ETIMEDOUT' });
    expect((await fetch(g.ipv6Address)).status).toBe(200);
    control('start');
    expect((await fetch(e.ipv6Address)).status).toBe(200);
  });

  it('stays in DNS with an unhealthy address that does not answer', async () => {
    const { e, g, plane, control, fetch, names } = await started();
    expect(control('unhealthy', '6')).toMatchObject({
      zones: [
        {
          Status: 'Active',
          LoadBalancerAddresses: [{ Ipv6AddressHcStatus: 'Unhealthy', IntranetAddressHcStatus: 'Healthy' }],
        },
        { Status: 'Active', LoadBalancerAddresses: [{ Ipv6AddressHcStatus: 'Healthy' }] },
      ],
    });
    expect((await names())[1]?.toSorted()).toEqual([e.ipv6Address, g.ipv6Address].toSorted());
    expect(await plane.route(e.ipv6Address, 80)).toEqual({ refusal: 'ETIMEDOUT' });
    expect((await fetch(e.address)).status).toBe(200);
    control('healthy');
    expect((await fetch(e.ipv6Address)).status).toBe(200);
  });

  it.each([
    [['alb-none', 'zones', 'cn-shanghai-e', 'stop'], 'ResourceNotFound.LoadBalancer'],
    [['alb-one', 'zones', 'cn-shanghai-z', 'stop'], 'ResourceNotFound.Zone'],
    [['alb-one', 'zones', 'cn-shanghai-e', 'constructor'], 'InvalidControl'],
    [['alb-one', 'stop'], 'InvalidControl'],
  ])('is not what the control %j names', async (parts, code) => {
    const { alb } = await started();
    expect(() => controlZone(alb, parts, null)).toThrow(expect.objectContaining({ code }));
  });
});
