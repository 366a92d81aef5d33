import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { changedServers, getServers } from '../server-entries.ts';
import { mustBeAvailable } from '../status-rules.ts';

/**
 * UpdateServerGroupServersAttribute, ALB 2020-06-16. The documentation says 40 servers a call, the schema 200 (P-075); 200 is taken here.
 * Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateservergroupserversattribute (read 2026-11-22).
 */
export const updateServerGroupServersAttribute = albWrite({
  params: { ServerGroupId: required(text()), Servers: changedServers },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const group = state.serverGroup(params.ServerGroupId);
    mustBeAvailable(state, group);
    const servers = getServers(group, params.Servers);
    commit();
    for (const [index, server] of servers.entries()) {
      const given = params.Servers[index];
      server.weight = given?.Weight ?? server.weight;
      server.description = given?.Description ?? server.description;
      server.status = begin(clock, 'Configuring', 'Available', latency.serverMs);
    }
    group.status = begin(clock, 'Configuring', 'Available', latency.serverMs);
    return { JobId: state.jobs.begin('UpdateServerGroupServersAttribute', 'servergroup', group.id, latency.serverMs) };
  },
});
