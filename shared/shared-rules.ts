import { derivedToken } from './alibaba/derived-token.ts';
import type { SecurityGroupRule } from './alibaba/ecs/security-groups.ts';
import { giveUp } from './group-users.ts';
import { markText } from './marks.ts';
import type { StageName } from './pipeline.ts';
import { ruleKeyOf } from './rule-key.ts';
import type { StageContext } from './stage.ts';

/**
 * Ends what rules with our mark are to us in a group that others own: a rule that another deployment needs gets its mark,
 * the others are revoked.
 *
 * @param wants - keys of the rules that we go on needing there. `ownsNone`: none of them is to be ours.
 */
export async function endRules(
  { ecs, groups, config, record }: Pick<StageContext<StageName>, 'ecs' | 'groups' | 'config' | 'record'>,
  groupId: string,
  { wants, rules, ownsNone = false }: { wants: string[]; rules: SecurityGroupRule[]; ownsNone?: boolean },
  clientToken: string,
): Promise<void> {
  const ours = rules.map((rule) => ({ ruleId: rule.ruleId, key: ruleKeyOf(rule) }));
  let decided: Omit<ReturnType<typeof giveUp>, 'users'> = { hands: {}, revoke: [] };
  await groups.update(groupId, (users) => {
    const { users: after, ...rest } = giveUp(users, record.deploymentId, wants, ours, ownsNone);
    decided = rest;
    return after;
  });
  // Asked again in this turn it may be decided otherwise: a token never meets other parameters (P-012).
  for (const [ruleId, heir] of Object.entries(decided.hands)) {
    const description = markText(config.name, heir, 'security-group');
    await ecs.changeSecurityGroupRule(groupId, ruleId, { description }, derivedToken(clientToken, ruleId, heir));
  }
  const { revoke } = decided;
  await ecs.revokeSecurityGroup(groupId, revoke, derivedToken(clientToken, ...revoke));
}
