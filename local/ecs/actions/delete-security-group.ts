import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';

/** DeleteSecurityGroup, ECS 2014-05-26: at once, unless something refers to it. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deletesecuritygroup (read 2026-11-22). */
export const deleteSecurityGroup = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  params: { SecurityGroupId: required(text()) },
  apply(state, { SecurityGroupId: id }) {
    if (state.securityGroups.find(id) === undefined) throw refuse('InvalidSecurityGroup.NotFound', id);
    const group = state.ownSecurityGroup(id);
    const card = state.networkInterfaces.list().find((candidate) => candidate.securityGroupIds.includes(id));
    if (card !== undefined) throw refuse('DependencyViolation', card.id);
    const other = state.securityGroups
      .list()
      .find((candidate) => candidate.id !== id && candidate.rules.some((rule) => rule.sourceGroupId === id));
    if (other !== undefined) throw refuse('DependencyViolation', other.id);
    group.status = begin(state.context.clock, 'Available', undefined, 0);
    return {};
  },
});
