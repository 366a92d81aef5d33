import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import type { Resource } from '../../shared/deployment/record.ts';
import { hasMark } from '../../shared/marks.ts';
import { isRecordedAsCreated } from '../../shared/ownership.ts';
import { fail, type StageContext, type StageResult, wait } from '../../shared/stage.ts';

const priority = 1;

/** The rule that answers everything on port 80 with 301 to HTTPS. A probe of port 80 proves nothing from then on (P-078). */
export async function ensureRedirect(
  context: StageContext<'listener'>,
  listenerId: string,
  resources: Resource[],
): Promise<{ ruleId: string } | { result: StageResult<StageOutputs['listener']> }> {
  const { alb, spec } = context;
  const mark = context.mark('redirect-rule');
  const rules = await alb.listRules(listenerId);
  const ours =
    rules.find((rule) => hasMark(rule.tags, mark)) ??
    rules.find(({ ruleId }) => isRecordedAsCreated(context.record, 'listener', ruleId));
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
  return { ruleId: ours.ruleId };
}
