import { required, text } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { loadBalancerForm, zoneForms } from '../wire-forms.ts';

/** GetLoadBalancerAttribute, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-getloadbalancerattribute (read 2026-11-22). */
export const getLoadBalancerAttribute = albRead({
  params: { LoadBalancerId: required(text()) },
  limit: { calls: 60, perMs: 1000 },
  apply(state, params) {
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    return {
      ...loadBalancerForm(state, loadBalancer),
      RegionId: state.context.regionId,
      ZoneMappings: zoneForms(state, loadBalancer),
    };
  },
});
