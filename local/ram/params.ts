import { list, required, struct, text } from '../action.ts';
import { refuse } from './errors.ts';
import type { PolicyType } from './state.ts';

/** 1 to 64 letters, digits, full stops and hyphens. */
export function checkRoleName(name: string): void {
  if (name.length > 64) throw refuse('InvalidParameter.RoleName.Length');
  if (!/^[A-Za-z0-9.-]+$/.test(name)) throw refuse('InvalidParameter.RoleName.InvalidChars', name);
}

/** 1 to 128 letters, digits and hyphens. */
export function checkPolicyName(name: string): void {
  if (name.length > 128) throw refuse('InvalidParameter.PolicyName.Length');
  if (!/^[A-Za-z0-9-]+$/.test(name)) throw refuse('InvalidParameter.PolicyName.InvalidChars', name);
}

export function checkDescription(description: string | undefined): void {
  if ((description ?? '').length > 1024) throw refuse('InvalidParameter.Description.Length');
}

export function policyType(value: string): PolicyType {
  if (value !== 'Custom' && value !== 'System') throw refuse('InvalidParameter.PolicyType', value);
  return value;
}

/** Accepted and forgotten: no action of ours answers tags of roles or policies. */
export const tagsParam = () => list(struct({ Key: required(text({ max: 128 })), Value: text({ max: 128 }) }), 20);

/** Who gets or loses what, of AttachPolicyToRole and DetachPolicyFromRole. */
export const attachmentParams = {
  PolicyType: required(text()),
  PolicyName: required(text()),
  RoleName: required(text()),
};
