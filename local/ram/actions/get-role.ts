import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { RamState } from '../state.ts';

/** GetRole, RAM 2015-05-01. Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-getrole (fields of SDK 1.2.1). */
export const getRole = rpcAction<RamState>()({
  isWrite: false,
  params: { RoleName: required(text()) },
  apply: (state, params) => ({ Role: state.roles.form(state.role(params.RoleName)) }),
});
