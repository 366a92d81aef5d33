import { required, text } from '../../action.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { mustBeActive } from '../status-rules.ts';

/**
 * DeleteLoadBalancer, ALB 2020-06-16. Whether the real one takes a load balancer with listeners is not known; this one does not.
 * Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-deleteloadbalancer (read 2026-11-22).
 */
export const deleteLoadBalancer = albWrite({
  params: { LoadBalancerId: required(text()) },
  apply(state, params, commit) {
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    // One that is CreateFailed can only be deleted [SDK-ALB]: protection could never be taken off it.
    if (state.loadBalancers.statusOf(loadBalancer) !== 'CreateFailed') {
      mustBeActive(state, loadBalancer);
      if (loadBalancer.deletionProtection) throw refuse('OperationDenied.DeletionProtectionEnabled', loadBalancer.id);
    }
    const listeners = state.listenersOf(loadBalancer.id);
    if (listeners.length > 0)
      throw refuse('ResourceInUse.LoadBalancer', `[${listeners.map((listener) => listener.id).join(', ')}]`);
    commit();
    state.removeLoadBalancer(loadBalancer);
    const { deleteMs } = state.context.latency;
    return { JobId: state.jobs.begin('DeleteLoadBalancer', 'loadbalancer', loadBalancer.id, deleteMs) };
  },
});
