import { isIPv6 } from 'node:net';
import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { addedServers, canonicalIp, type ServerIdentity } from '../server-entries.ts';
import type { AlbState, ServerGroup } from '../state.ts';
import { mustBeAvailable } from '../status-rules.ts';

/**
 * AddServersToServerGroup, ALB 2020-06-16. Its answer promises nothing: the servers are Adding until the job has ended.
 * Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-addserverstoservergroup (read 2026-11-22).
 */
export const addServersToServerGroup = albWrite({
  params: {
    ServerGroupId: required(text()),
    Servers: addedServers,
  },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const group = state.serverGroup(params.ServerGroupId);
    mustBeAvailable(state, group);
    const servers = params.Servers.map((given) => ({ given, serverIp: resolveIp(state, group, given) }));
    const keys = servers.map(({ given, serverIp }) => `${given.ServerId} ${serverIp} ${given.Port}`);
    if (new Set(keys).size < keys.length) throw refuse('DuplicatedParam.BackendServer');
    const present = new Set(group.servers.map((server) => `${server.serverId} ${server.serverIp} ${server.port}`));
    const known = keys.find((key) => present.has(key));
    if (known !== undefined) throw refuse('Conflict.BackendServer', `[${group.id}: ${known}]`);
    if (group.servers.length + servers.length > state.quota.serversPerGroup)
      throw refuse('ResourceQuotaExceeded.ServerAddedNum', group.id);
    commit();
    for (const { given, serverIp } of servers)
      state.addServer(group, {
        serverId: given.ServerId,
        serverIp,
        serverType: 'Ecs',
        port: given.Port,
        weight: given.Weight ?? 100,
        description: given.Description ?? '',
        status: begin(clock, 'Adding', 'Available', latency.serverMs),
        addedAtMs: clock.nowMs(),
      });
    group.status = begin(clock, 'Configuring', 'Available', latency.serverMs);
    return { JobId: state.jobs.begin('AddServersToServerGroup', 'servergroup', group.id, latency.serverMs) };
  },
});

/** The address at which the load balancer will reach the server; the primary private IPv4 address if none is given (inf). */
function resolveIp(state: AlbState, group: ServerGroup, given: ServerIdentity): string {
  if (given.ServerType === 'Ip' || given.ServerType === 'Fc')
    throw refuse('Mismatch.ServerType', `[${group.id}: Instance, ${given.ServerType}]`);
  if (given.ServerType !== 'Ecs') throw refuse('UnsupportedFeature.NotEmulated', `ServerType=${given.ServerType}`);
  const instance = state.ecs.instances.find(given.ServerId);
  if (instance === undefined) throw refuse('ResourceNotFound.Ecs', given.ServerId);
  if (instance.vpcId !== group.vpcId)
    throw refuse('Mismatch.VpcId', `[${group.id}: ${group.vpcId}, ${instance.id}: ${instance.vpcId}]`);
  const serverIp = canonicalIp(given.ServerIp ?? instance.privateIpAddress);
  const addresses = [instance.privateIpAddress, ...instance.ipv6Addresses.map(canonicalIp)];
  if (!addresses.includes(serverIp)) throw refuse('IllegalParam.ServerIp', `[${instance.id} has no ${serverIp}]`);
  if (isIPv6(serverIp) && !group.ipv6Enabled)
    throw refuse('IllegalParam.ServerIp', `[${serverIp}: IPv6 is not enabled on ${group.id}]`);
  // The card of an instance that is still being made is not there yet (inf: the code is listed, its case is not).
  if (state.ecs.instances.statusOf(instance) === 'Pending') throw refuse('IncorrectStatus.Eni', `[${instance.id}]`);
  return serverIp;
}
