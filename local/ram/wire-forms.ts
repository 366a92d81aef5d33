import { defaultVersion, type Policy, type PolicyVersion } from './state.ts';

const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Source: npm @alicloud/ram20150501 1.2.1, response models. */
export const policyForm = (policy: Policy) => ({
  PolicyName: policy.name,
  PolicyType: policy.type,
  Description: policy.description,
  DefaultVersion: policy.defaultVersionId,
  CreateDate: time(policy.createdAtMs),
});

export const policyVersionForm = (policy: Policy, version: PolicyVersion) => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersionId,
  PolicyDocument: version.text,
  CreateDate: time(version.createdAtMs),
});

/** What GetPolicy adds to the short form. */
export const policyDetails = (policy: Policy, attachmentCount: number) => ({
  ...policyForm(policy),
  UpdateDate: time(policy.updatedAtMs),
  AttachmentCount: attachmentCount,
  PolicyDocument: defaultVersion(policy).text,
});
