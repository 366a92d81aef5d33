import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { mustBe, mustBeActive } from '../status-rules.ts';

/** StopListener, ALB 2020-06-16: Running to Configuring to Stopped. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-stoplistener (read 2026-11-22). */
export const stopListener = albWrite({
  params: { ListenerId: required(text()) },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const listener = state.listener(params.ListenerId);
    const loadBalancer = state.loadBalancer(listener.loadBalancerId);
    mustBe(state, listener, 'Running');
    mustBeActive(state, loadBalancer);
    commit();
    listener.status = begin(clock, 'Configuring', 'Stopped', latency.listenerMs);
    state.configure(loadBalancer, latency.listenerMs);
    return { JobId: state.jobs.begin('StopListener', 'listener', listener.id, latency.listenerMs) };
  },
});
