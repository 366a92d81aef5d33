import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { policyType } from '../params.ts';
import { defaultVersion, type RamState } from '../state.ts';
import { policyDetails, policyVersionForm } from '../wire-forms.ts';

/** GetPolicy, RAM 2015-05-01: the policy and its default version. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-getpolicy (fields of SDK 1.2.1). */
export const getPolicy = rpcAction<RamState>()({
  isWrite: false,
  params: { PolicyType: required(text()), PolicyName: required(text()) },
  apply(state, params) {
    const policy = state.policy(policyType(params.PolicyType), params.PolicyName);
    return {
      Policy: policyDetails(policy, state.attachmentCount(policy)),
      DefaultPolicyVersion: policyVersionForm(policy, defaultVersion(policy)),
    };
  },
});
