import { describe, expect, it } from 'vitest';
import { backendHeaders } from '../../../local/data-plane/headers.ts';
import { begin, settled } from '../../../local/lifecycle.ts';
import { startDataPlane } from './start.ts';

async function started(latency?: 'realistic' | 'none') {
  const cloud = await startDataPlane(latency);
  const listener = cloud.addListener(cloud.loadBalancer, cloud.serverGroup);
  return { ...cloud, listener };
}
type Started = Awaited<ReturnType<typeof started>>;

const backendsOf = async ({ fetch, ipv6 }: Started, count: number): Promise<(string | string[] | undefined)[]> => {
  const seen = [];
  for (let index = 0; index < count; index += 1) seen.push((await fetch(ipv6)).headers['x-backend']);
  return seen;
};

describe('reaching a load balancer', () => {
  it('serves the page of both backends over IPv6 in turn', async () => {
    const cloud = await started();
    const bodies = [];
    for (let index = 0; index < 4; index += 1) bodies.push((await cloud.fetch(cloud.ipv6)).body);
    expect(bodies).toEqual(['hello from ecs01', 'hello from ecs02', 'hello from ecs01', 'hello from ecs02']);
  });

  it('serves IPv4 clients at the public address', async () => {
    const { fetch, loadBalancer } = await started();
    expect((await fetch(loadBalancer.zones[1]?.address ?? '')).status).toBe(200);
  });

  it('is met at an IPv6 address however it is spelt', async () => {
    const { fetch, ipv6 } = await started();
    expect((await fetch(ipv6.toUpperCase())).status).toBe(200);
  });

  it('refuses a port without listener', async () => {
    const { plane, ipv6 } = await started();
    expect(await plane.route(ipv6, 8080)).toEqual({ refusal: 'ECONNREFUSED' });
  });

  it('refuses until the listener is running', async () => {
    const { plane, ipv6, listener, clock } = await started();
    listener.status = begin(clock, 'Provisioning', 'Running', 8000);
    expect(await plane.route(ipv6, 80)).toEqual({ refusal: 'ECONNREFUSED' });
    clock.advance(8000);
    expect(await plane.route(ipv6, 80)).toMatchObject({ host: '::1' });
  });

  it('P-063: times out over IPv6 from the Internet while that side is private', async () => {
    const { plane, ipv6, loadBalancer, network } = await started();
    loadBalancer.ipv6Internet = settled('Intranet');
    expect(await plane.route(ipv6, 80)).toEqual({ refusal: 'ETIMEDOUT' });
    expect(await plane.route(ipv6, 80, { vpcId: network.id })).toMatchObject({ host: '::1' });
  });

  it('P-026: times out over IPv6 from the Internet without an IPv6 gateway', async () => {
    const { plane, ipv6, gateway, clock } = await started();
    gateway.status = begin(clock, 'Deleting', undefined, 0);
    expect(await plane.route(ipv6, 80)).toEqual({ refusal: 'ETIMEDOUT' });
  });

  it('cuts an open front off when its IPv6 side becomes private', async () => {
    const { plane, fetch, ipv6, loadBalancer } = await started();
    await fetch(ipv6);
    const route = await plane.route(ipv6, 80);
    loadBalancer.ipv6Internet = settled('Intranet');
    if ('refusal' in route) throw new Error(route.refusal);
    await expect(globalThis.fetch(`http://[::1]:${route.port}/`)).rejects.toThrow('fetch failed');
  });

  it('tells load balancers apart by address, not by Host', async () => {
    const cloud = await started();
    const other = cloud.addLoadBalancer('alb-two');
    const group = cloud.addServerGroup();
    cloud.addServer(group, cloud.ecs02, cloud.ecs02.privateIpAddress);
    cloud.addListener(other, group);
    const headers = { host: cloud.loadBalancer.dnsName };
    const answer = await cloud.fetch(other.zones[0]?.ipv6Address ?? '', { headers });
    expect(answer.body).toBe('hello from ecs02');
  });

  it('has nothing at an address that nobody holds', async () => {
    const { plane } = await started();
    expect(await plane.route('2408:4002:ffff::1', 80)).toEqual({ refusal: 'ETIMEDOUT' });
  });

  it('has no IPv6 route in a VPC without IPv6', async () => {
    const { plane, ipv6, network } = await started();
    network.ipv6CidrBlock = '';
    expect(await plane.route(ipv6, 80, { vpcId: network.id })).toEqual({ refusal: 'ENETUNREACH' });
  });

  it('is not met over IPv6 from another VPC, whose addresses have no public bandwidth', async () => {
    const { plane, ipv6, vpc, network } = await started();
    vpc.vpcs.add({ ...network, id: 'vpc-other', ipv6CidrBlock: vpc.nextIpv6Block() });
    expect(await plane.route(ipv6, 80, { vpcId: 'vpc-other' })).toEqual({ refusal: 'ETIMEDOUT' });
    expect(await plane.route(ipv6, 80)).toMatchObject({ host: '::1' });
  });

  it('lists what leads somewhere', async () => {
    const { plane, ipv6, loadBalancer, dns } = await started();
    dns.addDomain('example.com');
    const routes = await plane.routes();
    expect(routes.map(({ address, port }) => `${address} ${port}`)).toEqual([
      '223.5.5.5 53',
      '223.6.6.6 53',
      '2400:3200::1 53',
      '2400:3200:baba::1 53',
      '140.205.1.25 53',
      '140.205.1.26 53',
      `${ipv6} 80`,
      `${loadBalancer.zones[0]?.address} 80`,
      `${loadBalancer.zones[1]?.ipv6Address} 80`,
      `${loadBalancer.zones[1]?.address} 80`,
    ]);
  });
});

