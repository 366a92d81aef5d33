import { oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { ResourceManagerState } from '../state.ts';
import { roleForm } from '../wire-forms.ts';

/**
 * GetRole, ResourceManager 2020-03-31: any role of the account, service-linked or not.
 * Source: https://www.alibabacloud.com/help/en/resource-management/resource-group/developer-reference/api-resourcemanager-2020-03-31-getrole
 * (parameters and codes META-RM).
 */
export const getRole = rpcAction<ResourceManagerState>()({
  isWrite: false,
  params: { RoleName: required(text()), Language: oneOf('en', 'zh-CN', 'ja') },
  apply(state, params) {
    if (params.RoleName.length > 64) throw refuse('InvalidParameter.RoleName.Length');
    // The underscore stands before the suffix of a service-linked role.
    if (!/^[A-Za-z0-9._-]+$/.test(params.RoleName)) throw refuse('InvalidParameter.RoleName.InvalidChars');
    const role = state.roles.find(params.RoleName);
    if (role === undefined) throw refuse('EntityNotExist.Role', params.RoleName);
    return { Role: roleForm(state, role) };
  },
});
