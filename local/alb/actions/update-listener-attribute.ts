import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { defaultActions, listenerShape, readForwardedHeaders, readTls } from '../listener-config.ts';
import { mustBe, mustBeActive, mustBeForwardable } from '../status-rules.ts';

/** UpdateListenerAttribute, ALB 2020-06-16: port and protocol are fixed. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updatelistenerattribute (read 2026-11-22). */
export const updateListenerAttribute = albWrite({
  params: { ListenerId: required(text()), DefaultActions: defaultActions, ...listenerShape },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const listener = state.listener(params.ListenerId);
    const loadBalancer = state.loadBalancer(listener.loadBalancerId);
    mustBe(state, listener, 'Running', 'Stopped');
    mustBeActive(state, loadBalancer);
    const tls = readTls(state, listener.protocol, params, listener);
    const serverGroupId = params.DefaultActions?.[0]?.ForwardGroupConfig.ServerGroupTuples[0]?.ServerGroupId;
    if (serverGroupId !== undefined) mustBeForwardable(state, serverGroupId, loadBalancer, listener.protocol);
    commit();
    Object.assign(listener, tls);
    listener.serverGroupId = serverGroupId ?? listener.serverGroupId;
    listener.description = params.ListenerDescription ?? listener.description;
    listener.requestTimeoutSeconds = params.RequestTimeout ?? listener.requestTimeoutSeconds;
    listener.idleTimeoutSeconds = params.IdleTimeout ?? listener.idleTimeoutSeconds;
    listener.gzipEnabled = params.GzipEnabled ?? listener.gzipEnabled;
    listener.forwardedHeaders = readForwardedHeaders(params.XForwardedForConfig, listener.forwardedHeaders);
    const before = state.listeners.statusOf(listener);
    listener.status = begin(clock, 'Configuring', before, latency.listenerMs);
    state.configure(loadBalancer, latency.listenerMs);
    return { JobId: state.jobs.begin('UpdateListenerAttribute', 'listener', listener.id, latency.listenerMs) };
  },
});
