import type { Listener } from '../alibaba/alb/listeners.ts';
import type { LoadBalancer } from '../alibaba/alb/load-balancers.ts';
import type { HealthCheck } from '../alibaba/alb/server-groups.ts';
import type { BackendServer } from '../alibaba/alb/servers.ts';
import type { Problem } from '../deployment/problems.ts';
import { normalAddress } from '../net/cidr.ts';
import type { Clouds } from '../stage.ts';
import { zoneStates } from '../zones-in-service.ts';
import type { WatchSpec } from './spec.ts';
import type { Front } from './watch.ts';

/** API calls that one look takes. */
export const frontCalls = 4;

/** `missing`: there is no such thing; else it is there, and cannot be watched. */
export interface FrontProblem extends Problem {
  code: string;
  isMissing: boolean;
}

type Wanted = WatchSpec['watchOnly'];

/** What the load balancer is like now, or everything for which it cannot be watched. Reads only. */
export async function lookUpFront(
  alb: Clouds['alb'],
  wanted: Wanted,
  nowMs: number,
): Promise<{ front: Front } | { problems: FrontProblem[] }> {
  const { loadBalancerId } = wanted;
  const [loadBalancer, listeners] = await Promise.all([
    alb.findLoadBalancer(loadBalancerId),
    alb.listListeners({ loadBalancerId }),
  ]);
  if (loadBalancer === undefined)
    return {
      problems: [
        {
          field: 'watchOnly.loadBalancerId',
          code: 'load-balancer-not-found',
          message: `there is no load balancer ${loadBalancerId} in this region`,
          isMissing: true,
        },
      ],
    };
  const listener = findListener(listeners, wanted);
  const problems = [...addressProblems(loadBalancer), ...listenerProblems(listener, wanted)];
  if (listener === undefined || problems.length > 0) return { problems };
  return {
    front: {
      atMs: nowMs,
      dnsName: loadBalancer.dnsName,
      ipv6AddressType: loadBalancer.ipv6AddressType,
      ipv6Addresses: ipv6AddressesOf(loadBalancer),
      addressType: loadBalancer.addressType,
      zones: zoneStates(loadBalancer),
      listenerId: listener.listenerId,
      port: listener.port,
      protocol: listener.protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
      ...(await behind(alb, listener)),
    },
  };
}

const isProbed = ({ protocol }: Listener): boolean => protocol === 'HTTP' || protocol === 'HTTPS';

function findListener(listeners: Listener[], { listener: wanted }: Wanted): Listener | undefined {
  if ('listenerId' in wanted) return listeners.find(({ listenerId }) => listenerId === wanted.listenerId);
  const { port, protocol } = wanted;
  const atPort = listeners.filter((one) => one.port === port && (protocol === undefined || one.protocol === protocol));
  // QUIC may have the same port, over UDP.
  return atPort.find(isProbed) ?? atPort[0];
}

const ipv6AddressesOf = ({ zones }: LoadBalancer): string[] =>
  zones.flatMap(({ ipv6Address }) => (ipv6Address === '' ? [] : [normalAddress(ipv6Address)]));

function addressProblems(loadBalancer: LoadBalancer): FrontProblem[] {
  const { loadBalancerId, addressIpVersion, status } = loadBalancer;
  const problem = (code: string, message: string): FrontProblem[] => [
    { field: 'watchOnly.loadBalancerId', code, message, isMissing: false },
  ];
  if (addressIpVersion !== 'DualStack')
    return problem('not-dual-stack', `${loadBalancerId} has IPv4 only; that is fixed at its creation`);
  return ipv6AddressesOf(loadBalancer).length > 0
    ? []
    : problem('no-ipv6-address', `${loadBalancerId} is ${status} and has no IPv6 address`);
}

function listenerProblems(
  listener: Listener | undefined,
  { loadBalancerId, listener: wanted }: Wanted,
): FrontProblem[] {
  const isById = 'listenerId' in wanted;
  const field = isById ? 'watchOnly.listener.listenerId' : 'watchOnly.listener.port';
  const what = isById ? wanted.listenerId : [wanted.protocol, 'listener at port', wanted.port].join(' ').trim();
  if (listener === undefined)
    return [{ field, code: 'listener-not-found', message: `${loadBalancerId} has no ${what}`, isMissing: true }];
  return isProbed(listener)
    ? []
    : [
        {
          field,
          code: 'listener-protocol',
          message: `${listener.listenerId} is a ${listener.protocol} listener; HTTP and HTTPS are probed`,
          isMissing: false,
        },
      ];
}

/** The servers of the one group that the default action forwards to. Rules are not looked at. */
async function behind(
  alb: Clouds['alb'],
  { serverGroupIds }: Listener,
): Promise<Pick<Front, 'serverGroupId' | 'scheduler' | 'check' | 'servers'>> {
  const [serverGroupId, second] = serverGroupIds;
  if (serverGroupId === undefined || second !== undefined) return { servers: [] };
  const [group, listed = []] = await Promise.all([alb.findServerGroup(serverGroupId), alb.listServers(serverGroupId)]);
  return {
    serverGroupId,
    ...(group === undefined ? {} : { scheduler: group.scheduler, ...checkOf(group.healthCheck) }),
    servers: listed.filter(getsRequests).map(({ serverId, serverIp, port, weight }) => ({
      serverId,
      serverIp: normalAddress(serverIp),
      port,
      weight,
    })),
  };
}

/** A check over TCP asks for no answer, one over gRPC for none that a probe would get. */
const checkOf = ({ isEnabled, protocol, path, method, codes }: HealthCheck): Pick<Front, 'check'> =>
  isEnabled && (protocol === 'HTTP' || protocol === 'HTTPS') ? { check: { path, method, codes } } : {};

const getsRequests = ({ status }: BackendServer): boolean => status !== 'Adding' && status !== 'Removing';
