import { flag, required, text } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { healthForms } from '../health-form.ts';
import { paging } from '../params.ts';

/** GetListenerHealthStatus, ALB 2020-06-16. All fits one page: NextToken is always empty. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-getlistenerhealthstatus (read 2026-11-22). */
export const getListenerHealthStatus = albRead({
  params: { ListenerId: required(text()), IncludeRule: flag(), ...paging(30) },
  apply(state, params) {
    const listener = state.listener(params.ListenerId);
    const forwarding = listener.rules.map((rule) => ({
      rule,
      serverGroupIds: rule.actions.flatMap((action) =>
        action.type === 'ForwardGroup' ? action.serverGroups.map((group) => group.serverGroupId) : [],
      ),
    }));
    return {
      ListenerHealthStatus: [
        {
          ListenerId: listener.id,
          ListenerPort: listener.port,
          // Lower case in the example of SDK-ALB.
          ListenerProtocol: listener.protocol.toLowerCase(),
          ServerGroupInfos: healthForms(state, [listener.serverGroupId]),
        },
      ],
      RuleHealthStatus:
        params.IncludeRule === true
          ? forwarding
              .filter(({ serverGroupIds }) => serverGroupIds.length > 0)
              .map(({ rule, serverGroupIds }) => ({
                RuleId: rule.id,
                ServerGroupInfos: healthForms(state, serverGroupIds),
              }))
          : [],
      NextToken: '',
    };
  },
});
