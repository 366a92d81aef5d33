import type { Permission, SecurityGroupRule } from '../../shared/alibaba/ecs/security-groups.ts';
import { isAdopted } from '../../shared/deployment/spec.ts';
import { findOwn, secondLookMs } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { covers, normalCidr } from '../../shared/net/cidr.ts';
import { RetryableError } from '../../shared/errors.ts';
import { defineStage, done, gone, type StageContext, wait } from '../../shared/stage.ts';
import { wantedPermissions } from './permissions.ts';

type Context = StageContext<'security-group'>;

/** A group for the instances that we make; and, where the request allows it, marked rules in the groups of adopted ones. */
export const securityGroup = defineStage({
  name: 'security-group',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const { spec, ecs, own, outputs } = context;
    const resources = [];
    let securityGroupId: string | undefined;
    if (spec.backends.some((backend) => !isAdopted(backend))) {
      const { vpcId } = outputs.network;
      const found = await findOwn(
        own.securityGroupId,
        async (id) => (await ecs.listSecurityGroups({ securityGroupIds: [id] }))[0],
        () => ecs.listSecurityGroups({ vpcId, tags: context.mark() }),
      );
      if (found === undefined) {
        const params = { vpcId, name: spec.securityGroup.name, description: context.markText, tags: context.mark() };
        const id = await context.create('group', 'SecurityGroup', params, (clientToken) =>
          ecs.createSecurityGroup({ ...params, clientToken }),
        );
        return wait('the security group is being created', {
          own: { securityGroupId: id },
          resources: [{ type: 'SecurityGroup', id, created: true }],
        });
      }
      ({ securityGroupId } = found);
      resources.push({ type: 'SecurityGroup', id: securityGroupId, created: hasMark(found.tags, context.mark()) });
      const isOpen = await ensureRules(context, securityGroupId);
      if (!isOpen)
        return wait('the rules of the security group are being added', {
          own: { securityGroupId },
          resources,
          afterMs: 1000,
        });
    }

    const managedGroupIds = spec.securityGroup.manageAdopted ? await adoptedGroupIds(context) : [];
    for (const groupId of managedGroupIds) {
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
    const found = await findOwn(
      own.securityGroupId,
      async (id) => (await ecs.listSecurityGroups({ securityGroupIds: [id] }))[0],
      () => ecs.listSecurityGroups({ tags: context.mark() }),
    );
    if (found === undefined) {
      const mayExist =
        own.securityGroupId === undefined && record.stages['security-group'].tokens['group'] !== undefined;
      return mayExist && context.waitedMs < secondLookMs
        ? wait('looking twice for a security group of ours', { afterMs: secondLookMs })
        : gone();
    }
    if (!hasMark(found.tags, context.mark())) return gone();
    // Network cards trail the instances for a while; the refusal is a wait (P-055).
    await context.change('delete-group', { id: found.securityGroupId }, () =>
      ecs.deleteSecurityGroup(found.securityGroupId),
    );
    return wait('the security group is being deleted', { afterMs: 1000 });
  },
});

/** Adds what is missing. @returns whether every wanted rule was there already. */
async function ensureRules(context: Context, groupId: string): Promise<boolean> {
  const rules = await context.ecs.getSecurityGroupRules(groupId);
  if (rules === undefined) throw new RetryableError('security-group.gone', `security group ${groupId} has just gone`);
  const missing = missingPermissions(wantedPermissions(context.spec, context.outputs.network.vSwitches), rules);
  if (missing.length === 0) return true;
  // Equal rules of other people are left as they are: authorising one again would succeed and change nothing (P-039).
  const permissions = missing.map((permission) => ({ ...permission, description: context.markText }));
  await context.change(`authorize-${groupId}`, permissions, (clientToken) =>
    context.ecs.authorizeSecurityGroup(groupId, permissions, clientToken),
  );
  return false;
}

const allows = (rule: SecurityGroupRule, wanted: Permission): boolean =>
  rule.direction === 'ingress' &&
  rule.policy.toLowerCase() === 'accept' &&
  rule.protocol.toUpperCase() === wanted.protocol.toUpperCase() &&
  rule.portRange === wanted.portRange &&
  rule.sourceCidr !== '' &&
  (normalCidr(rule.sourceCidr) === normalCidr(wanted.sourceCidr) || covers(rule.sourceCidr, wanted.sourceCidr));

export const missingPermissions = (wanted: Permission[], rules: SecurityGroupRule[]): Permission[] =>
  wanted.filter((permission) => !rules.some((rule) => allows(rule, permission)));

/** The first group of each adopted instance, where added rules reach it. */
async function adoptedGroupIds(context: Context): Promise<string[]> {
  const instanceIds = context.spec.backends.flatMap((backend) => (isAdopted(backend) ? [backend.instanceId] : []));
  if (instanceIds.length === 0) return [];
  const instances = await context.ecs.listInstances({ instanceIds });
  return [...new Set(instances.flatMap(({ securityGroupIds }) => securityGroupIds.slice(0, 1)))];
}