describe('balancing', () => {
  it('follows the weights smoothly', async () => {
    const cloud = await started();
    cloud.server01.weight = 3;
    cloud.server02.weight = 1;
    expect(await backendsOf(cloud, 8)).toEqual([
      'ecs01',
      'ecs01',
      'ecs02',
      'ecs01',
      'ecs01',
      'ecs01',
      'ecs02',
      'ecs01',
    ]);
  });

  it('with least connections, lets servers of equal load take turns', async () => {
    const cloud = await started();
    cloud.serverGroup.scheduler = 'Wlc';
    expect(await backendsOf(cloud, 4)).toEqual(['ecs01', 'ecs02', 'ecs01', 'ecs02']);
  });

  it('with source hashing, keeps a client at one server', async () => {
    const cloud = await started();
    cloud.serverGroup.scheduler = 'Sch';
    expect(new Set(await backendsOf(cloud, 4)).size).toBe(1);
  });

  it('leaves a server of weight 0 out', async () => {
    const cloud = await started();
    cloud.server01.weight = 0;
    expect(await backendsOf(cloud, 3)).toEqual(['ecs02', 'ecs02', 'ecs02']);
  });

  it('leaves a server out until it is Available', async () => {
    const cloud = await started();
    cloud.server01.status = begin(cloud.clock, 'Adding', 'Available', 60_000);
    expect(await backendsOf(cloud, 2)).toEqual(['ecs02', 'ecs02']);
  });

  it('answers 503 when no server is left', async () => {
    const { fetch, ipv6, server01, server02 } = await started();
    server01.weight = 0;
    server02.weight = 0;
    expect((await fetch(ipv6)).status).toBe(503);
  });

  it('answers 504 for a port that the security group does not let in', async () => {
    const { fetch, ipv6, server01, server02 } = await started();
    server01.port = 22;
    server02.weight = 0;
    expect((await fetch(ipv6)).status).toBe(504);
  });

  it('answers 502 when nginx does not run', async () => {
    const cloud = await started();
    const bare = cloud.launch('bare', cloud.vSwitches[0], '#cloud-config\n');
    cloud.clock.advance(65_000);
    const group = cloud.addServerGroup();
    cloud.addServer(group, bare, bare.privateIpAddress);
    cloud.addListener(cloud.loadBalancer, group, { port: 81 });
    expect((await cloud.fetch(cloud.ipv6, { port: 81 })).status).toBe(502);
  });

  it('P-072: answers 504 for a server whose instance is gone', async () => {
    const { fetch, ipv6, ecs, ecs01, server02, clock } = await started();
    server02.weight = 0;
    ecs.deleteInstance(ecs01);
    clock.advance(60_000);
    expect((await fetch(ipv6)).status).toBe(504);
  });

  it('P-037: does not reach the IPv6 server without a TCP rule for IPv6', async () => {
    const { fetch, ipv6, group, server01 } = await started();
    server01.weight = 0;
    group.rules = group.rules.filter((rule) => rule.ipv6SourceCidrIp === '');
    expect((await fetch(ipv6)).status).toBe(504);
  });

  it('does not reach the IPv6 server once its vSwitch has lost IPv6', async () => {
    const { fetch, ipv6, vSwitches, server01 } = await started();
    server01.weight = 0;
    vSwitches[1].ipv6CidrBlock = '';
    expect((await fetch(ipv6)).status).toBe(504);
  });

  it('passes the method on', async () => {
    const { fetch, ipv6 } = await started();
    const answer = await fetch(ipv6, { method: 'HEAD', path: '/?a=1' });
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers['content-length']).toBe('16');
  });

  it('passes the path on', async () => {
    const { fetch, ipv6 } = await started();
    const answer = await fetch(ipv6, { path: '/none' });
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('<center>nginx/1.20.1</center>');
  });

  it.each([
    ['append', '192.0.2.1, 2001:db8::7'],
    ['remove', undefined],
  ] as const)('gives X-Forwarded-For in mode %s', async (processingMode, expected) => {
    const { loadBalancer, listener } = await started();
    listener.forwardedHeaders.processingMode = processingMode;
    const headers = backendHeaders(loadBalancer, listener, {
      method: 'GET',
      protocol: 'HTTP',
      host: 'www.example.com',
      port: 80,
      path: '/',
      query: '',
      headers: { host: 'www.example.com', connection: 'close', 'x-forwarded-for': '192.0.2.1' },
      client: '2001:db8::7',
      clientPort: 50_000,
    });
    expect(headers).toEqual({
      host: 'www.example.com',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
      'slb-id': loadBalancer.id,
      ...(expected === undefined ? {} : { 'x-forwarded-for': expected }),
    });
  });

  it('keeps a client with the server that its cookie names', async () => {
    const cloud = await started();
    cloud.serverGroup.stickySession.enabled = true;
    const first = await cloud.fetch(cloud.ipv6);
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect(cookie).toMatch(/^SERVERID=[0-9a-f]{32}\|\d+\|\d+$/);
    for (let index = 0; index < 3; index += 1) {
      const next = await cloud.fetch(cloud.ipv6, { headers: { cookie } });
      expect(next.headers['x-backend']).toBe(first.headers['x-backend']);
    }
    cloud.clock.advance(1_001_000);
    const late = [
      await cloud.fetch(cloud.ipv6, { headers: { cookie } }),
      await cloud.fetch(cloud.ipv6, { headers: { cookie } }),
    ];
    expect(new Set(late.map(({ headers }) => headers['x-backend'])).size).toBe(2);
  });
});

