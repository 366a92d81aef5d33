import type { LoadBalancer } from './alibaba/alb/load-balancers.ts';
import type { ZoneAddresses } from './deployment/outputs.ts';

/** The addresses that clients reach, by zone. */
export const zoneAddresses = (found: LoadBalancer): ZoneAddresses[] =>
  found.zones.map(({ zoneId, vSwitchId, ipv4Address, ipv6Address }) => ({
    zoneId,
    vSwitchId,
    ipv4Address,
    ipv6Address,
  }));
