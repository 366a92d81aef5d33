import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { mustBe, mustBeActive } from '../status-rules.ts';

/** StartListener, ALB 2020-06-16: Stopped to Configuring to Running. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-startlistener (read 2026-11-22). */
export const startListener = albWrite({
  params: { ListenerId: required(text()) },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const listener = state.listener(params.ListenerId);
    const loadBalancer = state.loadBalancer(listener.loadBalancerId);
    mustBe(state, listener, 'Stopped');
    mustBeActive(state, loadBalancer);
    commit();
    listener.status = begin(clock, 'Configuring', 'Running', latency.listenerMs);
    state.configure(loadBalancer, latency.listenerMs);
    return { JobId: state.jobs.begin('StartListener', 'listener', listener.id, latency.listenerMs) };
  },
});
