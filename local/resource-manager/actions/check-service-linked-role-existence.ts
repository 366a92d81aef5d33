import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { findServiceLinkedRole } from '../service-linked-roles.ts';
import type { ResourceManagerState } from '../state.ts';

/**
 * CheckServiceLinkedRoleExistence, ResourceManager 2020-03-31. Undocumented; `s deploy` asks it before it creates roles.
 * Source: npm @serverless-cd/srm-aliyun-ram20150501 0.0.2-beta.10, src/ResourceManager20200331.ts (GET, `Exists`).
 */
export const checkServiceLinkedRoleExistence = rpcAction<ResourceManagerState>()({
  isWrite: false,
  params: { ServiceName: required(text()) },
  apply(state, params) {
    if (findServiceLinkedRole(params.ServiceName) === undefined)
      throw refuse('EntityNotExist.Service', params.ServiceName);
    return { Exists: state.hasRole(params.ServiceName) };
  },
});
