import { list, required, struct, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { mustBeActive } from '../status-rules.ts';
import { zoneToMove } from '../zones.ts';

/**
 * CancelShiftLoadBalancerZones, ALB 2020-06-16: brings the addresses of one shifted zone back into the answers for the load
 * balancer's own name. That it passes through Starting, and for how long, is our model (inf); no JobId is answered.
 * Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-cancelshiftloadbalancerzones (read 2026-11-30).
 */
export const cancelShiftLoadBalancerZones = albWrite({
  params: {
    LoadBalancerId: required(text()),
    ZoneMappings: required(list(struct({ ZoneId: required(text()), VSwitchId: required(text()) }), 10, 1)),
  },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    mustBeActive(state, loadBalancer);
    const zone = zoneToMove(state, loadBalancer, params.ZoneMappings, 'Shifted', ['Starting', 'Active']);
    commit();
    zone.status = begin(clock, 'Starting', 'Active', latency.zoneMs);
    return {};
  },
});
