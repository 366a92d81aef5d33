import { flag, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { checkDeletable } from '../deletion.ts';
import type { EcsState } from '../state.ts';

/** DeleteInstance, ECS 2014-05-26. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deleteinstance (read 2026-11-22). */
export const deleteInstance = rpcAction<EcsState>()({
  isWrite: true,
  dryRun: true,
  params: { InstanceId: required(text()), Force: flag(), ForceStop: flag(), TerminateSubscription: flag() },
  apply(state, params, _call, commit) {
    const instance = state.instance(params.InstanceId);
    checkDeletable(state, instance, params.Force ?? false);
    commit();
    state.deleteInstance(instance);
    return {};
  },
});
