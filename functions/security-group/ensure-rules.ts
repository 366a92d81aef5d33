import type { Permission, SecurityGroupRule } from '../../shared/alibaba/ecs/security-groups.ts';
import { alikeIn, missingPermissions, shiftedRules } from '../../shared/backend-permissions.ts';
import { RetryableError } from '../../shared/errors.ts';
import { type GroupUsers, isGivingUp } from '../../shared/group-users.ts';
import { markedBy } from '../../shared/marks.ts';
import { ruleKeyOf } from '../../shared/rule-key.ts';
import type { StageContext } from '../../shared/stage.ts';

/**
 * Adds what is missing, or gives it its priority back.
 *
 * @param users - of a group that others own, from before the rules are looked at.
 * @returns what there is to wait for; undefined where every wanted rule was there already.
 */
export async function ensureRules(
  context: StageContext<'security-group'>,
  groupId: string,
  wanted: Permission[],
  users: GroupUsers = {},
): Promise<string | undefined> {
  const { ecs, config, record, markText } = context;
  const rules = await ecs.getSecurityGroupRules(groupId);
  if (rules === undefined) throw new RetryableError('security-group.gone', `security group ${groupId} has just gone`);
  const ownerOf = (rule: SecurityGroupRule): string | undefined => {
    const owner = markedBy(config.name, 'security-group', rule.description);
    return owner === record.deploymentId ? undefined : owner;
  };
  const going = rules.filter((rule) => {
    const owner = ownerOf(rule);
    return owner !== undefined && isGivingUp(users, owner, ruleKeyOf(rule));
  });
  const lasting = rules.filter((rule) => !going.includes(rule));
  const shifted = shiftedRules(wanted, lasting, markText);
  for (const { ruleId, priority } of shifted)
    await context.change('restore-priority', { groupId, ruleId, priority }, (clientToken) =>
      ecs.changeSecurityGroupRule(groupId, ruleId, { priority }, clientToken),
    );
  if (shifted.length > 0) return `rules of security group ${groupId} are getting their priority back`;
  const missing = missingPermissions(wanted, lasting, markText, (rule) => ownerOf(rule) !== undefined);
  const awaited = alikeIn(missing, going);
  // Equal rules of other people are left as they are: authorising one again would succeed and change nothing (P-039).
  const permissions = missing
    .filter((permission) => !awaited.includes(permission))
    .map((permission) => ({ ...permission, description: markText }));
  if (permissions.length > 0) {
    await context.change('authorize', { groupId, permissions }, (clientToken) =>
      ecs.authorizeSecurityGroup(groupId, permissions, clientToken),
    );
    return `rules are being added to security group ${groupId}`;
  }
  if (awaited.length === 0) return undefined;
  const owners = [...new Set(going.map(ownerOf))].join(', ');
  return `rules of security group ${groupId} are being given up by deployment ${owners}`;
}
