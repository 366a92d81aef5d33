import { sameAddress } from '../net/cidr.ts';
import { ipv4SideOf, mostRequestsByDefault, type ProbeTarget } from '../probe/target.ts';
import { addressesOutOfService } from '../zones-in-service.ts';
import { wellOf } from '../probe/well.ts';
import type { FrontServer, Watch } from './watch.ts';

/** What is probed of a load balancer that is only watched: the name of the request, at the listener that was found. */
export function targetOfWatch(watch: Watch): ProbeTarget {
  const { watchId, spec, front } = watch;
  const { domain, path, identifyBy } = spec.watchOnly;
  const { zones = [] } = front;
  const servers = front.servers.map((server) => ({ ...server, backend: backendNameOf(watch, server) }));
  return {
    targetId: watchId,
    domainName: domain,
    ...wellOf(path === undefined ? spec.probe : { ...spec.probe, path }, front.check, domain),
    port: front.port,
    tls: front.protocol === 'HTTPS',
    loadBalancerId: spec.watchOnly.loadBalancerId,
    expected: {
      cname: front.dnsName,
      addresses: front.ipv6Addresses,
      outOfService: addressesOutOfService(zones),
    },
    // Whether the name is for IPv4 clients too, its operator alone knows.
    ipv4: {
      ...ipv4SideOf({ isAsked: spec.probe?.ipv4, addressType: front.addressType }, zones, zones),
      isOptional: true,
    },
    backends: weightsOf(servers),
    identification: identifyBy,
    hasMadeUpNames: front.servers.some((server) => givenNameOf(watch, server) === undefined),
    scope: front.ipv6AddressType === 'Internet' ? 'internet' : 'vpc',
    // An instance would have to run a command, and none of them is ours.
    vantage: 'function',
    isOneServerPerClient: front.scheduler === 'Sch',
    acceptsAnyIssuer: spec.probe?.acceptAnyIssuer ?? false,
    mostRequests: spec.probe?.mostRequests ?? mostRequestsByDefault,
    listenerId: front.listenerId,
    ...(front.serverGroupId === undefined ? {} : { serverGroupId: front.serverGroupId }),
    servers: servers.map(({ weight: _weight, ...server }) => server),
    ...(front.check === undefined ? {} : { check: front.check }),
  };
}

/** As the request calls it, else its address and port. */
export function backendNameOf(watch: Pick<Watch, 'spec'>, server: FrontServer): string {
  const { serverIp, port } = server;
  return givenNameOf(watch, server) ?? (serverIp.includes(':') ? `[${serverIp}]:${port}` : `${serverIp}:${port}`);
}

function givenNameOf({ spec }: Pick<Watch, 'spec'>, { serverId, port }: FrontServer): string | undefined {
  // Of a group of addresses the id is one.
  const named = spec.watchOnly.backends.filter((backend) => sameAddress(backend.serverId, serverId));
  const found = named.find((backend) => backend.port === port) ?? named.find((backend) => backend.port === undefined);
  return found?.name;
}

/** Entries of one name are one backend, which gets what all of them get. */
function weightsOf(servers: { backend: string; weight: number }[]): ProbeTarget['backends'] {
  const weights = new Map<string, number>();
  for (const { backend, weight } of servers) weights.set(backend, (weights.get(backend) ?? 0) + weight);
  return [...weights].map(([name, weight]) => ({ name, weight }));
}
