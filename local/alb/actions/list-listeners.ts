import { oneOf } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { listenerForm } from '../listener-form.ts';
import { ids, paging, tagFilter, takePage, wanted } from '../params.ts';

/** ListListeners, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listlisteners (read 2026-11-22). */
export const listListeners = albRead({
  params: {
    ...paging(),
    ListenerIds: ids(20),
    LoadBalancerIds: ids(20),
    ListenerProtocol: oneOf('HTTP', 'HTTPS', 'QUIC'),
    Tag: tagFilter(20),
  },
  apply(state, params) {
    const found = state.listeners
      .listByTags(wanted(params.Tag))
      .filter(
        (listener) =>
          (params.ListenerIds?.includes(listener.id) ?? true) &&
          (params.LoadBalancerIds?.includes(listener.loadBalancerId) ?? true) &&
          (params.ListenerProtocol === undefined || params.ListenerProtocol === listener.protocol),
      );
    const { rows, tail } = takePage(found, params);
    return { Listeners: rows.map((listener) => listenerForm(state, listener)), ...tail };
  },
});
