import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { attachmentParams, policyType } from '../params.ts';
import type { RamState } from '../state.ts';

/** DetachPolicyFromRole, RAM 2015-05-01. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-detachpolicyfromrole (text as in SDK 1.2.1). */
export const detachPolicyFromRole = rpcAction<RamState>()({
  isWrite: true,
  params: attachmentParams,
  apply(state, params) {
    const policy = state.policy(policyType(params.PolicyType), params.PolicyName);
    const role = state.role(params.RoleName);
    if (!state.policiesOf(role).includes(policy)) throw refuse('EntityNotExist.Role.Policy', policy.name);
    state.detach(role, policy);
    return {};
  },
});
