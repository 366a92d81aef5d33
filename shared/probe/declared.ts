import { expecting } from '../alibaba/cloud-error.ts';
import type { Clouds } from '../stage.ts';
import { zoneStates } from '../zones-in-service.ts';
import { whyUnhealthy } from '../judge-health.ts';
import { normalAddress } from '../net/cidr.ts';
import type { Declared } from './observation.ts';
import type { ProbeTarget } from './target.ts';

/** API calls that one view takes. */
export const declaredCalls = 4;

/**
 * What the load balancer declares now. Servers that are not looked at say nothing: `Initial` has had no check yet,
 * `Unavailable` gets none since checks are off, one of weight 0 is `Unused` (P-070), and one of which nothing is expected may
 * still be starting.
 *
 * @returns undefined where the target has no listener that is known.
 */
export async function readDeclared(
  alb: Clouds['alb'],
  { loadBalancerId, listenerId, serverGroupId, servers, backends, check }: ProbeTarget,
  nowMs: number,
): Promise<Declared | undefined> {
  if (listenerId === undefined) return undefined;
  const [loadBalancer, listener, listed = [], reports] = await Promise.all([
    loadBalancerId === undefined ? undefined : alb.findLoadBalancer(loadBalancerId),
    alb.getListener(listenerId),
    serverGroupId === undefined ? [] : alb.listServers(serverGroupId),
    serverGroupId === undefined
      ? []
      : expecting(['ResourceNotFound.Listener'], [], () => alb.getListenerHealth(listenerId)),
  ]);
  const nameOf = ({ serverId, serverIp, port }: { serverId: string; serverIp: string; port: number }): string =>
    servers.find(
      (one) =>
        one.port === port &&
        (one.serverId === serverId || one.serverId === '') &&
        (one.serverIp === '' || normalAddress(one.serverIp) === normalAddress(serverIp)),
    )?.backend ?? `${serverIp}:${port}`;
  const report = reports.find((candidate) => candidate.serverGroupId === serverGroupId);
  const unhealthy = (report?.nonNormalServers ?? [])
    .filter(({ status }) => status === 'Unhealthy')
    .map((server) => ({
      backend: nameOf(server),
      status: server.status,
      reason: whyUnhealthy(server, check),
    }))
    .filter(({ backend }) => backends.find(({ name }) => name === backend)?.weight !== 0);
  const isSick = new Set(unhealthy.map(({ backend }) => backend));
  return {
    atMs: nowMs,
    listenerStatus: listener?.status ?? 'gone',
    unhealthy,
    available: (report?.healthCheckEnabled === false ? [] : listed)
      .filter(({ status }) => status === 'Available')
      .map(nameOf)
      .filter((backend) => !isSick.has(backend)),
    ...(loadBalancer === undefined ? {} : { zones: zoneStates(loadBalancer) }),
  };
}
