import type { Role } from '../ram/roles.ts';
import type { ResourceManagerState } from './state.ts';

/** Source: META-RM, CreateServiceLinkedRole and GetRole. */
export const roleForm = (state: ResourceManagerState, role: Role) => {
  const owner = role.serviceName === undefined ? `role.${state.context.credentials.accountId}` : 'role';
  return {
    ...state.roles.form(role),
    RolePrincipalName: `${role.name}@${owner}.onaliyunservice.com`,
    IsServiceLinkedRole: role.serviceName !== undefined,
  };
};
