import { oneOf, required, struct, text } from '../../action.ts';
import { albWrite } from '../alb-action.ts';
import { resourceName } from '../params.ts';
import { mustBeActive } from '../status-rules.ts';

/** UpdateLoadBalancerAttribute, ALB 2020-06-16: name and read-only mode; dual-stack cannot be added (P-061). Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateloadbalancerattribute (read 2026-11-22). */
export const updateLoadBalancerAttribute = albWrite({
  params: {
    LoadBalancerId: required(text()),
    LoadBalancerName: resourceName(),
    ModificationProtectionConfig: struct({
      Status: oneOf('NonProtection', 'ConsoleProtection'),
      Reason: resourceName(),
    }),
  },
  apply(state, params, commit) {
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    mustBeActive(state, loadBalancer);
    commit();
    loadBalancer.name = params.LoadBalancerName ?? loadBalancer.name;
    const status = params.ModificationProtectionConfig?.Status ?? loadBalancer.modificationProtection.status;
    const reason = params.ModificationProtectionConfig?.Reason ?? loadBalancer.modificationProtection.reason;
    loadBalancer.modificationProtection = { status, reason: status === 'NonProtection' ? '' : reason };
    const { listenerMs } = state.context.latency;
    state.configure(loadBalancer, listenerMs);
    return { JobId: state.jobs.begin('UpdateLoadBalancerAttribute', 'loadbalancer', loadBalancer.id, listenerMs) };
  },
});
