import { flag, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { RamState } from '../state.ts';

/**
 * DeletePolicy, RAM 2015-05-01. CascadingDelete takes the other versions along, not the attachments.
 * Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-deletepolicy (text as in SDK 1.2.1); the code for an attached policy is what Terraform retries.
 */
export const deletePolicy = rpcAction<RamState>()({
  isWrite: true,
  params: { PolicyName: required(text()), CascadingDelete: flag() },
  apply(state, params) {
    const policy = state.policy('Custom', params.PolicyName);
    if (state.attachmentCount(policy) > 0) throw refuse('DeleteConflict.Role.Policy', policy.name);
    if (policy.versions.length > 1 && params.CascadingDelete !== true)
      throw refuse('DeleteConflict.Policy.Version', policy.name);
    state.removePolicy(policy.name);
    return {};
  },
});
