import { AddServersToServerGroupRequest } from '@alicloud/alb20200616/dist/models/AddServersToServerGroupRequest.js';
import { ListServerGroupServersRequest } from '@alicloud/alb20200616/dist/models/ListServerGroupServersRequest.js';
import { ListServerGroupServersResponseBody } from '@alicloud/alb20200616/dist/models/ListServerGroupServersResponseBody.js';
import { RemoveServersFromServerGroupRequest } from '@alicloud/alb20200616/dist/models/RemoveServersFromServerGroupRequest.js';
import { UpdateServerGroupServersAttributeRequest } from '@alicloud/alb20200616/dist/models/UpdateServerGroupServersAttributeRequest.js';
import type { Call } from '../call.ts';
import { expecting, hasCode } from '../cloud-error.ts';
import { derivedToken } from '../derived-token.ts';
import { batches, tokenPages } from '../pages.ts';

/** What names an entry: the same instance may stand in a group with several addresses and ports. */
export interface ServerKey {
  /** Instance id. */
  serverId: string;
  /** IPv4, or IPv6 in any spelling. */
  serverIp: string;
  port: number;
}

export interface NewServer extends ServerKey {
  /** 0 to 100; 0 gets no traffic and no health check. */
  weight: number;
  /** 2 to 256 characters. */
  description?: string | undefined;
}

export interface BackendServer extends ServerKey {
  weight: number;
  description: string;
  /** `Adding`, `Available`, `Configuring`, `Removing`. */
  status: string;
}

export interface Servers {
  /** Undefined where the server group is gone. */
  listServers(serverGroupId: string): Promise<BackendServer[] | undefined>;
  /** Servers that are in the group already count as added. */
  addServers(serverGroupId: string, servers: NewServer[], clientToken: string): Promise<void>;
  /** Changes weight and description. */
  updateServers(serverGroupId: string, servers: NewServer[], clientToken: string): Promise<void>;
  /** Servers (or a group) that are not there count as removed. */
  removeServers(serverGroupId: string, servers: ServerKey[], clientToken: string): Promise<void>;
}

/** Servers travel in the form body of two actions, in the query of the third (P-017). */
const addServersToServerGroup = {
  name: 'AddServersToServerGroup',
  request: AddServersToServerGroupRequest,
  inBody: ['Servers'],
};
const listServerGroupServers = {
  name: 'ListServerGroupServers',
  request: ListServerGroupServersRequest,
  answer: ListServerGroupServersResponseBody,
};
const removeServersFromServerGroup = {
  name: 'RemoveServersFromServerGroup',
  request: RemoveServersFromServerGroupRequest,
};
const updateServerGroupServersAttribute = {
  name: 'UpdateServerGroupServersAttribute',
  request: UpdateServerGroupServersAttributeRequest,
  inBody: ['Servers'],
};

export const servers = (call: Call): Servers => {
  const list = async (serverGroupId: string): Promise<BackendServer[] | undefined> =>
    await expecting(['ResourceNotFound.ServerGroup'], undefined, async () => {
      const rows = await tokenPages(async (nextToken) => {
        const answer = await call(listServerGroupServers, { serverGroupId, maxResults: 100, nextToken });
        return { rows: answer.servers, nextToken: answer.nextToken };
      });
      return rows.map((row) => ({
        serverId: row.serverId ?? '',
        serverIp: row.serverIp ?? '',
        port: row.port ?? 0,
        weight: row.weight ?? 0,
        description: row.description ?? '',
        status: row.status ?? '',
      }));
    });

  const keysIn = async (serverGroupId: string): Promise<Set<string>> =>
    new Set(((await list(serverGroupId)) ?? []).map(keyOf));

  const add = async (serverGroupId: string, added: NewServer[], clientToken: string): Promise<void> => {
    try {
      await call(addServersToServerGroup, { serverGroupId, servers: added.map(wireServer), clientToken });
    } catch (error) {
      if (!hasCode(error, ['Conflict.BackendServer'])) throw error;
      // One entry that is there already fails the call for all of them.
      const there = await keysIn(serverGroupId);
      const missing = added.filter((server) => !there.has(keyOf(server)));
      if (missing.length === added.length) throw error;
      if (missing.length > 0) await add(serverGroupId, missing, derivedToken(clientToken, ...missing.map(keyOf)));
    }
  };

  const remove = async (serverGroupId: string, removed: ServerKey[], clientToken: string): Promise<void> => {
    try {
      const wire = removed.map(({ serverId, serverIp, port }) => ({ serverType: 'Ecs', serverId, serverIp, port }));
      await call(removeServersFromServerGroup, { serverGroupId, servers: wire, clientToken });
    } catch (error) {
      if (hasCode(error, ['ResourceNotFound.ServerGroup'])) return;
      if (!hasCode(error, ['ResourceNotFound.BackendServer'])) throw error;
      const there = await keysIn(serverGroupId);
      const left = removed.filter((server) => there.has(keyOf(server)));
      if (left.length === removed.length) throw error;
      if (left.length > 0) await remove(serverGroupId, left, derivedToken(clientToken, ...left.map(keyOf)));
    }
  };

  /** One call for each batch, the first with the token as given. */
  const inBatches = async <Server extends ServerKey>(
    all: Server[],
    size: number,
    clientToken: string,
    run: (part: Server[], token: string) => Promise<unknown>,
  ): Promise<void> => {
    for (const [index, part] of batches(all, size).entries())
      await run(part, index === 0 ? clientToken : derivedToken(clientToken, String(index)));
  };

  return {
    listServers: list,

    async addServers(serverGroupId, added, clientToken) {
      await inBatches(added, 200, clientToken, (part, token) => add(serverGroupId, part, token));
    },

    async updateServers(serverGroupId, updated, clientToken) {
      // The page says 40, the schema 200 (P-075).
      await inBatches(updated, 40, clientToken, (part, token) =>
        call(updateServerGroupServersAttribute, { serverGroupId, servers: part.map(wireServer), clientToken: token }),
      );
    },

    async removeServers(serverGroupId, removed, clientToken) {
      await inBatches(removed, 200, clientToken, (part, token) => remove(serverGroupId, part, token));
    },
  };
};

const wireServer = ({
  serverId,
  serverIp,
  port,
  weight,
  description,
}: NewServer): Required<Pick<NewServer, 'serverId' | 'serverIp' | 'port' | 'weight'>> & {
  serverType: string;
  description?: string | undefined;
} => ({ serverType: 'Ecs', serverId, serverIp, port, weight, description });

/** What makes two entries the same, whatever the spelling of their IPv6 address. */
const keyOf = ({ serverId, serverIp, port }: ServerKey): string => `${serverId} ${canonicalIp(serverIp)} ${port}`;

const canonicalIp = (address: string): string =>
  address.includes(':') && URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname : address;
