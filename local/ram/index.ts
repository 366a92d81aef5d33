import { ApiError } from '../action.ts';
import type { CloudContext } from '../cloud-context.ts';
import { type RpcService, rpcService } from '../rpc.ts';
import { attachPolicyToRole } from './actions/attach-policy-to-role.ts';
import { createPolicyVersion } from './actions/create-policy-version.ts';
import { createPolicy } from './actions/create-policy.ts';
import { createRole } from './actions/create-role.ts';
import { deletePolicy } from './actions/delete-policy.ts';
import { deleteRole } from './actions/delete-role.ts';
import { detachPolicyFromRole } from './actions/detach-policy-from-role.ts';
import { getPolicy } from './actions/get-policy.ts';
import { getRole } from './actions/get-role.ts';
import { listPoliciesForRole } from './actions/list-policies-for-role.ts';
import { updateRole } from './actions/update-role.ts';
import { RamState } from './state.ts';
import { ramResources } from './resources.ts';

/** RAM 2015-05-01, roles and policies: wire name to action. One endpoint for all regions; no action takes a client token. */
export const ramService = (context: CloudContext, state = new RamState(context)): RpcService<RamState> =>
  rpcService({
    name: 'ram',
    version: '2015-05-01',
    clock: context.clock,
    credentials: context.credentials,
    regionId: context.regionId,
    isGlobal: true,
    state,
    errors: {
      missing: (name) => new ApiError('MissingParameter', 400, `The parameter ${name} must be given.`),
      invalid: (name, why) => new ApiError(`InvalidParameter.${name}`, 400, `The parameter ${name} ${why}.`),
    },
    // Source: U-RAMERR
    forbidden: { code: 'NoPermission', status: 403 },
    resources: ramResources,
    actions: {
      GetRole: getRole,
      CreateRole: createRole,
      UpdateRole: updateRole,
      DeleteRole: deleteRole,
      CreatePolicy: createPolicy,
      GetPolicy: getPolicy,
      CreatePolicyVersion: createPolicyVersion,
      DeletePolicy: deletePolicy,
      AttachPolicyToRole: attachPolicyToRole,
      DetachPolicyFromRole: detachPolicyFromRole,
      ListPoliciesForRole: listPoliciesForRole,
    },
  });
