import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { configureListener, mustBeChangeable } from '../rule-checks.ts';

/** DeleteRule, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-deleterule (read 2026-11-22). */
export const deleteRule = albWrite({
  params: { RuleId: required(text()) },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const rule = state.rule(params.RuleId);
    const listener = state.listener(rule.listenerId);
    mustBeChangeable(state, rule, listener);
    commit();
    rule.status = begin(clock, 'Deleting', undefined, latency.ruleMs);
    configureListener(state, listener, latency.ruleMs);
    return { JobId: state.jobs.begin('DeleteRule', 'rule', rule.id, latency.ruleMs) };
  },
});
