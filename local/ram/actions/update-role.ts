import { integer, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { checkTrustPolicy } from '../documents.ts';
import { refuse } from '../errors.ts';
import { checkDescription } from '../params.ts';
import type { RamState } from '../state.ts';

/** UpdateRole, RAM 2015-05-01. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-updaterole (fields of SDK 1.2.1). */
export const updateRole = rpcAction<RamState>()({
  isWrite: true,
  params: {
    RoleName: required(text()),
    NewAssumeRolePolicyDocument: text(),
    NewDescription: text(),
    NewMaxSessionDuration: integer(3600, 43_200),
  },
  apply(state, params) {
    const role = state.role(params.RoleName);
    if (role.serviceName !== undefined) throw refuse('NotAllowed.ServiceLinkedRole', role.name);
    checkDescription(params.NewDescription);
    if (params.NewAssumeRolePolicyDocument !== undefined) checkTrustPolicy(params.NewAssumeRolePolicyDocument);
    role.trustPolicy = params.NewAssumeRolePolicyDocument ?? role.trustPolicy;
    role.description = params.NewDescription ?? role.description;
    role.maxSessionDurationSeconds = params.NewMaxSessionDuration ?? role.maxSessionDurationSeconds;
    role.updatedAtMs = state.context.clock.nowMs();
    return { Role: state.roles.form(role) };
  },
});
