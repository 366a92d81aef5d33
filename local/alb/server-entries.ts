import { isIP, isIPv6 } from 'node:net';
import { integer, list, oneOf, required, struct, text } from '../action.ts';
import { refuse } from './errors.ts';
import type { BackendServer, ServerGroup } from './state.ts';

const identityShape = {
  ServerType: required(oneOf('Ecs', 'Eni', 'Eci', 'Ip', 'Fc')),
  ServerId: required(text({ min: 1, max: 128 })),
  ServerIp: text(),
  Port: required(integer(1, 65_535)),
};

const changeShape = {
  Weight: integer(0, 100),
  Description: text({ min: 2, max: 256, pattern: /^(?!https?:\/\/)/ }),
};

export const serverIdentities = required(list(struct(identityShape), 200, 1));
/** RemoteIpEnabled has a meaning for servers of type Ip only [SDK-ALB]. */
export const addedServers = required(
  list(struct({ ...identityShape, ...changeShape, RemoteIpEnabled: oneOf('false') }), 200, 1),
);
export const changedServers = required(list(struct({ ...identityShape, ...changeShape }), 200, 1));

export interface ServerIdentity {
  ServerType: 'Ecs' | 'Eni' | 'Eci' | 'Ip' | 'Fc';
  ServerId: string;
  ServerIp: string | undefined;
  Port: number;
}

/** IPv6 in its one canonical form, so that `2408::0:1` and `2408::1` are one server. @throws IllegalParam.ServerIp */
export function canonicalIp(address: string): string {
  if (isIP(address) === 0 || address.includes('%')) throw refuse('IllegalParam.ServerIp', address);
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/** The group's entry of that identity; without ServerIp the one at an IPv4 address (inf). */
export function findServer(group: ServerGroup, wanted: ServerIdentity): BackendServer | undefined {
  const ip = wanted.ServerIp === undefined ? undefined : canonicalIp(wanted.ServerIp);
  return group.servers.find(
    (server) =>
      server.serverType === wanted.ServerType &&
      server.serverId === wanted.ServerId &&
      server.port === wanted.Port &&
      (ip === undefined ? !isIPv6(server.serverIp) : server.serverIp === ip),
  );
}

/**
 * The entries of all identities, in order.
 *
 * @throws ResourceNotFound.BackendServer if one is not in the group, DuplicatedParam.BackendServer if one is named twice.
 */
export function getServers(group: ServerGroup, identities: ServerIdentity[]): BackendServer[] {
  const found = identities.map((identity) => {
    const server = findServer(group, identity);
    if (server === undefined)
      throw refuse(
        'ResourceNotFound.BackendServer',
        `[${identity.ServerId} ${identity.ServerIp ?? ''} ${identity.Port}]`,
      );
    return server;
  });
  if (new Set(found).size < found.length) throw refuse('DuplicatedParam.BackendServer');
  return found;
}
