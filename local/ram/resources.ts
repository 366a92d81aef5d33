import type { ResourceTable } from '../authorization/resources.ts';
import { valueAt } from '../dictionary.ts';
import type { RamState } from './state.ts';

/** System policies belong to the account `system`, which has no narrower name here. */
const policies = (params: Record<string, string>): string[] => {
  const name = valueAt(params, 'PolicyName');
  return name === undefined || valueAt(params, 'PolicyType') === 'System' ? [] : [name];
};

/**
 * Read in public copies of the API pages: CreateRole and GetRole on the role itself. inf: the other rows, by the same form;
 * AttachPolicyToRole and DetachPolicyFromRole ask for the policy and the role; a system policy asks for `policy/*`.
 */
export const ramResources: ResourceTable<RamState> = {
  source: 'https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-ram',
  service: 'ram',
  isGlobal: true,
  actions: {
    GetRole: ['role/{RoleName}'],
    CreateRole: ['role/{RoleName}'],
    UpdateRole: ['role/{RoleName}'],
    DeleteRole: ['role/{RoleName}'],
    CreatePolicy: ['policy/{PolicyName}'],
    GetPolicy: ['policy/{policy}'],
    CreatePolicyVersion: ['policy/{PolicyName}'],
    DeletePolicy: ['policy/{PolicyName}'],
    AttachPolicyToRole: ['policy/{policy}', 'role/{RoleName}'],
    DetachPolicyFromRole: ['policy/{policy}', 'role/{RoleName}'],
    ListPoliciesForRole: ['role/{RoleName}'],
  },
  variables: { policy: (_state, params) => policies(params) },
};
