import { flag, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';

/** StopInstance, ECS 2014-05-26: Running to Stopping to Stopped. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstance (read 2026-11-22). */
export const stopInstance = rpcAction<EcsState>()({
  isWrite: true,
  dryRun: true,
  params: {
    InstanceId: required(text()),
    ForceStop: flag(),
    ConfirmStop: flag(),
    StoppedMode: oneOf('KeepCharging', 'StopCharging'),
  },
  apply(state, params, _call, commit) {
    const instance = state.instance(params.InstanceId);
    if (instance.isBeingDeleted || state.instances.statusOf(instance) !== 'Running')
      throw refuse('IncorrectInstanceStatus');
    commit();
    state.stop(instance.id, params.StoppedMode ?? 'KeepCharging');
    return {};
  },
});
