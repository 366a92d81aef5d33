import { oneOf, required, text } from '../../action.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { mustBeActive } from '../status-rules.ts';

/** From the least to the most: only upwards. */
const editions = ['Basic', 'Standard', 'StandardWithWaf'] as const;

/**
 * UpdateLoadBalancerEdition, ALB 2020-06-16: an upgrade, Configuring meanwhile. From WAF-enabled to Standard is a downgrade too (inf).
 * Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateloadbalanceredition (read 2026-11-30).
 */
export const updateLoadBalancerEdition = albWrite({
  params: { LoadBalancerId: required(text()), LoadBalancerEdition: required(oneOf(...editions)) },
  apply(state, params, commit) {
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    mustBeActive(state, loadBalancer);
    if (params.LoadBalancerEdition === loadBalancer.edition) throw refuse('OperationDenied.EditionNotChanged');
    if (editions.indexOf(params.LoadBalancerEdition) < editions.indexOf(loadBalancer.edition))
      throw refuse('OperationDenied.Downgrade', `[${loadBalancer.id}: ${loadBalancer.edition}]`);
    commit();
    loadBalancer.edition = params.LoadBalancerEdition;
    const { loadBalancerMs } = state.context.latency;
    state.configure(loadBalancer, loadBalancerMs);
    return { JobId: state.jobs.begin('UpdateLoadBalancerEdition', 'loadbalancer', loadBalancer.id, loadBalancerMs) };
  },
});
