import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import type { Resource } from '../../shared/deployment/record.ts';
import type { Rule } from '../../shared/alibaba/alb/rules.ts';
import { hasMark } from '../../shared/marks.ts';
import { isRecordedAsCreated } from '../../shared/ownership.ts';
import { fail, type StageContext, type StageResult, wait } from '../../shared/stage.ts';

const priority = 1;

/** The rule that answers everything on port 80 with 301 to HTTPS. A probe of port 80 proves nothing from then on (P-078). */
export async function ensureRedirect(
  context: StageContext<'listener'>,
  listenerId: string,
  resources: Resource[],
): Promise<{ ruleId: string; isTagged: boolean } | { result: StageResult<StageOutputs['listener']> }> {
  const { alb, spec, own } = context;
  const mark = context.mark('redirect-rule');
  const rules = await alb.listRules(listenerId);
  const tagged = rules.find((rule) => hasMark(rule.tags, mark));
  const bare = rules.find((rule) => rule !== tagged && isRecordedAsCreated(context.record, 'listener', rule.ruleId));
  // Only where its tags have been seen before: a listing that does not show them says nothing.
  const hasLostTags = bare !== undefined && (tagged !== undefined || own.isRedirectTagged === true);
  if (hasLostTags) {
    const replacing = await replace(context, { bare, tagged, rules });
    if (replacing !== undefined) return { result: wait(replacing, { resources }) };
  }
  const ours = tagged ?? (hasLostTags ? undefined : bare);
  if (ours === undefined) {
    const inTheWay = rules.find((rule) => rule.priority === priority);
    if (inTheWay !== undefined)
      return {
        result: fail(
          'listener.rule-priority-taken',
          `priority ${priority} of listener ${listenerId} has a rule that is not ours (${inTheWay.ruleId})`,
          {
            remedy: 'Delete that rule, then retry.',
          },
        ),
      };
    const params = { listenerId, name: `${spec.name}-redirect`, priority, tags: mark };
    const id = await context.create('redirect-rule', 'Rule', params, (clientToken) =>
      alb.createRedirectRule({ ...params, clientToken }),
    );
    return {
      result: wait('the redirect is being created', {
        own: { redirectRuleId: id },
        resources: [...resources, { type: 'Rule', id, created: true }],
      }),
    };
  }
  resources.push({ type: 'Rule', id: ours.ruleId, created: true });
  if (ours.status !== 'Available')
    return { result: wait(`the redirect is ${ours.status}`, { own: { redirectRuleId: ours.ruleId }, resources }) };
  if (!ours.isToHttps || ours.priority !== priority) {
    await context.change('update-redirect', { id: ours.ruleId, priority }, (clientToken) =>
      alb.updateRedirectRule(ours.ruleId, priority, clientToken),
    );
    return { result: wait('the redirect is being put right', { own: { redirectRuleId: ours.ruleId }, resources }) };
  }
  return { ruleId: ours.ruleId, isTagged: ours === tagged };
}

/**
 * No documented call tags a rule that exists (P-083), so another one takes its place: the old one goes behind it first and
 * is deleted last, and everything is redirected meanwhile.
 *
 * @returns what there is to wait for; undefined when the new one can be made.
 */
async function replace(
  context: StageContext<'listener'>,
  { bare, tagged, rules }: { bare: Rule; tagged: Rule | undefined; rules: Rule[] },
): Promise<string | undefined> {
  const { alb } = context;
  const { ruleId, status } = bare;
  if (tagged !== undefined && tagged.status !== 'Available') return `the redirect is ${tagged.status}`;
  if (status !== 'Available') return `the redirect without our tags is ${status}`;
  if (tagged !== undefined) {
    await context.change('delete-redirect', { id: ruleId }, (clientToken) => alb.deleteRule(ruleId, clientToken));
    return 'the redirect without our tags is being deleted';
  }
  if (bare.priority !== priority) return undefined;
  const taken = new Set(rules.map((rule) => rule.priority));
  let behind = priority + 1;
  while (taken.has(behind)) behind += 1;
  await context.change('replace-redirect', { id: ruleId, priority: behind }, (clientToken) =>
    alb.updateRedirectRule(ruleId, behind, clientToken),
  );
  return 'the redirect without our tags is being moved behind';
}
