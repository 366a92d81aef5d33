import { flag, required, struct, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { resourceName } from '../params.ts';
import {
  healthCheckShape,
  inertShape,
  readHealthCheck,
  readScheduler,
  readStickySession,
  readTransition,
  refuseInert,
  schedulers,
  stickySessionShape,
  transitionShape,
} from '../server-group-config.ts';
import { mustBeAvailable, mustOfferTransition } from '../status-rules.ts';

/** UpdateServerGroupAttribute, ALB 2020-06-16: has no parameter for VpcId, Protocol, type and Ipv6Enabled (P-074). Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateservergroupattribute (read 2026-11-22). */
export const updateServerGroupAttribute = albWrite({
  params: {
    ServerGroupId: required(text()),
    ServerGroupName: resourceName(),
    Scheduler: schedulers,
    HealthCheckConfig: struct(healthCheckShape),
    StickySessionConfig: struct(stickySessionShape),
    UpstreamKeepaliveEnabled: flag(),
    ServiceName: text(),
    ...transitionShape,
    ...inertShape,
  },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    refuseInert(params);
    const group = state.serverGroup(params.ServerGroupId);
    mustBeAvailable(state, group);
    const scheduler = readScheduler(params.Scheduler ?? group.scheduler);
    const healthCheck = readHealthCheck(params.HealthCheckConfig, group.healthCheck);
    const stickySession = readStickySession(params.StickySessionConfig, group.stickySession);
    const transition = readTransition(params, scheduler, group);
    for (const id of state.usersOf(group.id)) mustOfferTransition(state.loadBalancer(id), transition);
    commit();
    group.name = params.ServerGroupName ?? group.name;
    group.upstreamKeepaliveEnabled = params.UpstreamKeepaliveEnabled ?? group.upstreamKeepaliveEnabled;
    group.serviceName = params.ServiceName ?? group.serviceName;
    group.scheduler = scheduler;
    group.healthCheck = healthCheck;
    group.stickySession = stickySession;
    Object.assign(group, transition);
    group.status = begin(clock, 'Configuring', 'Available', latency.serverGroupMs);
    return { JobId: state.jobs.begin('UpdateServerGroupAttribute', 'servergroup', group.id, latency.serverGroupMs) };
  },
});
