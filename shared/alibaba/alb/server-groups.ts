import { CreateServerGroupRequest } from '@alicloud/alb20200616/dist/models/CreateServerGroupRequest.js';
import { CreateServerGroupResponseBody } from '@alicloud/alb20200616/dist/models/CreateServerGroupResponseBody.js';
import { DeleteServerGroupRequest } from '@alicloud/alb20200616/dist/models/DeleteServerGroupRequest.js';
import { ListServerGroupsRequest } from '@alicloud/alb20200616/dist/models/ListServerGroupsRequest.js';
import { ListServerGroupsResponseBody } from '@alicloud/alb20200616/dist/models/ListServerGroupsResponseBody.js';
import { UpdateServerGroupAttributeRequest } from '@alicloud/alb20200616/dist/models/UpdateServerGroupAttributeRequest.js';
import { type Call, idOf } from '../call.ts';
import { expecting } from '../cloud-error.ts';
import { tokenPages } from '../pages.ts';
import { albProduct } from '../products.ts';
import type { Fields } from '../sdk-models.ts';
import { matches, readTags, type Tags, wireTags } from '../tags.ts';

export interface HealthCheck {
  isEnabled: boolean;
  protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'gRPC';
  path: string;
  method: 'HEAD' | 'GET' | 'POST';
  /** `http_2xx`, `http_3xx`, ... */
  codes: string[];
  /** 0: the port of each server. */
  connectPort: number;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
}

export interface StickySession {
  isEnabled: boolean;
  /** `Insert`: the load balancer sets the cookie; `Server`: it rewrites `cookie`. */
  type?: 'Insert' | 'Server' | undefined;
  cookie?: string | undefined;
  /** Lifetime of an inserted cookie. */
  cookieTimeoutSeconds?: number | undefined;
}

/** Connection draining (0 to 900 s), or slow start (30 to 900 s, with the scheduler Wrr only). */
export interface Transition {
  isEnabled: boolean;
  seconds?: number | undefined;
}

export interface ServerGroup {
  serverGroupId: string;
  name: string;
  /** `Creating`, `Available`, `Configuring`, `Deleting`. */
  status: string;
  vpcId: string;
  protocol: string;
  scheduler: string;
  ipv6Enabled: boolean;
  healthCheck: HealthCheck;
  stickySession: StickySession;
  connectionDrain: Transition;
  slowStart: Transition;
  serverCount: number;
  /** Those that forward to it, which hold it against deletion. */
  relatedLoadBalancerIds: string[];
  tags: Tags;
}

export interface NewServerGroup {
  name: string;
  vpcId: string;
  protocol: 'HTTP' | 'HTTPS' | 'gRPC';
  scheduler: 'Wrr' | 'Wlc' | 'Sch' | 'Uch';
  ipv6Enabled: boolean;
  healthCheck: HealthCheck;
  stickySession: StickySession;
  /** Not for a load balancer of edition Basic. */
  connectionDrain?: Transition | undefined;
  slowStart?: Transition | undefined;
  tags: Tags;
  clientToken: string;
}

/** Protocol, VPC and IPv6 cannot be changed: they need a new group. */
export interface ServerGroupChange {
  name?: string | undefined;
  scheduler?: 'Wrr' | 'Wlc' | 'Sch' | 'Uch' | undefined;
  healthCheck?: HealthCheck | undefined;
  stickySession?: StickySession | undefined;
  connectionDrain?: Transition | undefined;
  slowStart?: Transition | undefined;
}

export interface ServerGroups {
  findServerGroup(serverGroupId: string): Promise<ServerGroup | undefined>;
  listServerGroups(filter: { tags: Tags }): Promise<ServerGroup[]>;
  createServerGroup(group: NewServerGroup): Promise<string>;
  updateServerGroup(serverGroupId: string, change: ServerGroupChange, clientToken: string): Promise<void>;
  /** A group that is not there counts as deleted. */
  deleteServerGroup(serverGroupId: string, clientToken: string): Promise<void>;
}

const createServerGroup = {
  name: 'CreateServerGroup',
  request: CreateServerGroupRequest,
  answer: CreateServerGroupResponseBody,
};
const deleteServerGroup = { name: 'DeleteServerGroup', request: DeleteServerGroupRequest };
const listServerGroups = {
  name: 'ListServerGroups',
  request: ListServerGroupsRequest,
  answer: ListServerGroupsResponseBody,
};
const updateServerGroupAttribute = { name: 'UpdateServerGroupAttribute', request: UpdateServerGroupAttributeRequest };

