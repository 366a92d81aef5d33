import { list, required, struct, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { mustBeActive } from '../status-rules.ts';
import { zoneToMove } from '../zones.ts';

/**
 * StartShiftLoadBalancerZones, ALB 2020-06-16: takes the addresses of one zone out of the answers for the load balancer's
 * own name. Only for static IP addresses, and not for the last zone that is Active. The addresses go on serving who still
 * has them. That it passes through Stopping, and for how long, is our model (inf); no JobId is answered.
 * Sources: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-startshiftloadbalancerzones,
 * https://www.alibabacloud.com/help/zh/server-load-balancer/latest/modify-the-configurations-of-an-alb-instance (read 2026-11-30).
 */
export const startShiftLoadBalancerZones = albWrite({
  params: {
    LoadBalancerId: required(text()),
    ZoneMappings: required(list(struct({ ZoneId: required(text()), VSwitchId: required(text()) }), 10, 1)),
  },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    mustBeActive(state, loadBalancer);
    const zone = zoneToMove(state, loadBalancer, params.ZoneMappings, 'Active', ['Stopping', 'Shifted']);
    const others = loadBalancer.zones.filter((one) => one !== zone && state.zoneStatus(one) === 'Active');
    if (others.length === 0) throw refuse('OperationDenied.ConfigLastActiveZoneNotSupport', `[${loadBalancer.id}]`);
    commit();
    zone.status = begin(clock, 'Stopping', 'Shifted', latency.zoneMs);
    return {};
  },
});
