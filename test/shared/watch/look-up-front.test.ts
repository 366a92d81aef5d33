import { describe, expect, it } from 'vitest';
import type { AlbClient } from '../../../shared/alibaba/alb-client.ts';
import type { Listener } from '../../../shared/alibaba/alb/listeners.ts';
import type { BackendServer } from '../../../shared/alibaba/alb/servers.ts';
import { lookUpFront } from '../../../shared/watch/look-up-front.ts';
import { parseWatchSpec } from '../../../shared/watch/spec.ts';

/** Listeners and groups that the embedded load balancer does not have: QUIC, several groups, entries on their way. */
function alb(listeners: Partial<Listener>[], servers: Partial<BackendServer>[] = []): AlbClient {
  const known: Partial<AlbClient> = {
    findLoadBalancer: async () => ({
      loadBalancerId: 'alb-1',
      name: '',
      status: 'Active',
      businessStatus: 'Normal',
      addressType: 'Internet',
      addressIpVersion: 'DualStack',
      ipv6AddressType: 'Internet',
      dnsName: 'alb-1.example',
      edition: 'Basic',
      deletionProtection: false,
      vpcId: 'vpc-1',
      zones: ['2408:0::1', ''].map((ipv6Address) => ({
        zoneId: '',
        vSwitchId: '',
        status: 'Active',
        ipv4Health: 'Healthy',
        ipv6Health: 'Healthy',
        ipv4Address: '',
        ipv6Address,
        ipv4LocalAddresses: [],
        ipv6LocalAddresses: [],
      })),
      tags: {},
    }),
    listListeners: async () => listeners as Listener[],
    findServerGroup: async () => undefined,
    listServers: async () => servers as BackendServer[],
  };
  return known as AlbClient;
}

const http: Partial<Listener> = { listenerId: 'lsn-1', protocol: 'HTTP', port: 80, serverGroupIds: ['sgp-1'] };
const quic: Partial<Listener> = { ...http, listenerId: 'lsn-2', protocol: 'QUIC', port: 443 };
const https: Partial<Listener> = { ...http, listenerId: 'lsn-3', protocol: 'HTTPS', port: 443 };

async function look(client: AlbClient, listener: object = {}) {
  const parsed = parseWatchSpec({ watchOnly: { loadBalancerId: 'alb-1', domain: 'example.com', listener } });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return await lookUpFront(client, parsed.spec.watchOnly, 7);
}

describe('a look at a load balancer', () => {
  it('finds its IPv6 addresses, each in one spelling', async () => {
    expect(await look(alb([http]))).toMatchObject({ front: { atMs: 7, ipv6Addresses: ['2408::1'] } });
  });

  it('takes the listener over TCP where QUIC has the same port', async () => {
    expect(await look(alb([quic, https]), { port: 443 })).toMatchObject({ front: { listenerId: 'lsn-3' } });
  });

  it.each([{ port: 443 }, { listenerId: 'lsn-2' }])('refuses a QUIC listener, named by %j', async (listener) => {
    expect(await look(alb([quic]), listener)).toMatchObject({
      problems: [{ code: 'listener-protocol', isMissing: false }],
    });
  });

  it.each([
    ['no group', []],
    ['several groups', ['sgp-1', 'sgp-2']],
  ])('knows no servers where the default action forwards to %s', async (_what, serverGroupIds) => {
    const looked = await look(alb([{ ...http, serverGroupIds }], [{ serverId: 'i-1', serverIp: '10.0.0.1' }]));
    expect(looked).toMatchObject({ front: { servers: [] } });
    expect('front' in looked && looked.front.serverGroupId).toBeUndefined();
  });

  it('leaves out servers that come and go', async () => {
    const servers = ['Adding', 'Available', 'Configuring', 'Removing'].map((status) => ({
      serverId: status,
      serverIp: '10.0.0.1',
      port: 80,
      weight: 100,
      status,
    }));
    expect(await look(alb([http], servers))).toMatchObject({
      front: { servers: [{ serverId: 'Available' }, { serverId: 'Configuring' }] },
    });
  });
});
