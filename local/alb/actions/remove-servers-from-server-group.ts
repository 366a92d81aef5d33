import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { getServers, serverIdentities } from '../server-entries.ts';
import { mustBeAvailable } from '../status-rules.ts';

/** RemoveServersFromServerGroup, ALB 2020-06-16: also of instances that are released already (P-072). Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-removeserversfromservergroup (read 2026-11-22). */
export const removeServersFromServerGroup = albWrite({
  params: { ServerGroupId: required(text()), Servers: serverIdentities },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const group = state.serverGroup(params.ServerGroupId);
    mustBeAvailable(state, group);
    const servers = getServers(group, params.Servers);
    commit();
    for (const server of servers) server.status = begin(clock, 'Removing', undefined, latency.serverMs);
    group.status = begin(clock, 'Configuring', 'Available', latency.serverMs);
    return { JobId: state.jobs.begin('RemoveServersFromServerGroup', 'servergroup', group.id, latency.serverMs) };
  },
});
