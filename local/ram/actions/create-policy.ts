import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { parsePolicyDocument } from '../documents.ts';
import { refuse } from '../errors.ts';
import { checkDescription, checkPolicyName, tagsParam } from '../params.ts';
import type { RamState } from '../state.ts';
import { policyForm } from '../wire-forms.ts';

/** CreatePolicy, RAM 2015-05-01. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-createpolicy (text as in SDK 1.2.1). */
export const createPolicy = rpcAction<RamState>()({
  isWrite: true,
  params: { PolicyName: required(text()), PolicyDocument: required(text()), Description: text(), Tag: tagsParam() },
  apply(state, params) {
    checkPolicyName(params.PolicyName);
    checkDescription(params.Description);
    const document = parsePolicyDocument(params.PolicyDocument);
    const exists = (['Custom', 'System'] as const).some((type) => state.findPolicy(type, params.PolicyName));
    if (exists) throw refuse('EntityAlreadyExists.Policy', params.PolicyName);
    const policy = state.addPolicy(params.PolicyName, params.Description ?? '', document, params.PolicyDocument);
    return { Policy: policyForm(policy) };
  },
});
