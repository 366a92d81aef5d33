import { required, text } from '../../action.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { switchIpv6AddressType } from '../ipv6-address-type.ts';

/**
 * EnableLoadBalancerIpv6Internet, ALB 2020-06-16. The load balancer is Active again before the address type has changed (P-063).
 * Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-enableloadbalanceripv6internet (read 2026-11-22).
 */
export const enableLoadBalancerIpv6Internet = albWrite({
  params: { LoadBalancerId: required(text()) },
  apply: (state, params, commit) =>
    switchIpv6AddressType(state, params.LoadBalancerId, 'Internet', commit, () =>
      refuse('OperationDenied.Ipv6InternetInstance'),
    ),
});
