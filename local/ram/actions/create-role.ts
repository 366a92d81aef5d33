import { integer, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { checkTrustPolicy } from '../documents.ts';
import { refuse } from '../errors.ts';
import { checkDescription, checkRoleName, tagsParam } from '../params.ts';
import type { RamState } from '../state.ts';

/** CreateRole, RAM 2015-05-01. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-createrole (text as in SDK 1.2.1). */
export const createRole = rpcAction<RamState>()({
  isWrite: true,
  params: {
    RoleName: required(text()),
    AssumeRolePolicyDocument: required(text()),
    Description: text(),
    MaxSessionDuration: integer(3600, 43_200),
    Tag: tagsParam(),
  },
  apply(state, params) {
    checkRoleName(params.RoleName);
    checkDescription(params.Description);
    checkTrustPolicy(params.AssumeRolePolicyDocument);
    if (state.roles.find(params.RoleName) !== undefined) throw refuse('EntityAlreadyExists.Role', params.RoleName);
    const role = state.roles.add({
      name: params.RoleName,
      description: params.Description ?? '',
      trustPolicy: params.AssumeRolePolicyDocument,
      maxSessionDurationSeconds: params.MaxSessionDuration ?? 3600,
    });
    return { Role: state.roles.form(role) };
  },
});
