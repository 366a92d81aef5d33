import { describe, expect, it } from 'vitest';
import { parseWatchSpec, type WatchSpecInput } from '../../../shared/watch/spec.ts';
import { targetOfWatch } from '../../../shared/watch/target.ts';
import type { Front, FrontServer } from '../../../shared/watch/watch.ts';
import { watchedOnly } from '../../../shared/watch/watched.ts';

const server = (serverId: string, serverIp: string, port = 80, weight = 100): FrontServer => ({
  serverId,
  serverIp,
  port,
  weight,
});
const front: Front = {
  atMs: 0,
  dnsName: 'alb-1.cn-shanghai.alb.aliyuncsslb.com',
  ipv6AddressType: 'Internet',
  ipv6Addresses: ['2408::1', '2408::2'],
  listenerId: 'lsn-1',
  port: 443,
  protocol: 'HTTPS',
  serverGroupId: 'sgp-1',
  scheduler: 'Wrr',
  servers: [server('i-1', '10.0.1.1'), server('i-2', '2408::a'), server('i-2', '2408::a', 81, 50)],
};

function watchOf(watchOnly: Partial<WatchSpecInput['watchOnly']> = {}, other: Partial<Front> = {}) {
  const parsed = parseWatchSpec({ watchOnly: { loadBalancerId: 'alb-1', domain: 'www.example.com', ...watchOnly } });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return {
    schema: 1 as const,
    watchId: '01k',
    spec: parsed.spec,
    status: 'watching' as const,
    createdAtMs: 1,
    updatedAtMs: 1,
    front: { ...front, ...other },
  };
}

describe('the target of what is only watched', () => {
  it('is the name of the request at the listener that was found', () => {
    expect(targetOfWatch(watchOf({ path: '/shop' }))).toMatchObject({
      domainName: 'www.example.com',
      host: 'www.example.com',
      port: 443,
      tls: true,
      path: '/shop',
      expected: { cname: front.dnsName, addresses: front.ipv6Addresses },
      scope: 'internet',
      isOneServerPerClient: false,
      mostRequests: 200,
      listenerId: 'lsn-1',
      serverGroupId: 'sgp-1',
    });
  });

  it('calls a server by its address and port where the request has no name for it', () => {
    const { backends, servers } = targetOfWatch(watchOf());
    expect(backends).toEqual([
      { name: '10.0.1.1:80', weight: 100 },
      { name: '[2408::a]:80', weight: 100 },
      { name: '[2408::a]:81', weight: 50 },
    ]);
    expect(servers).toContainEqual({ backend: '[2408::a]:81', serverId: 'i-2', serverIp: '2408::a', port: 81 });
  });

  it('takes the entries of one server for one backend, with all that they get', () => {
    const { backends, servers } = targetOfWatch(watchOf({ backends: [{ name: 'web-2', serverId: 'i-2' }] }));
    expect(backends).toEqual([
      { name: '10.0.1.1:80', weight: 100 },
      { name: 'web-2', weight: 150 },
    ]);
    expect(servers.map(({ backend }) => backend)).toEqual(['10.0.1.1:80', 'web-2', 'web-2']);
  });

  it('takes a name for one port before one for the whole server', () => {
    const named = [
      { name: 'web-2', serverId: 'i-2' },
      { name: 'admin', serverId: 'i-2', port: 81 },
    ];
    expect(targetOfWatch(watchOf({ backends: named })).backends.map(({ name }) => name)).toEqual([
      '10.0.1.1:80',
      'web-2',
      'admin',
    ]);
  });

  it('owes a client one server only where its address decides', () => {
    expect(targetOfWatch(watchOf({}, { scheduler: 'Sch' })).isOneServerPerClient).toBe(true);
  });

  it('is reached from inside only where its IPv6 side is private', () => {
    expect(targetOfWatch(watchOf({}, { ipv6AddressType: 'Intranet' })).scope).toBe('vpc');
  });

  it('is told of by where it serves', () => {
    expect(watchedOnly(watchOf({ path: '/shop' }))).toMatchObject({
      name: 'www.example.com',
      url: 'https://www.example.com/shop',
      sinceMs: 1,
      isOver: false,
    });
    expect(watchedOnly(watchOf({}, { port: 8443 })).url).toBe('https://www.example.com:8443/');
    expect(watchedOnly({ ...watchOf(), status: 'ended' })).toMatchObject({
      isOver: true,
      endedBy: 'it is watched no more',
    });
    expect(watchedOnly({ ...watchOf(), status: 'ended' })).not.toHaveProperty('sinceMs');
  });
});
