import { backendNameOf } from '../../shared/watch/target.ts';
import { type Watch, watchNameOf } from '../../shared/watch/watch.ts';
import { presentName } from './present.ts';
import { zonesInService } from '../../shared/zones-in-service.ts';

const instant = (ms: number): string => new Date(ms).toISOString();

/** What the API shows of a load balancer that is only watched. */
export function presentWatch(watch: Watch): object {
  const { watchId, status, createdAtMs, updatedAtMs, endedAtMs, front, spec } = watch;
  const { listenerId, port, protocol, serverGroupId, scheduler } = front;
  return {
    id: watchId,
    name: watchNameOf(watch),
    status,
    createdAt: instant(createdAtMs),
    updatedAt: instant(updatedAtMs),
    ...(endedAtMs === undefined ? {} : { endedAt: instant(endedAtMs) }),
    ...presentName(spec.watchOnly.domain),
    dnsName: front.dnsName,
    ipv6AddressType: front.ipv6AddressType,
    ipv6Addresses: front.ipv6Addresses,
    ...(status === 'watching' ? { conditions: [{ ...zonesInService(front.zones), at: instant(front.atMs) }] } : {}),
    listener: { listenerId, port, protocol },
    ...(serverGroupId === undefined ? {} : { serverGroup: { serverGroupId, scheduler } }),
    backends: front.servers.map((server) => ({ name: backendNameOf(watch, server), ...server })),
    lookedAt: instant(front.atMs),
    spec,
  };
}
