import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { RamState } from '../state.ts';
import { policyForm } from '../wire-forms.ts';

/** ListPoliciesForRole, RAM 2015-05-01. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-listpoliciesforrole (fields of SDK 1.2.1). */
export const listPoliciesForRole = rpcAction<RamState>()({
  isWrite: false,
  params: { RoleName: required(text()) },
  apply: (state, params) => ({
    Policies: { Policy: state.policiesOf(state.role(params.RoleName)).map((policy) => policyForm(policy)) },
  }),
});
