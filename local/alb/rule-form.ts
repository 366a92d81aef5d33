import type { AlbState, Rule, RuleAction, RuleCondition } from './state.ts';
import { tagForms } from './wire-forms.ts';

function conditionForm(condition: RuleCondition): object {
  const { type } = condition;
  if ('pairs' in condition)
    return {
      Type: type,
      [`${type}Config`]: { Values: condition.pairs.map(({ key, value }) => ({ Key: key, Value: value })) },
    };
  const key = condition.type === 'Header' ? { Key: condition.key } : {};
  return { Type: type, [`${type}Config`]: { ...key, Values: condition.values } };
}

function actionForm(action: RuleAction): object {
  const common = { Type: action.type, Order: action.order };
  switch (action.type) {
    case 'ForwardGroup':
      return {
        ...common,
        ForwardGroupConfig: {
          ServerGroupStickySession: { Enabled: false },
          ServerGroupTuples: action.serverGroups.map(({ serverGroupId, weight }) => ({
            ServerGroupId: serverGroupId,
            Weight: weight,
          })),
        },
      };
    case 'Redirect':
      return {
        ...common,
        RedirectConfig: {
          Host: action.host,
          HttpCode: String(action.httpCode),
          Path: action.path,
          Port: action.port,
          Protocol: action.protocol,
          Query: action.query,
        },
      };
    case 'FixedResponse':
      return {
        ...common,
        FixedResponseConfig: {
          Content: action.content,
          ContentType: action.contentType,
          HttpCode: `HTTP_${action.httpCode}`,
        },
      };
  }
}

/** A row of ListRules. */
export const ruleForm = (state: AlbState, rule: Rule): object => ({
  Direction: 'Request',
  ListenerId: rule.listenerId,
  LoadBalancerId: state.listeners.find(rule.listenerId)?.loadBalancerId ?? '',
  Priority: rule.priority,
  RuleActions: rule.actions.map(actionForm),
  RuleConditions: rule.conditions.map(conditionForm),
  RuleId: rule.id,
  RuleName: rule.name,
  RuleStatus: state.rules.statusOf(rule),
  Tags: tagForms(rule.tags),
});
