import { integer, oneOf, required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { readTags, resourceName, tagParams } from '../params.ts';
import { configureListener, priorityMustBeFree, targetsMustBeForwardable } from '../rule-checks.ts';
import { readActions, readConditions, ruleActions, ruleConditions } from '../rule-config.ts';
import { mustBe } from '../status-rules.ts';

/** CreateRule, ALB 2020-06-16: the one way to redirect (P-076). Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-createrule (read 2026-11-22). */
export const createRule = albWrite({
  params: {
    ListenerId: required(text()),
    RuleName: required(resourceName()),
    Priority: required(integer(1, 10_000)),
    Direction: oneOf('Request', 'Response'),
    RuleConditions: required(ruleConditions),
    RuleActions: required(ruleActions),
    Tag: tagParams(),
  },
  apply(state, params, commit) {
    const { clock, latency, nextId } = state.context;
    const tags = readTags(params.Tag);
    if (params.Direction === 'Response') throw refuse('UnsupportedFeature.NotEmulated', 'Direction=Response');
    const listener = state.listener(params.ListenerId);
    const loadBalancer = state.loadBalancer(listener.loadBalancerId);
    const conditions = readConditions(params.RuleConditions, loadBalancer.edition);
    const actions = readActions(params.RuleActions, listener, loadBalancer.edition);
    mustBe(state, listener, 'Running');
    priorityMustBeFree(listener, params.Priority);
    const count = state.listenersOf(loadBalancer.id).reduce((sum, sibling) => sum + sibling.rules.length, 0);
    if (count >= state.quota.rulesPerLoadBalancer)
      throw refuse('ResourceQuotaExceeded.LoadBalancerRulesNum', loadBalancer.id);
    targetsMustBeForwardable(state, actions, listener, loadBalancer);
    commit();
    const rule = state.rules.add({
      id: nextId('rule-'),
      createdAtMs: clock.nowMs(),
      status: begin(clock, 'Provisioning', 'Available', latency.ruleMs),
      tags,
      listenerId: listener.id,
      name: params.RuleName,
      priority: params.Priority,
      conditions,
      actions,
    });
    configureListener(state, listener, latency.ruleMs);
    return { RuleId: rule.id, JobId: state.jobs.begin('CreateRule', 'rule', rule.id, latency.ruleMs) };
  },
});
