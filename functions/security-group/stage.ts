import {
  adoptedGroupIds,
  missingPermissions,
  shiftedRules,
  wantedPermissions,
} from '../../shared/backend-permissions.ts';
import type { SecurityGroup } from '../../shared/alibaba/ecs/security-groups.ts';
import type { Resource } from '../../shared/deployment/record.ts';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import { RetryableError } from '../../shared/errors.ts';
import { findOwn, secondLookMs } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark, hasLostMark, markLost } from '../../shared/ownership.ts';
import { defineStage, done, gone, type StageContext, wait } from '../../shared/stage.ts';

type Context = StageContext<'security-group'>;

/**
 * A group for the instances that we make; and, where the request allows it, marked rules in the groups of adopted ones.
 * It opens only: what is no longer asked for is closed by `backend-servers`, once the servers have left the server group.
 */
export const securityGroup = defineStage({
  name: 'security-group',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const { spec, ecs, own, outputs } = context;
    const resources: Resource[] = [];
    let securityGroupId: string | undefined;
    const isNeeded = spec.backends.some((backend) => !isAdopted(backend));
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
      const isOpen = !isNeeded || (await ensureRules(context, id));
      if (!isOpen)
        return wait('the rules of the security group are being added', {
          own: { securityGroupId },
          resources,
          afterMs: 1000,
        });
    }

    const managed = spec.securityGroup.manageAdopted ? await groupsToManage(context) : [];
    // Those of servers that are no longer asked for may still have rules of ours.
    const managedGroupIds = [...new Set([...managed, ...(own.managedGroupIds ?? [])])];
    for (const groupId of managed) {
      resources.push({ type: 'SecurityGroup', id: groupId, created: false });
      await context.remember({ managedGroupIds });
      const isOpen = await ensureRules(context, groupId);
      if (!isOpen) return wait(`rules are being added to security group ${groupId}`, { resources, afterMs: 1000 });
    }
    return done({ ...(securityGroupId === undefined ? {} : { securityGroupId }), managedGroupIds }, resources);
  },

  async release(context) {
    const { ecs, own, record } = context;
    for (const groupId of own.managedGroupIds ?? []) {
      const ours =
        (await ecs.getSecurityGroupRules(groupId))?.filter((rule) => rule.description === context.markText) ?? [];
      if (ours.length === 0) continue;
      const ids = ours.map(({ ruleId }) => ruleId);
      await context.change(`revoke-${groupId}`, ids, (clientToken) =>
        ecs.revokeSecurityGroup(groupId, ids, clientToken),
      );
      return wait(`our rules are being taken out of security group ${groupId}`);
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

/** Adds what is missing, or gives it its priority back. @returns whether every wanted rule was there already. */
async function ensureRules(context: Context, groupId: string): Promise<boolean> {
  const rules = await context.ecs.getSecurityGroupRules(groupId);
  if (rules === undefined) throw new RetryableError('security-group.gone', `security group ${groupId} has just gone`);
  const wanted = wantedPermissions(context.spec, context.outputs.network.vSwitches);
  const shifted = shiftedRules(wanted, rules, context.markText);
  for (const { ruleId, priority } of shifted)
    await context.change('restore-priority', { groupId, ruleId, priority }, (clientToken) =>
      context.ecs.changeSecurityGroupRule(groupId, ruleId, { priority }, clientToken),
    );
  if (shifted.length > 0) return false;
  const missing = missingPermissions(wanted, rules, context.markText);
  if (missing.length === 0) return true;
  // Equal rules of other people are left as they are: authorising one again would succeed and change nothing (P-039).
  const permissions = missing.map((permission) => ({ ...permission, description: context.markText }));
  await context.change('authorize', { groupId, permissions }, (clientToken) =>
    context.ecs.authorizeSecurityGroup(groupId, permissions, clientToken),
  );
  return false;
}

async function groupsToManage({ spec, ecs }: Context): Promise<string[]> {
  const instanceIds = spec.backends.flatMap((backend) => (isAdopted(backend) ? [backend.instanceId] : []));
  return instanceIds.length === 0 ? [] : adoptedGroupIds(spec, await ecs.listInstances({ instanceIds }));
}
