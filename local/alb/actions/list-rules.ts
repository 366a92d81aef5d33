import { oneOf } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { ids, paging, tagFilter, takePage, wanted } from '../params.ts';
import { ruleForm } from '../rule-form.ts';

/** ListRules, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listrules (read 2026-11-22). */
export const listRules = albRead({
  params: {
    ...paging(),
    RuleIds: ids(20),
    ListenerIds: ids(20),
    LoadBalancerIds: ids(20),
    Direction: oneOf('Request', 'Response'),
    Tag: tagFilter(20),
  },
  apply(state, params) {
    const found = state.rules.listByTags(wanted(params.Tag)).filter((rule) => {
      const loadBalancerId = state.listeners.find(rule.listenerId)?.loadBalancerId ?? '';
      return (
        params.Direction !== 'Response' &&
        (params.RuleIds?.includes(rule.id) ?? true) &&
        (params.ListenerIds?.includes(rule.listenerId) ?? true) &&
        (params.LoadBalancerIds?.includes(loadBalancerId) ?? true)
      );
    });
    const { rows, tail } = takePage(found, params);
    return { Rules: rows.map((rule) => ruleForm(state, rule)), ...tail };
  },
});
