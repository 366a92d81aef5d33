import { ApiError } from '../action.ts';
import type { CloudContext } from '../cloud-context.ts';
import { type RpcService, rpcService } from '../rpc.ts';
import { checkServiceLinkedRoleExistence } from './actions/check-service-linked-role-existence.ts';
import { createServiceLinkedRole } from './actions/create-service-linked-role.ts';
import { getRole } from './actions/get-role.ts';
import { ResourceManagerState } from './state.ts';
import { resourceManagerResources } from './resources.ts';

/** ResourceManager 2020-03-31, the part about roles: wire name to action. RAM knows these actions as `ram:...`. */
export const resourceManagerService = (
  context: CloudContext,
  state = new ResourceManagerState(context),
): RpcService<ResourceManagerState> =>
  rpcService({
    name: 'resourcemanager',
    version: '2020-03-31',
    clock: context.clock,
    credentials: context.credentials,
    regionId: context.regionId,
    isGlobal: true,
    state,
    errors: {
      missing: (name) => new ApiError('MissingParameter', 400, `The parameter ${name} must be given.`),
      invalid: (name, why) => new ApiError(`InvalidParameter.${name}`, 400, `The parameter ${name} ${why}.`),
    },
    // Source: RAM error codes, https://www.alibabacloud.com/help/en/ram/developer-reference/error-codes
    forbidden: { code: 'NoPermission', status: 403 },
    resources: resourceManagerResources,
    actions: {
      CreateServiceLinkedRole: createServiceLinkedRole,
      GetRole: getRole,
      CheckServiceLinkedRoleExistence: checkServiceLinkedRoleExistence,
    },
  });