export const serverGroups = (call: Call): ServerGroups => {
  const list = async (filter: { serverGroupIds?: string[]; tags?: Tags }): Promise<ServerGroup[]> => {
    const rows = await tokenPages(async (nextToken) => {
      const answer = await call(listServerGroups, {
        serverGroupIds: filter.serverGroupIds,
        tag: wireTags(filter.tags),
        maxResults: 100,
        nextToken,
      });
      return { rows: answer.serverGroups, nextToken: answer.nextToken };
    });
    return rows.map(readServerGroup).filter((group) => matches(group, filter.tags));
  };

  return {
    async findServerGroup(serverGroupId) {
      const found = await list({ serverGroupIds: [serverGroupId] });
      return found.find((group) => group.serverGroupId === serverGroupId);
    },

    listServerGroups: async ({ tags }) => await list({ tags }),

    async createServerGroup(group) {
      const answer = await call(createServerGroup, {
        serverGroupName: group.name,
        serverGroupType: 'Instance',
        vpcId: group.vpcId,
        protocol: group.protocol,
        scheduler: group.scheduler,
        ipv6Enabled: group.ipv6Enabled,
        healthCheckConfig: wireHealthCheck(group.healthCheck),
        stickySessionConfig: wireStickySession(group.stickySession),
        connectionDrainConfig: wireDrain(group.connectionDrain),
        slowStartConfig: wireSlowStart(group.slowStart),
        tag: wireTags(group.tags),
        clientToken: group.clientToken,
      });
      return idOf(albProduct, createServerGroup, answer.serverGroupId);
    },

    async updateServerGroup(
      serverGroupId,
      { name, scheduler, healthCheck, stickySession, connectionDrain, slowStart },
      clientToken,
    ) {
      await call(updateServerGroupAttribute, {
        serverGroupId,
        serverGroupName: name,
        scheduler,
        healthCheckConfig: healthCheck === undefined ? undefined : wireHealthCheck(healthCheck),
        stickySessionConfig: stickySession === undefined ? undefined : wireStickySession(stickySession),
        connectionDrainConfig: wireDrain(connectionDrain),
        slowStartConfig: wireSlowStart(slowStart),
        clientToken,
      });
    },

    async deleteServerGroup(serverGroupId, clientToken) {
      await expecting(['ResourceNotFound.ServerGroup'], undefined, () =>
        call(deleteServerGroup, { serverGroupId, clientToken }),
      );
    },
  };
};

const wireHealthCheck = (check: HealthCheck): NonNullable<Fields<CreateServerGroupRequest>['healthCheckConfig']> =>
  check.isEnabled
    ? {
        healthCheckEnabled: true,
        healthCheckProtocol: check.protocol,
        healthCheckPath: check.path,
        healthCheckMethod: check.method,
        healthCheckCodes: check.codes,
        healthCheckConnectPort: check.connectPort,
        healthCheckInterval: check.intervalSeconds,
        healthCheckTimeout: check.timeoutSeconds,
        healthyThreshold: check.healthyThreshold,
        unhealthyThreshold: check.unhealthyThreshold,
      }
    : { healthCheckEnabled: false };

const wireStickySession = (
  session: StickySession,
): NonNullable<Fields<CreateServerGroupRequest>['stickySessionConfig']> =>
  session.isEnabled
    ? {
        stickySessionEnabled: true,
        stickySessionType: session.type,
        cookie: session.cookie,
        cookieTimeout: session.cookieTimeoutSeconds,
      }
    : { stickySessionEnabled: false };

const wireDrain = (drain: Transition | undefined) =>
  drain && {
    connectionDrainEnabled: drain.isEnabled,
    ...(drain.isEnabled ? { connectionDrainTimeout: drain.seconds } : {}),
  };

const wireSlowStart = (slow: Transition | undefined) =>
  slow && {
    slowStartEnabled: slow.isEnabled,
    ...(slow.isEnabled ? { slowStartDuration: slow.seconds } : {}),
  };

type WireServerGroup = NonNullable<Fields<ListServerGroupsResponseBody>['serverGroups']>[number];

function readServerGroup(row: WireServerGroup): ServerGroup {
  const check = row.healthCheckConfig ?? {};
  const session = row.stickySessionConfig ?? {};
  return {
    serverGroupId: row.serverGroupId ?? '',
    name: row.serverGroupName ?? '',
    status: row.serverGroupStatus ?? '',
    vpcId: row.vpcId ?? '',
    protocol: row.protocol ?? '',
    scheduler: row.scheduler ?? '',
    ipv6Enabled: row.ipv6Enabled ?? false,
    // Defaults are those of the service.
    healthCheck: {
      isEnabled: check.healthCheckEnabled ?? false,
      protocol: (check.healthCheckProtocol ?? 'HTTP') as HealthCheck['protocol'],
      path: check.healthCheckPath ?? '/',
      method: (check.healthCheckMethod ?? 'HEAD') as HealthCheck['method'],
      codes: check.healthCheckCodes ?? ['http_2xx'],
      connectPort: check.healthCheckConnectPort ?? 0,
      intervalSeconds: check.healthCheckInterval ?? 2,
      timeoutSeconds: check.healthCheckTimeout ?? 5,
      healthyThreshold: check.healthyThreshold ?? 3,
      unhealthyThreshold: check.unhealthyThreshold ?? 3,
    },
    stickySession: {
      isEnabled: session.stickySessionEnabled ?? false,
      type: session.stickySessionType as StickySession['type'],
      cookie: session.cookie,
      cookieTimeoutSeconds: session.cookieTimeout,
    },
    connectionDrain: {
      isEnabled: row.connectionDrainConfig?.connectionDrainEnabled ?? false,
      seconds: row.connectionDrainConfig?.connectionDrainTimeout,
    },
    slowStart: {
      isEnabled: row.slowStartConfig?.slowStartEnabled ?? false,
      seconds: row.slowStartConfig?.slowStartDuration,
    },
    serverCount: row.serverCount ?? 0,
    relatedLoadBalancerIds: row.relatedLoadBalancerIds ?? [],
    tags: readTags(row.tags),
  };
}
