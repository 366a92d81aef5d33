import { flag, oneOf, required, struct, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { paramErrors, refuse } from '../errors.ts';
import { readTags, resourceName, tagParams } from '../params.ts';
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

/** CreateServerGroup, ALB 2020-06-16: needs the VPC and no load balancer. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-createservergroup (read 2026-11-22). */
export const createServerGroup = albWrite({
  params: {
    ServerGroupName: required(resourceName()),
    ServerGroupType: oneOf('Instance', 'Ip', 'Fc'),
    VpcId: text(),
    Protocol: oneOf('HTTP', 'HTTPS', 'gRPC'),
    Scheduler: schedulers,
    Ipv6Enabled: flag(),
    HealthCheckConfig: required(
      struct({ ...healthCheckShape, HealthCheckEnabled: required(healthCheckShape.HealthCheckEnabled) }),
    ),
    StickySessionConfig: struct(stickySessionShape),
    UpstreamKeepaliveEnabled: flag(),
    ServiceName: text(),
    ResourceGroupId: text(),
    Tag: tagParams(),
    ...transitionShape,
    ...inertShape,
  },
  apply(state, params, commit) {
    const { context, vpc: vpcs } = state;
    const tags = readTags(params.Tag);
    if (params.ServerGroupType === 'Fc') throw refuse('UnsupportedFeature.FcServerGroup');
    if (params.ServerGroupType === 'Ip') throw refuse('UnsupportedFeature.NotEmulated', 'ServerGroupType=Ip');
    if (params.Protocol === 'gRPC') throw refuse('UnsupportedFeature.NotEmulated', 'Protocol=gRPC');
    refuseInert(params);
    const scheduler = readScheduler(params.Scheduler ?? 'Wrr');
    const healthCheck = readHealthCheck(params.HealthCheckConfig);
    const stickySession = readStickySession(params.StickySessionConfig);
    const transition = readTransition(params, scheduler);
    if (params.VpcId === undefined) throw paramErrors.missing('VpcId');
    const vpc = vpcs.vpcs.find(params.VpcId);
    if (vpc === undefined) throw refuse('ResourceNotFound.Vpc', params.VpcId);
    const vpcStatus = vpcs.vpcs.statusOf(vpc);
    if (vpcStatus !== 'Available') throw refuse('IncorrectStatus.Vpc', `[${vpc.id}: ${vpcStatus}]`);
    const ipv6Enabled = params.Ipv6Enabled ?? false;
    if (ipv6Enabled && vpc.ipv6CidrBlock === '') throw refuse('OperationDenied.VpcNotSupportIpv6', vpc.id);
    commit();
    const group = state.addServerGroup({
      id: context.nextId('sgp-'),
      createdAtMs: context.clock.nowMs(),
      status: begin(context.clock, 'Creating', 'Available', context.latency.serverGroupMs),
      tags,
      vpcId: vpc.id,
      name: params.ServerGroupName,
      protocol: params.Protocol ?? 'HTTP',
      scheduler,
      ipv6Enabled,
      upstreamKeepaliveEnabled: params.UpstreamKeepaliveEnabled ?? false,
      resourceGroupId: params.ResourceGroupId ?? 'rg-default',
      serviceName: params.ServiceName ?? '',
      healthCheck,
      stickySession,
      ...transition,
    });
    const durationMs = context.latency.serverGroupMs;
    return {
      ServerGroupId: group.id,
      JobId: state.jobs.begin('CreateServerGroup', 'servergroup', group.id, durationMs),
    };
  },
});