describe('rules', () => {
  const redirect = {
    type: 'Redirect',
    order: 1,
    protocol: 'HTTPS',
    host: '${host}',
    port: '443',
    path: '${path}',
    query: '${query}',
    httpCode: 301,
  } as const;

  it('P-078: answers a redirect without any backend', async () => {
    const { fetch, ipv6, listener, addRule, server01, server02 } = await started();
    server01.weight = 0;
    server02.weight = 0;
    addRule(listener, { conditions: [{ type: 'Path', values: ['/*'] }], actions: [redirect] });
    const answer = await fetch(ipv6, { path: '/a/b?c=d&e=f' });
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe('https://www.example.com/a/b?c=d&e=f');
    expect(answer.headers['x-backend']).toBeUndefined();
  });

  it('P-077: redirects to itself when the defaults are left', async () => {
    const { fetch, ipv6, listener, addRule } = await started();
    const itself = { ...redirect, protocol: '${protocol}', port: '${port}' } as const;
    addRule(listener, { conditions: [{ type: 'Path', values: ['/*'] }], actions: [itself] });
    expect((await fetch(ipv6, { path: '/a' })).headers.location).toBe('http://www.example.com/a');
  });

  it('takes the rule of the smallest priority whose conditions all hold', async () => {
    const { fetch, ipv6, listener, addRule } = await started();
    const fixed = (content: string) =>
      [{ type: 'FixedResponse', order: 1, httpCode: 200, contentType: 'text/plain', content }] as const;
    addRule(listener, { conditions: [{ type: 'Path', values: ['/api/*'] }], actions: [...fixed('all')] }, 20);
    addRule(
      listener,
      {
        conditions: [
          { type: 'Path', values: ['/api/*'] },
          { type: 'Method', values: ['POST'] },
        ],
        actions: [...fixed('post')],
      },
      10,
    );
    expect((await fetch(ipv6, { path: '/api/x' })).body).toBe('all');
    expect((await fetch(ipv6, { path: '/api/x', method: 'POST' })).body).toBe('post');
    expect((await fetch(ipv6)).headers['x-backend']).toBeDefined();
  });
});
