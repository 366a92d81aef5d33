import type { ZoneState } from '../zones-in-service.ts';
import type { CheckedAnswers } from '../probe/well.ts';
import type { WatchSpec } from './spec.ts';

/** A server as the group of the listener's default action lists it. */
export interface FrontServer {
  serverId: string;
  serverIp: string;
  port: number;
  weight: number;
}

/** What a load balancer is like at the listener that is watched. */
export interface Front {
  /** When it was looked at. */
  atMs: number;
  dnsName: string;
  /** Of its IPv6 side: `Internet`, `Intranet`. */
  ipv6AddressType: string;
  ipv6Addresses: string[];
  /** Of its IPv4 side; absent in what an older version wrote, until the next look. */
  addressType?: string;
  /** As the load balancer declares its zones; absent where nobody has looked yet. The probe keeps them up to date. */
  zones?: ZoneState[];
  listenerId: string;
  port: number;
  protocol: 'HTTP' | 'HTTPS';
  /** Where the default action forwards to; absent where that is not one group. */
  serverGroupId?: string;
  /** `Wrr`, `Wlc`, `Sch`, `Uch`. */
  scheduler?: string;
  /** Of that group, over HTTP; absent where there is none, and in what an older version wrote. */
  check?: CheckedAnswers;
  servers: FrontServer[];
}

export type WatchStatus = 'watching' | 'ended';

/** A load balancer that we did not make, and what we know of it: one row, changed by compare-and-swap. */
export interface Watch {
  schema: 1;
  watchId: string;
  spec: WatchSpec;
  status: WatchStatus;
  createdAtMs: number;
  updatedAtMs: number;
  endedAtMs?: number;
  front: Front;
}

export const watchNameOf = ({ spec }: Watch): string => spec.name ?? spec.watchOnly.domain;
