import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { findServiceLinkedRole, newServiceLinkedRole } from '../service-linked-roles.ts';
import type { ResourceManagerState } from '../state.ts';
import { roleForm } from '../wire-forms.ts';

/**
 * CreateServiceLinkedRole, ResourceManager 2020-03-31. No client token (P-016); a role that exists answers 409 (P-174).
 * RAM decides by `ram:CreateServiceLinkedRole` with the condition key `ram:ServiceName`.
 * Source: https://www.alibabacloud.com/help/en/resource-management/resource-directory/developer-reference/api-resourcemanager-2020-03-31-createservicelinkedrole
 * (parameters and codes META-RM).
 */
export const createServiceLinkedRole = rpcAction<ResourceManagerState>()({
  isWrite: true,
  params: { ServiceName: required(text()), CustomSuffix: text(), Description: text() },
  condition: ({ ServiceName: serviceName = '' }) => ({ 'ram:ServiceName': serviceName }),
  apply(state, params) {
    const known = findServiceLinkedRole(params.ServiceName);
    if (known === undefined) throw refuse('EntityNotExist.Service', params.ServiceName);
    if (params.CustomSuffix !== undefined) throw refuse('InvalidParameter.CustomSuffix.NotAllowed');
    if (params.Description !== undefined) throw refuse('InvalidParameter.Description.NotAllowed');
    if (state.roles.find(known.roleName) !== undefined) throw refuse('EntityAlreadyExists.Role', known.roleName);
    return { Role: roleForm(state, state.roles.add(newServiceLinkedRole(known))) };
  },
});
