import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { RamState } from '../state.ts';

/** DeleteRole, RAM 2015-05-01: policies are detached first. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-deleterole (text as in SDK 1.2.1). */
export const deleteRole = rpcAction<RamState>()({
  isWrite: true,
  params: { RoleName: required(text()) },
  apply(state, params) {
    const role = state.role(params.RoleName);
    if (role.serviceName !== undefined) throw refuse('NotAllowed.ServiceLinkedRole', role.name);
    if (state.policiesOf(role).length > 0) throw refuse('DeleteConflict.Role.Policy', role.name);
    state.roles.remove(role.name);
    return {};
  },
});
