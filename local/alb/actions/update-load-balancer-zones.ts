import { list, oneOf, required, struct, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import type { VSwitch } from '../../vpc/state.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { mustBeActive } from '../status-rules.ts';
import { checkZones, makeZone } from '../zones.ts';

/**
 * UpdateLoadBalancerZones, ALB 2020-06-16: the zones given replace those that are there; two at least where the region has
 * two. A zone that stays keeps its vSwitch and its addresses, a new one gets new ones, and those of a zone that goes are
 * gone at once (inf: "the new zones immediately take effect"). The same zones again are refused. Configuring until done.
 * Sources: https://help.aliyun.com/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateloadbalancerzones,
 * https://www.alibabacloud.com/help/en/server-load-balancer/latest/modify-the-configurations-of-an-alb-instance (read 2026-11-30).
 */
export const updateLoadBalancerZones = albWrite({
  params: {
    LoadBalancerId: required(text()),
    ZoneMappings: required(
      list(
        struct({
          ZoneId: required(text()),
          VSwitchId: required(text()),
          EipType: oneOf('Common', 'Anycast'),
          IntranetAddress: text(),
        }),
        10,
        1,
      ),
    ),
  },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    mustBeActive(state, loadBalancer);
    if (
      params.ZoneMappings.some(({ EipType, IntranetAddress }) => EipType === 'Anycast' || IntranetAddress !== undefined)
    )
      throw refuse('UnsupportedFeature.NotEmulated', 'Anycast addresses and chosen private addresses');
    const isDualStack = loadBalancer.addressIpVersion === 'DualStack';
    const vSwitches = checkZones(state, loadBalancer.vpcId, params.ZoneMappings, isDualStack, loadBalancer.zones);
    const stays = (vSwitch: VSwitch) => loadBalancer.zones.some((zone) => zone.vSwitchId === vSwitch.id);
    const moved = vSwitches.find(
      (one) => !stays(one) && loadBalancer.zones.some(({ zoneId }) => zoneId === one.zoneId),
    );
    if (moved !== undefined) throw refuse('OperationDenied.ZoneVSwitchChanged', `[${moved.zoneId}, ${moved.id}]`);
    if (vSwitches.length === loadBalancer.zones.length && vSwitches.every(stays))
      throw refuse('OperationDenied.ZoneMappingsNotChanged', `[${loadBalancer.id}]`);
    commit();
    const durationMs = latency.zoneMs;
    const wanted = new Set(vSwitches.map(({ id }) => id));
    const leaving = loadBalancer.zones.filter((zone) => !wanted.has(zone.vSwitchId));
    if (leaving.length > 0) state.removeZones(loadBalancer, leaving, durationMs);
    loadBalancer.zones = vSwitches.map(
      (vSwitch) =>
        loadBalancer.zones.find((zone) => zone.vSwitchId === vSwitch.id) ??
        makeZone(state, vSwitch, {
          loadBalancerId: loadBalancer.id,
          isDualStack,
          isPublic: loadBalancer.addressType === 'Internet',
          securityGroupId: loadBalancer.securityGroupId,
          status: begin(clock, 'Starting', 'Active', durationMs),
        }),
    );
    state.configure(loadBalancer, durationMs);
    return { JobId: state.jobs.begin('UpdateLoadBalancerZones', 'loadbalancer', loadBalancer.id, durationMs) };
  },
});
