import { integer, required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { resourceName } from '../params.ts';
import { configureListener, mustBeChangeable, priorityMustBeFree, targetsMustBeForwardable } from '../rule-checks.ts';
import { readActions, readConditions, ruleActions, ruleConditions } from '../rule-config.ts';

/** UpdateRuleAttribute, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateruleattribute (read 2026-11-22). */
export const updateRuleAttribute = albWrite({
  params: {
    RuleId: required(text()),
    RuleName: resourceName(),
    Priority: integer(1, 10_000),
    RuleConditions: ruleConditions,
    RuleActions: ruleActions,
  },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const rule = state.rule(params.RuleId);
    const listener = state.listener(rule.listenerId);
    const loadBalancer = state.loadBalancer(listener.loadBalancerId);
    const conditions =
      params.RuleConditions === undefined
        ? rule.conditions
        : readConditions(params.RuleConditions, loadBalancer.edition);
    const actions =
      params.RuleActions === undefined ? rule.actions : readActions(params.RuleActions, listener, loadBalancer.edition);
    mustBeChangeable(state, rule, listener);
    const priority = params.Priority ?? rule.priority;
    priorityMustBeFree(listener, priority, rule);
    if (params.RuleActions !== undefined) targetsMustBeForwardable(state, actions, listener, loadBalancer);
    commit();
    rule.name = params.RuleName ?? rule.name;
    rule.priority = priority;
    rule.conditions = conditions;
    rule.actions = actions;
    rule.status = begin(clock, 'Configuring', 'Available', latency.ruleMs);
    configureListener(state, listener, latency.ruleMs);
    return { JobId: state.jobs.begin('UpdateRuleAttribute', 'rule', rule.id, latency.ruleMs) };
  },
});
