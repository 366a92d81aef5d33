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
 * Read in public copies of the API pages: CreateRole, GetRole, CreatePolicy, CreatePolicyVersion on the thing itself, and
 * `acs:ram:*:system:policy/{name}` for system policies (ListPolicyVersions). Read in an example of the vendor: AttachPolicyToRole and
 * DetachPolicyFromRole ask for the role. inf: the other rows, by the same form;
 * the two ask for the policy as well.
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
