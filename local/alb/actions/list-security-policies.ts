import { albRead } from '../alb-action.ts';
import { ids, paging, takePage } from '../params.ts';

/**
 * ListSecurityPolicies, ALB 2020-06-16: the account's own TLS policies, without names and tags. Source:
 * https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listsecuritypolicies
 * (text as in SDK 1.3.2).
 */
export const listSecurityPolicies = albRead({
  params: { ...paging(), SecurityPolicyIds: ids(20) },
  apply(state, params) {
    const found = [...state.customPolicies].filter(([id]) => params.SecurityPolicyIds?.includes(id) ?? true);
    const { rows, tail } = takePage(found, params);
    return {
      SecurityPolicies: rows.map(([id, policy]) => ({
        SecurityPolicyId: id,
        SecurityPolicyName: id,
        SecurityPolicyStatus: 'Available',
        TLSVersions: policy.tlsVersions,
        Ciphers: policy.ciphers,
      })),
      ...tail,
    };
  },
});
