import type { Permission } from '../../shared/alibaba/ecs/security-groups.ts';
import { type GroupUsers, hasJoined, isLowered, join, leave, lower, whoHandsTo } from '../../shared/group-users.ts';
import { ruleKeyOf } from '../../shared/rule-key.ts';
import { endRules } from '../../shared/shared-rules.ts';
import type { StageContext } from '../../shared/stage.ts';
import { valueAt } from '../../shared/dictionary.ts';

type Context = StageContext<'security-group'>;

/** Says which rules of the group we need, so that nobody revokes one of them. @returns who needs which. */
export async function joinUsers(context: Context, groupId: string, wanted: Permission[]): Promise<GroupUsers> {
  const { groups, record } = context;
  const { deploymentId } = record;
  const wants = wanted.map(ruleKeyOf);
  const users = await groups.find(groupId);
  if (hasJoined(users, deploymentId, wants)) return users;
  let joined = users;
  await context.change('share-rules', { groupId }, async () => {
    joined = await groups.update(groupId, (known) => join(known, deploymentId, wants));
  });
  return joined;
}

/**
 * Leaves a group that others own without rules of ours: those that other deployments need are handed over to them.
 *
 * @returns what there is to wait for; undefined when nothing is left.
 */
export async function leaveGroup(context: Context, groupId: string): Promise<string | undefined> {
  const { ecs, groups, record, markText } = context;
  const { deploymentId } = record;
  const ourRules = async () =>
    ((await ecs.getSecurityGroupRules(groupId)) ?? []).filter(({ description }) => description === markText);
  let users = await groups.find(groupId);
  if (valueAt(users, deploymentId) === undefined && (await ourRules()).length === 0) return undefined;
  if (!isLowered(users, deploymentId, []))
    await context.change('share-no-rules', { groupId }, async () => {
      users = await groups.update(groupId, (known) => lower(known, deploymentId, []));
    });
  // Only now: what was on its way to us when we said that we need nothing would be left behind.
  const giver = whoHandsTo(users, deploymentId);
  if (giver !== undefined) return `deployment ${giver} is handing a rule of security group ${groupId} over to this one`;
  const rules = await ourRules();
  if (rules.length > 0) {
    const ids = rules.map(({ ruleId }) => ruleId);
    await context.change(`revoke-${groupId}`, ids, (clientToken) =>
      endRules(context, groupId, { wants: [], rules }, clientToken),
    );
    return `our rules are being taken out of security group ${groupId}`;
  }
  await context.change('leave-group', { groupId }, () => groups.update(groupId, (known) => leave(known, deploymentId)));
  return undefined;
}
