import { resourceTable } from '../authorization/resources.ts';
import { valueAt } from '../dictionary.ts';
import type { PolicyType, RamState } from './state.ts';

/** The policy that a call names, if it is of the type. */
const policyOf =
  (type: PolicyType) =>
  (_state: RamState, params: Record<string, string>): string[] => {
    const name = valueAt(params, 'PolicyName');
    const isSystem = valueAt(params, 'PolicyType') === 'System';
    return name === undefined || isSystem !== (type === 'System') ? [] : [name];
  };

const namedPolicy = ['policy/{customPolicy}?', 'ram:system:policy/{systemPolicy}?'] as const;

/**
 * Read in public copies of the API pages: CreateRole and GetRole on the role itself. inf: the other rows, by the same form;
 * AttachPolicyToRole and DetachPolicyFromRole ask for the policy and the role; a system policy belongs to the account `system`.
 */
export const ramResources = resourceTable<RamState>()({
  source: 'https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-ram',
  service: 'ram',
  isGlobal: true,
  actions: {
    GetRole: ['role/{RoleName}'],
    CreateRole: ['role/{RoleName}'],
    UpdateRole: ['role/{RoleName}'],
    DeleteRole: ['role/{RoleName}'],
    CreatePolicy: ['policy/{PolicyName}'],
    GetPolicy: namedPolicy,
    CreatePolicyVersion: ['policy/{PolicyName}'],
    DeletePolicy: ['policy/{PolicyName}'],
    AttachPolicyToRole: [...namedPolicy, 'role/{RoleName}'],
    DetachPolicyFromRole: [...namedPolicy, 'role/{RoleName}'],
    ListPoliciesForRole: ['role/{RoleName}'],
  },
  variables: { customPolicy: policyOf('Custom'), systemPolicy: policyOf('System') },
});
