import { ListSecurityPoliciesRequest } from '@alicloud/alb20200616/dist/models/ListSecurityPoliciesRequest.js';
import { ListSecurityPoliciesResponseBody } from '@alicloud/alb20200616/dist/models/ListSecurityPoliciesResponseBody.js';
import { ListSystemSecurityPoliciesResponseBody } from '@alicloud/alb20200616/dist/models/ListSystemSecurityPoliciesResponseBody.js';
import type { Call, Send } from '../call.ts';
import { readModel } from '../sdk-models.ts';

export interface SecurityPolicies {
  /** Ids of the TLS policies that every account has. */
  listSystemSecurityPolicies(): Promise<string[]>;
  /** Whether the account has made a TLS policy of this id. */
  hasSecurityPolicy(securityPolicyId: string): Promise<boolean>;
}

const listSecurityPolicies = {
  name: 'ListSecurityPolicies',
  request: ListSecurityPoliciesRequest,
  answer: ListSecurityPoliciesResponseBody,
};

/** @param send - for the action without parameters, of which the SDK has no request model. */
export const securityPolicies = (call: Call, send: Send): SecurityPolicies => ({
  async listSystemSecurityPolicies() {
    const answer = readModel(ListSystemSecurityPoliciesResponseBody, await send('ListSystemSecurityPolicies', {}));
    return (answer.securityPolicies ?? []).flatMap(({ securityPolicyId = '' }) =>
      securityPolicyId === '' ? [] : [securityPolicyId],
    );
  },

  async hasSecurityPolicy(securityPolicyId) {
    const answer = await call(listSecurityPolicies, { securityPolicyIds: [securityPolicyId] });
    return (answer.securityPolicies ?? []).some((policy) => policy.securityPolicyId === securityPolicyId);
  },
});
