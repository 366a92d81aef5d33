import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startDataPlane } from './start.ts';

const run = promisify(execFile);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);

async function started() {
  const cloud = await startDataPlane();
  const { dns, loadBalancer, serverGroup, clock, plane, ipv6 } = cloud;
  cloud.addListener(loadBalancer, serverGroup);
  const domain = dns.addDomain('example.com');
  dns.addRecord(domain, { rr: '@', type: 'CNAME', value: loadBalancer.dnsName, line: 'default', ttl: 600 });
  clock.advance(1000);
  const port = async (of: number): Promise<number> => {
    const route = await plane.route(ipv6, of);
    if ('refusal' in route) throw new Error(route.refusal);
    return route.port;
  };
  return { ...cloud, domain, port };
}

describe.skipIf(!hasCurl)('curl -6', () => {
  it('gets both backends in turn by the domain name', async () => {
    const { port } = await started();
    const to = `example.com:80:[::1]:${await port(80)}`;
    const args = ['-6', '-s', '--noproxy', '*', '--connect-to', to, '-w', '\n%{http_code}', 'http://example.com/'];
    const outputs = [(await run('curl', args)).stdout, (await run('curl', args)).stdout];
    expect(outputs).toEqual(['hello from ecs01\n200', 'hello from ecs02\n200']);
  });

  it('follows the redirect to the HTTPS listener', async () => {
    const { port, addListener, addRule, loadBalancer, serverGroup, alb } = await started();
    addListener(loadBalancer, serverGroup, {
      port: 443,
      protocol: 'HTTPS',
      certificateIds: ['1-cn-shanghai'],
      securityPolicyId: 'tls_cipher_policy_1_2',
    });
    const http = alb.listenersOf(loadBalancer.id).find((listener) => listener.port === 80);
    if (http === undefined) throw new Error('no listener');
    addRule(http, {
      conditions: [{ type: 'Path', values: ['/*'] }],
      actions: [
        {
          type: 'Redirect',
          order: 1,
          protocol: 'HTTPS',
          host: '${host}',
          port: '443',
          path: '${path}',
          query: '${query}',
          httpCode: 301,
        },
      ],
    });
    const http80 = `example.com:80:[::1]:${await port(80)}`;
    const https443 = `example.com:443:[::1]:${await port(443)}`;
    const flags = ['-6', '-s', '-k', '-L', '--noproxy', '*', '-w', '\n%{url_effective}'];
    const to = ['--connect-to', http80, '--connect-to', https443];
    const { stdout } = await run('curl', [...flags, ...to, 'http://example.com/?a=b']);
    expect(stdout).toBe('hello from ecs01\nhttps://example.com/?a=b');
  });
});

describe('TLS', () => {
  const handshake = async (port: number, maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
    await new Promise<{ protocol: string | null; certificate: X509Certificate }>((resolve, reject) => {
      const options = { host: '::1', port, maxVersion, minVersion: 'TLSv1', servername: 'www.example.com' } as const;
      const socket = connectTls({ ...options, rejectUnauthorized: false }, () => {
        resolve({ protocol: socket.getProtocol(), certificate: new X509Certificate(socket.getPeerCertificate().raw) });
        socket.end();
      });
      socket.once('error', reject);
    });
  const withHttps = async (securityPolicyId: string) => {
    const { addListener, loadBalancer, serverGroup, port } = await started();
    addListener(loadBalancer, serverGroup, { port: 443, protocol: 'HTTPS', securityPolicyId });
    return await port(443);
  };

  it('shows a certificate that signed itself', async () => {
    const { certificate } = await handshake(await withHttps('tls_cipher_policy_1_2'), 'TLSv1.3');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkHost('www.example.com')).toBe('*.example.com');
  });

  it.each([
    ['tls_cipher_policy_1_2', 'TLSv1.2'],
    ['tls_cipher_policy_1_2_strict_with_1_3', 'TLSv1.3'],
  ])('P-080: speaks with policy %s at most %s', async (policy, protocol) => {
    expect(await handshake(await withHttps(policy), 'TLSv1.3')).toMatchObject({ protocol });
  });

  it('P-080: refuses TLS 1.1 with policy tls_cipher_policy_1_2', async () => {
    await expect(handshake(await withHttps('tls_cipher_policy_1_2'), 'TLSv1.1')).rejects.toThrow('alert');
  });
});

describe('DNS of the data plane', () => {
  it('leads from the domain to the addresses of the load balancer', async () => {
    const { plane, loadBalancer } = await started();
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${plane.dns.port}`]);
    const zones = loadBalancer.zones;
    expect((await resolver.resolve6('example.com')).sort()).toEqual(
      zones.map(({ ipv6Address }) => new URL(`http://[${ipv6Address}]`).hostname.slice(1, -1)).sort(),
    );
    expect((await resolver.resolve4('example.com')).sort()).toEqual(zones.map(({ address }) => address).sort());
  });

  it('is met at the public resolvers, and at the name servers of AliDNS', async () => {
    const { plane } = await started();
    expect(await plane.route('223.5.5.5', 53)).toEqual(plane.dns);
    expect(await plane.route('2400:3200:0:0:0:0:0:1', 53)).toEqual(plane.dns);
    expect(await plane.route('140.205.1.25', 53)).toMatchObject({ host: '127.0.0.1' });
  });

  it('is not met at the name servers of others', async () => {
    const { plane, domain } = await started();
    domain.delegatedTo = ['ns1.elsewhere.net'];
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${plane.dns.port}`]);
    const [address = ''] = await resolver.resolve4('ns1.elsewhere.net');
    expect(await plane.route(address, 53)).toEqual({ refusal: 'ETIMEDOUT' });
  });
});

describe('instances', () => {
  it('are met inside their VPC only', async () => {
    const { plane, ecs01, network } = await started();
    expect(await plane.route(ecs01.privateIpAddress, 80)).toEqual({ refusal: 'ETIMEDOUT' });
    expect(await plane.route(ecs01.privateIpAddress, 80, { vpcId: network.id })).toMatchObject({ host: '127.0.0.1' });
    expect(await plane.route(ecs01.ipv6Addresses[0] ?? '', 80, { vpcId: network.id })).toMatchObject({ host: '::1' });
  });

  it('serve nothing before cloud-init has ended', async () => {
    const { plane, launch, vSwitches, network, clock } = await started();
    const late = launch('late', vSwitches[0]);
    clock.advance(25_000);
    expect(await plane.route(late.privateIpAddress, 80, { vpcId: network.id })).toEqual({ refusal: 'ECONNREFUSED' });
    clock.advance(40_000);
    expect(await plane.route(late.privateIpAddress, 80, { vpcId: network.id })).toMatchObject({ host: '127.0.0.1' });
  });

  it('time out when they are stopped', async () => {
    const { plane, ecs, ecs01, network } = await started();
    ecs.stop(ecs01.id);
    expect(await plane.route(ecs01.privateIpAddress, 80, { vpcId: network.id })).toEqual({ refusal: 'ETIMEDOUT' });
  });
});
