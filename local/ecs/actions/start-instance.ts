import { flag, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';

/** StartInstance, ECS 2014-05-26: Stopped to Starting to Running. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-startinstance (read 2026-11-22). */
export const startInstance = rpcAction<EcsState>()({
  isWrite: true,
  dryRun: true,
  params: { InstanceId: required(text()), InitLocalDisk: flag() },
  apply(state, params, _call, commit) {
    const instance = state.instance(params.InstanceId);
    if (instance.isBeingDeleted || state.instances.statusOf(instance) !== 'Stopped')
      throw refuse('IncorrectInstanceStatus');
    commit();
    state.start(instance.id);
    return {};
  },
});
