import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { mustBe, mustBeActive } from '../status-rules.ts';

/** DeleteListener, ALB 2020-06-16: its rules go with it (inf). Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-deletelistener (read 2026-11-22). */
export const deleteListener = albWrite({
  params: { ListenerId: required(text()) },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const listener = state.listener(params.ListenerId);
    const loadBalancer = state.loadBalancer(listener.loadBalancerId);
    mustBe(state, listener, 'Running', 'Stopped');
    mustBeActive(state, loadBalancer);
    commit();
    for (const rule of listener.rules) rule.status = begin(clock, 'Deleting', undefined, latency.deleteMs);
    listener.status = begin(clock, 'Deleting', undefined, latency.deleteMs);
    state.configure(loadBalancer, latency.deleteMs);
    return { JobId: state.jobs.begin('DeleteListener', 'listener', listener.id, latency.deleteMs) };
  },
});
