import { albRead } from '../alb-action.ts';
import { securityPolicies } from '../security-policies.ts';

/** ListSystemSecurityPolicies, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listsystemsecuritypolicies (read 2026-11-22). */
export const listSystemSecurityPolicies = albRead({
  params: {},
  apply: () => ({
    SecurityPolicies: Object.entries(securityPolicies).map(([id, policy]) => ({
      SecurityPolicyId: id,
      TLSVersions: policy.tlsVersions,
      Ciphers: policy.ciphers,
    })),
  }),
});
