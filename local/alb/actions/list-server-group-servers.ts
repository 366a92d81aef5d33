import { required, text } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { ids, paging, takePage } from '../params.ts';

/** ListServerGroupServers, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listservergroupservers (read 2026-11-22). */
export const listServerGroupServers = albRead({
  params: { ...paging(), ServerGroupId: required(text()), ServerIds: ids(20) },
  apply(state, params) {
    const group = state.serverGroup(params.ServerGroupId);
    const found = group.servers.filter((server) => params.ServerIds?.includes(server.serverId) ?? true);
    const { rows, tail } = takePage(found, params);
    return {
      Servers: rows.map((server) => ({
        Description: server.description,
        Port: server.port,
        RemoteIpEnabled: false,
        ServerGroupId: group.id,
        ServerId: server.serverId,
        ServerIp: server.serverIp,
        ServerType: server.serverType,
        Status: state.serverStatus(server),
        Weight: server.weight,
      })),
      ...tail,
    };
  },
});
