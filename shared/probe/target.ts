import { backendHeader } from '../backend-header.ts';
import { knownZones, outputsOf, type DeploymentRecord } from '../deployment/record.ts';
import { isAdopted } from '../deployment/adopted.ts';
import { standing } from '../deployment/standing.ts';
import { normalAddress } from '../net/cidr.ts';
import { addressesOutOfService, type ZoneState } from '../zones-in-service.ts';
import type { Spec } from '../deployment/spec.ts';
import { type CheckedAnswers, type Well, wellOf } from './well.ts';

/** How answers are told apart by backend. */
export type Identification =
  | { by: 'header'; header: string }
  /** The first group of the expression, or all of what it matches, is the backend's name. */
  | { by: 'pattern'; pattern: string; header?: string | undefined }
  /** Every different answer is a backend of its own; which one is not known. */
  | { by: 'answers' };

/** What is probed: built from the record only, so that no request body or event can send a probe elsewhere. */
export interface ProbeTarget extends Well {
  targetId: string;
  /** Undefined: the load balancer has no name, and is probed by its addresses. */
  domainName?: string;
  port: number;
  tls: boolean;
  loadBalancerId?: string;
  /** The load balancer's own name and IPv6 addresses, as far as they are known; `outOfService`: those of its zones out of service. */
  expected: { cname: string; addresses: string[]; outOfService?: string[] };
  /** Of IPv4; absent: it is not asked. */
  ipv4?: Ipv4Side | Ipv4Off;
  backends: { name: string; weight: number }[];
  identification: Identification;
  /** Some backends have no name of the request: what they call themselves is not known. */
  hasMadeUpNames?: boolean;
  /** From where its IPv6 side can be reached. */
  scope: 'internet' | 'vpc';
  /** From where it is probed: this function, one of `servers`, or the latter where the former has no IPv6. */
  vantage: 'function' | 'instance' | 'auto';
  /** A client meets one server only (scheduler Sch, or a sticky session that cookies would hold). */
  isOneServerPerClient: boolean;
  /** A certificate need not come from an authority that clients know; its names and dates count all the same. */
  acceptsAnyIssuer: boolean;
  /** Requests of one probe at most. */
  mostRequests: number;
  listenerId?: string;
  serverGroupId?: string;
  servers: { backend: string; serverId: string; serverIp: string; port: number }[];
  /** What the load balancer asks its servers itself; absent where it does not, or not over HTTP. */
  check?: CheckedAnswers;
}

/** What IPv4 clients can meet. */
export interface Ipv4Side {
  /** Public ones of the load balancer, one a zone. */
  addresses: string[];
  /** Those of its zones out of service. */
  outOfService: string[];
  /** The name need not lead IPv4 clients here: nobody has said that it does. */
  isOptional?: boolean;
}

export interface Ipv4Off {
  /** Why IPv4 is not asked, such as `the IPv4 side is private`. */
  off: string;
}

/** Returns what can be asked over IPv4 of a load balancer, from where functions stand. @param addressType - of its IPv4 side. */
export function ipv4SideOf(
  { isAsked = true, addressType }: { isAsked?: boolean | undefined; addressType: string | undefined },
  zones: readonly { ipv4Address: string }[],
  known: ZoneState[],
): Ipv4Side | Ipv4Off {
  if (!isAsked) return { off: 'the request says so (probe.ipv4)' };
  if (addressType === undefined) return { off: 'nobody has looked yet whether its IPv4 side is public' };
  if (addressType !== 'Internet') return { off: 'the IPv4 side is private: only clients in the VPC reach it' };
  const addresses = zones.map(({ ipv4Address }) => ipv4Address).filter((address) => address !== '');
  if (addresses.length === 0) return { off: 'the load balancer has no IPv4 address' };
  return { addresses, outOfService: addressesOutOfService(known, 4) };
}

export const mostRequestsByDefault = 200;

/** Backends of the request; while a repair brings in new ones, or has failed to, those have no weight: nothing is expected of them. */
function backendsOf(record: DeploymentRecord): ProbeTarget['backends'] {
  const { backends: verified } = outputsOf(record, 'verify');
  return standing(record).backends.map(({ name, weight }) => ({
    name,
    weight: record.status === 'ready' || verified === undefined || verified.includes(name) ? weight : 0,
  }));
}

/** The health check of a request, where it is on. */
export const checkOf = ({ serverGroup: { healthCheck } }: Pick<Spec, 'serverGroup'>): CheckedAnswers | undefined =>
  healthCheck.enabled ? healthCheck : undefined;

/** The target of a deployment that serves; undefined where there is nothing yet that could be probed. */
export function targetOf(record: DeploymentRecord): ProbeTarget | undefined {
  const spec = standing(record);
  const { listenerId, port = spec.listener.port, protocol = spec.listener.protocol } = outputsOf(record, 'listener');
  const {
    ipv6AddressType,
    addressType = spec.loadBalancer.addressType,
    zones = [],
  } = outputsOf(record, 'ipv6-internet');
  const { dnsName = '', loadBalancerId } = outputsOf(record, 'load-balancer');
  const { instances = [] } = outputsOf(record, 'instances');
  const { serverGroupId } = outputsOf(record, 'server-group');
  const addresses = zones
    .map(({ ipv6Address }) => ipv6Address)
    .filter((address) => address !== '')
    .map(normalAddress);
  const { domainName } = outputsOf(record, 'dns');
  if (listenerId === undefined || (domainName === undefined && addresses.length === 0)) return undefined;
  // Servers that we made name themselves; of others only the answers tell.
  const areOurs = spec.backends.every((backend) => !isAdopted(backend));
  const check = checkOf(spec);
  return {
    targetId: record.deploymentId,
    ...(domainName === undefined ? {} : { domainName }),
    ...wellOf(spec.probe, check, domainName ?? `[${addresses[0]}]`),
    port,
    tls: protocol === 'HTTPS',
    ...(loadBalancerId === undefined ? {} : { loadBalancerId }),
    expected: { cname: dnsName, addresses, outOfService: addressesOutOfService(knownZones(record) ?? []) },
    ipv4: ipv4SideOf({ isAsked: spec.probe?.ipv4, addressType }, zones, knownZones(record) ?? []),
    backends: backendsOf(record),
    identification: spec.probe?.identifyBy ?? (areOurs ? { by: 'header', header: backendHeader } : { by: 'answers' }),
    scope: ipv6AddressType === 'Internet' ? 'internet' : 'vpc',
    vantage: spec.probe?.vantage ?? 'auto',
    isOneServerPerClient: spec.serverGroup.scheduler === 'Sch',
    acceptsAnyIssuer: spec.probe?.acceptAnyIssuer ?? false,
    mostRequests: spec.probe?.mostRequests ?? mostRequestsByDefault,
    listenerId,
    ...(serverGroupId === undefined ? {} : { serverGroupId }),
    servers: instances.map(({ name, instanceId, address, port: serverPort }) => ({
      backend: name,
      serverId: instanceId,
      serverIp: address,
      port: serverPort,
    })),
    ...(check === undefined ? {} : { check }),
  };
}
