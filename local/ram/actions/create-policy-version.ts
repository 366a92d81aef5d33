import { flag, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { parsePolicyDocument } from '../documents.ts';
import { refuse } from '../errors.ts';
import type { Policy, RamState } from '../state.ts';
import { policyVersionForm } from '../wire-forms.ts';

/** Source: U-RAMERR, LimitExceeded.Policy.Version. */
const versionsPerPolicy = 5;

function makeRoom(policy: Policy, rotates: boolean): void {
  if (policy.versions.length < versionsPerPolicy) return;
  const oldest = policy.versions.find(({ id }) => id !== policy.defaultVersionId);
  if (!rotates || oldest === undefined) throw refuse('LimitExceeded.Policy.Version', policy.name);
  policy.versions = policy.versions.filter((version) => version !== oldest);
}

/** CreatePolicyVersion, RAM 2015-05-01. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-createpolicyversion (text as in SDK 1.2.1). */
export const createPolicyVersion = rpcAction<RamState>()({
  isWrite: true,
  params: {
    PolicyName: required(text()),
    PolicyDocument: required(text()),
    SetAsDefault: flag(),
    RotateStrategy: oneOf('None', 'DeleteOldestNonDefaultVersionWhenLimitExceeded'),
  },
  apply(state, params) {
    const policy = state.policy('Custom', params.PolicyName);
    const document = parsePolicyDocument(params.PolicyDocument);
    const newest = Number(policy.versions.at(-1)?.id.slice(1) ?? 0);
    makeRoom(policy, params.RotateStrategy === 'DeleteOldestNonDefaultVersionWhenLimitExceeded');
    const createdAtMs = state.context.clock.nowMs();
    const version = { id: `v${newest + 1}`, text: params.PolicyDocument, document, createdAtMs };
    policy.versions.push(version);
    policy.updatedAtMs = createdAtMs;
    if (params.SetAsDefault === true) {
      policy.defaultVersionId = version.id;
      state.defaultChanged(policy);
    }
    return { PolicyVersion: policyVersionForm(policy, version) };
  },
});
