import { GetListenerHealthStatusRequest } from '@alicloud/alb20200616/dist/models/GetListenerHealthStatusRequest.js';
import { GetListenerHealthStatusResponseBody } from '@alicloud/alb20200616/dist/models/GetListenerHealthStatusResponseBody.js';
import type { Call } from '../call.ts';
import { tokenPages } from '../pages.ts';

export interface ListenerHealth {
  serverGroupId: string;
  healthCheckEnabled: boolean;
  /** Healthy servers are never listed, so an empty list alone proves nothing. */
  nonNormalServers: {
    serverId: string;
    serverIp: string;
    port: number;
    /** `Initial`, `Unhealthy`, `Unused`, `Unavailable`. */
    status: string;
    /** Such as `CONNECT_TIMEOUT`; empty where none is given. */
    reasonCode: string;
    actualResponse: string;
  }[];
}

export interface Health {
  /** One entry for each server group that the listener's default action forwards to. */
  getListenerHealth(listenerId: string): Promise<ListenerHealth[]>;
}

const getListenerHealthStatus = {
  name: 'GetListenerHealthStatus',
  request: GetListenerHealthStatusRequest,
  answer: GetListenerHealthStatusResponseBody,
};

export const listenerHealth = (call: Call): Health => ({
  async getListenerHealth(listenerId) {
    const rows = await tokenPages(async (nextToken) => {
      const answer = await call(getListenerHealthStatus, { listenerId, maxResults: 30, nextToken });
      return { rows: answer.listenerHealthStatus, nextToken: answer.nextToken };
    });
    return rows
      .filter((row) => row.listenerId === undefined || row.listenerId === listenerId)
      .flatMap((row) => row.serverGroupInfos ?? [])
      .map((group) => ({
        serverGroupId: group.serverGroupId ?? '',
        healthCheckEnabled: group.healthCheckEnabled?.toLowerCase() === 'on',
        nonNormalServers: (group.nonNormalServers ?? []).map((server) => ({
          serverId: server.serverId ?? '',
          serverIp: server.serverIp ?? '',
          port: server.port ?? 0,
          status: server.status ?? '',
          reasonCode: server.reason?.reasonCode ?? '',
          actualResponse: server.reason?.actualResponse ?? '',
        })),
      }));
  },
});
