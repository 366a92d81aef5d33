import { required, text } from '../../action.ts';
import { albWrite } from '../alb-action.ts';
import { mustBeActive } from '../status-rules.ts';

/** DisableDeletionProtection, ALB 2020-06-16: takes ResourceId (P-065), answers without JobId. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-disabledeletionprotection (read 2026-11-22). */
export const disableDeletionProtection = albWrite({
  params: { ResourceId: required(text()) },
  apply(state, params, commit) {
    const loadBalancer = state.loadBalancer(params.ResourceId);
    mustBeActive(state, loadBalancer);
    commit();
    loadBalancer.deletionProtection = false;
    // Terraform waits for Active afterwards.
    state.configure(loadBalancer, state.context.latency.listenerMs);
    return {};
  },
});
