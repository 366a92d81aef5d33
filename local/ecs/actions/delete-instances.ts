import { flag, list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { checkDeletable } from '../deletion.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';

/**
 * DeleteInstances, ECS 2014-05-26: all or none, so one missing id fails the batch. A dry run looks at no status and
 * passes with DRYRUN.SUCCESS. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deleteinstances (read 2026-11-22).
 */
export const deleteInstances = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  clientToken: true,
  dryRun: true,
  params: {
    InstanceId: required(list(required(text()), 100, 1)),
    Force: flag(),
    ForceStop: flag(),
    TerminateSubscription: flag(),
  },
  apply(state, params, _call, commit) {
    commit();
    const found = [...new Set(params.InstanceId)].map((id) => {
      const instance = state.instances.find(id);
      if (instance === undefined) throw refuse('InvalidInstanceIds.NotFound', id);
      return instance;
    });
    for (const instance of found) checkDeletable(state, instance, params.Force ?? false);
    for (const instance of found) state.deleteInstance(instance);
    return {};
  },
});
