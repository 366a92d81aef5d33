import { required, text } from '../../action.ts';
import { albWrite } from '../alb-action.ts';
import { mustBeActive } from '../status-rules.ts';

/** EnableDeletionProtection, ALB 2020-06-16: takes ResourceId (P-065), answers without JobId. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-enabledeletionprotection (read 2026-11-22). */
export const enableDeletionProtection = albWrite({
  params: { ResourceId: required(text()) },
  apply(state, params, commit) {
    const loadBalancer = state.loadBalancer(params.ResourceId);
    mustBeActive(state, loadBalancer);
    commit();
    loadBalancer.deletionProtection = true;
    loadBalancer.deletionProtectedAtMs = state.context.clock.nowMs();
    // Terraform waits for Active afterwards.
    state.configure(loadBalancer, state.context.latency.listenerMs);
    return {};
  },
});
