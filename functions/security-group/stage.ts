import { adoptedGroupIds, wantedPermissions } from '../../shared/backend-permissions.ts';
import type { SecurityGroup } from '../../shared/alibaba/ecs/security-groups.ts';
import type { Resource } from '../../shared/deployment/record.ts';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import { mayManage } from '../../shared/deployment/manage-adopted.ts';
import { findOwn, secondLookMs } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark, hasLostMark, markLost } from '../../shared/ownership.ts';
import { defineStage, done, gone, type StageContext, wait } from '../../shared/stage.ts';
import { ensureRules } from './ensure-rules.ts';
import { joinUsers, leaveGroup } from './share.ts';

type Context = StageContext<'security-group'>;

/**
 * A group for the instances that we make; and, where the request allows it, marked rules in the groups of adopted ones.
 * It opens only: what is no longer asked for is closed by `backend-servers`, once the servers have left the server group.
 */
export const securityGroup = defineStage({
  name: 'security-group',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const { spec, ecs, own, outputs, config } = context;
    const resources: Resource[] = [];
    let securityGroupId: string | undefined;
    const isNeeded = spec.backends.some((backend) => !isAdopted(backend));
    const wanted = wantedPermissions(spec, outputs.network.vSwitches);
    // The group of servers that are no longer asked for stays until the release.
    const found =
      isNeeded || own.securityGroupId !== undefined ? await findOurs(context, outputs.network.vpcId) : undefined;
    if (found === undefined && isNeeded) {
      const { vpcId } = outputs.network;
      const params = { vpcId, name: spec.securityGroup.name, description: context.markText, tags: context.mark() };
      const id = await context.create('group', 'SecurityGroup', params, (clientToken) =>
        ecs.createSecurityGroup({ ...params, clientToken }),
      );
      return wait('the security group is being created', {
        own: { securityGroupId: id },
        resources: [{ type: 'SecurityGroup', id, created: true }],
      });
    }
    if (found !== undefined) {
      const id = found.securityGroupId;
      securityGroupId = id;
      const created = await ensureMark(context, 'security-group', { id, tags: found.tags }, context.mark(), () =>
        ecs.tagResource('securitygroup', id, context.mark()),
      );
      resources.push({ type: 'SecurityGroup', id, created });
      const changing = isNeeded ? await ensureRules(context, id, wanted) : undefined;
      if (changing !== undefined) return wait(changing, { own: { securityGroupId }, resources, afterMs: 1000 });
    }

    const used = await groupsOfAdopted(context);
    // Those of servers that are no longer asked for may still have rules of ours.
    const managedGroupIds = [...new Set([...used, ...(own.managedGroupIds ?? [])])];
    for (const groupId of used) {
      if (spec.securityGroup.manageAdopted) resources.push({ type: 'SecurityGroup', id: groupId, created: false });
      await context.remember({ managedGroupIds });
      const users = await joinUsers(context, groupId, wanted);
      if (!spec.securityGroup.manageAdopted) continue;
      // Whatever the request said when it was taken: what stands stays, and nothing more is opened.
      if (!mayManage(config.allowManageAdopted, { vpcId: outputs.network.vpcId, groupId })) continue;
      const changing = await ensureRules(context, groupId, wanted, users);
      if (changing !== undefined) return wait(changing, { resources, afterMs: 1000 });
    }
    return done({ ...(securityGroupId === undefined ? {} : { securityGroupId }), managedGroupIds }, resources);
  },

  async release(context) {
    const { ecs, own, record } = context;
    for (const groupId of own.managedGroupIds ?? []) {
      const leaving = await leaveGroup(context, groupId);
      if (leaving !== undefined) return wait(leaving, { afterMs: 1000 });
    }
    const found = await findOurs(context);
    if (found === undefined) {
      const mayExist =
        own.securityGroupId === undefined && record.stages['security-group'].tokens['group'] !== undefined;
      return mayExist && context.waitedMs < secondLookMs
        ? wait('looking twice for a security group of ours', { afterMs: secondLookMs })
        : gone();
    }
    const { securityGroupId, tags } = found;
    if (hasLostMark(record, 'security-group', { id: securityGroupId, tags }, context.mark()))
      return markLost('security group', securityGroupId, context.mark());
    if (!hasMark(tags, context.mark())) return gone();
    // Network cards trail the instances for a while; the refusal is a wait (P-055).
    await context.change('delete-group', { id: securityGroupId }, () => ecs.deleteSecurityGroup(securityGroupId));
    return wait('the security group is being deleted', { afterMs: 1000 });
  },
});

const findOurs = ({ ecs, own, mark }: Context, vpcId?: string): Promise<SecurityGroup | undefined> =>
  findOwn(
    own.securityGroupId,
    async (id) => (await ecs.listSecurityGroups({ securityGroupIds: [id] }))[0],
    () => ecs.listSecurityGroups({ ...(vpcId === undefined ? {} : { vpcId }), tags: mark() }),
  );

/** Groups of adopted servers: also where the request lets us add nothing, another deployment's rule may serve us. */
async function groupsOfAdopted({ spec, ecs }: Context): Promise<string[]> {
  const instanceIds = spec.backends.flatMap((backend) => (isAdopted(backend) ? [backend.instanceId] : []));
  return instanceIds.length === 0 ? [] : adoptedGroupIds(spec, await ecs.listInstances({ instanceIds }));
}
