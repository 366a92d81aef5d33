import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { mustBeAvailable } from '../status-rules.ts';

/** DeleteServerGroup, ALB 2020-06-16: also with servers in it, but not while a listener or rule forwards to it. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-deleteservergroup (read 2026-11-22). */
export const deleteServerGroup = albWrite({
  params: { ServerGroupId: required(text()) },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const group = state.serverGroup(params.ServerGroupId);
    mustBeAvailable(state, group);
    const users = state.usersOf(group.id);
    if (users.length > 0) throw refuse('ResourceInUse.ServerGroup', `[${group.id}: ${users.join(', ')}]`);
    commit();
    group.status = begin(clock, 'Deleting', undefined, latency.deleteMs);
    return { JobId: state.jobs.begin('DeleteServerGroup', 'servergroup', group.id, latency.deleteMs) };
  },
});
