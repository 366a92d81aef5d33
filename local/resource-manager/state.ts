import type { CloudContext } from '../cloud-context.ts';
import { RoleDirectory } from '../ram/roles.ts';
import { findServiceLinkedRole } from './service-linked-roles.ts';

/** Service-linked roles of the account, kept among its other roles. */
export class ResourceManagerState {
  readonly context: CloudContext;
  readonly roles: RoleDirectory;

  /** @param roles - shared with RAM, which shows the same roles. */
  constructor(context: CloudContext, roles = new RoleDirectory(context)) {
    this.context = context;
    this.roles = roles;
  }

  /** Whether the service, such as `alb.aliyuncs.com`, has its role. */
  hasRole(serviceName: string): boolean {
    const known = findServiceLinkedRole(serviceName);
    return known !== undefined && this.roles.find(known.roleName) !== undefined;
  }
}
