import type { LoadBalancer } from './alibaba/alb/load-balancers.ts';
import { normalAddress } from './net/cidr.ts';

/** What the load balancer declares of its presence in one zone. */
export interface ZoneState {
  zoneId: string;
  /** `Active`, `Stopped`, `Shifted`, `Starting`, `Stopping`; empty where the service does not say. */
  status: string;
  ipv4Address: string;
  ipv6Address: string;
  /** `Healthy`, `Unhealthy`; absent where the service does not say: it does of zones that are Active. */
  ipv4Health?: string;
  ipv6Health?: string;
}

export interface ZonesFinding {
  type: 'ZonesInService';
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  zones: ZoneState[];
}

export const zoneStates = ({ zones }: Pick<LoadBalancer, 'zones'>): ZoneState[] =>
  zones.map(({ zoneId, status, ipv4Address, ipv6Address, ipv4Health, ipv6Health }) => ({
    zoneId,
    status,
    ipv4Address,
    ipv6Address: normalAddress(ipv6Address),
    ...(ipv4Health === '' ? {} : { ipv4Health }),
    ...(ipv6Health === '' ? {} : { ipv6Health }),
  }));

/** Whether the two say the same of the same zones. @param before - undefined: nobody has looked. */
export const sameZones = (before: ZoneState[] | undefined, now: ZoneState[]): boolean =>
  JSON.stringify(before?.map(valuesOf)) === JSON.stringify(now.map(valuesOf));

const valuesOf = (zone: ZoneState): unknown[] => [
  zone.zoneId,
  zone.status,
  zone.ipv4Address,
  zone.ipv6Address,
  zone.ipv4Health,
  zone.ipv6Health,
];

const outOfService = new Set(['Stopped', 'Shifted', 'Starting', 'Stopping']);

/** Whether clients are led to the zone. A word that is not known says nothing against it. */
export const isInService = ({ status }: Pick<ZoneState, 'status'>): boolean => !outOfService.has(status);

/** Addresses of the family, by default IPv6, that nobody has to answer at: those of zones out of service. */
export const addressesOutOfService = (zones: ZoneState[], family: 4 | 6 = 6): string[] =>
  zones
    .filter((zone) => !isInService(zone))
    .map(({ ipv4Address, ipv6Address }) => (family === 4 ? ipv4Address : ipv6Address))
    .filter((address) => address !== '');

/** Whether no zone at all is in service: that is an outage, not a loss of redundancy. */
export const areAllOut = (zones: ZoneState[]): boolean => zones.length > 0 && !zones.some(isInService);

const meanings = new Map([
  ['Shifted', 'its addresses are taken out of DNS'],
  ['Stopped', 'it takes no traffic'],
  ['Starting', 'it is not in service yet'],
  ['Stopping', 'it is being taken out of service'],
]);

/** Why the zone gives no redundancy; undefined where it does, as far as the load balancer declares. */
export function zoneProblem(zone: ZoneState): string | undefined {
  const { zoneId, status, ipv4Address, ipv6Address, ipv4Health, ipv6Health } = zone;
  if (!isInService(zone)) return `zone ${zoneId} is ${status}: ${meanings.get(status)}`;
  const unhealthy = [
    ...(ipv6Health === 'Unhealthy' ? [`IPv6 address ${ipv6Address}`] : []),
    ...(ipv4Health === 'Unhealthy' ? [`IPv4 address ${ipv4Address}`] : []),
  ];
  return unhealthy.length === 0
    ? undefined
    : `zone ${zoneId}: the load balancer declares its ${unhealthy.join(' and ')} Unhealthy`;
}

/** Whether every zone of the load balancer is in service with healthy addresses. @param zones - undefined: it could not be read. */
export function zonesInService(zones: ZoneState[] = []): ZonesFinding {
  const found = (status: ZonesFinding['status'], reason: string, message: string): ZonesFinding => ({
    type: 'ZonesInService',
    status,
    reason,
    message,
    zones,
  });
  if (zones.length === 0) return found('Unknown', 'NoZones', 'the load balancer shows no zones');
  const problems = zones.flatMap((zone) => zoneProblem(zone) ?? []).join('; ');
  if (areAllOut(zones)) return found('False', 'NoZoneInService', `no zone is in service: ${problems}`);
  if (problems !== '') {
    const isAnyOut = !zones.every(isInService);
    return found('False', isAnyOut ? 'ZoneOutOfService' : 'AddressUnhealthy', problems);
  }
  const unclear = zones.filter(({ status }) => status !== 'Active');
  if (unclear.length > 0)
    return found(
      'Unknown',
      'StatusUnknown',
      `the load balancer does not say clearly whether ${unclear.map(({ zoneId, status }) => `${zoneId} (${status || 'no status'})`).join(', ')} is in service`,
    );
  return found('True', 'AllZonesActive', `${zones.map(({ zoneId }) => zoneId).join(' and ')} are in service`);
}
