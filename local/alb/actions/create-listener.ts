import { integer, oneOf, required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import {
  defaultActions,
  defaultForwardedHeaders,
  listenerShape,
  readForwardedHeaders,
  readTls,
} from '../listener-config.ts';
import { readTags, tagParams } from '../params.ts';
import { mustBeActive, mustBeForwardable } from '../status-rules.ts';

/** CreateListener, ALB 2020-06-16: the load balancer is Configuring until the listener runs (P-066). Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-createlistener (read 2026-11-22). */
export const createListener = albWrite({
  params: {
    LoadBalancerId: required(text()),
    ListenerProtocol: required(oneOf('HTTP', 'HTTPS', 'QUIC')),
    ListenerPort: required(integer(1, 65_535)),
    DefaultActions: required(defaultActions),
    Tag: tagParams(),
    ...listenerShape,
  },
  apply(state, params, commit) {
    const { clock, latency, nextId } = state.context;
    const tags = readTags(params.Tag);
    const protocol = params.ListenerProtocol;
    if (protocol === 'QUIC') throw refuse('UnsupportedFeature.NotEmulated', 'ListenerProtocol=QUIC');
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    mustBeActive(state, loadBalancer);
    const siblings = state.listenersOf(loadBalancer.id);
    const twin = siblings.find((listener) => listener.port === params.ListenerPort);
    if (twin !== undefined) throw refuse('ResourceAlreadyExist.Listener', `[${twin.id}: port ${twin.port}]`);
    if (siblings.length >= state.quota.listenersPerLoadBalancer)
      throw refuse('ResourceQuotaExceeded.LoadBalancerListenersNum', loadBalancer.id);
    const tls = readTls(state, protocol, params);
    const serverGroupId = params.DefaultActions[0]?.ForwardGroupConfig.ServerGroupTuples[0]?.ServerGroupId ?? '';
    mustBeForwardable(state, serverGroupId, loadBalancer, protocol);
    commit();
    const listener = state.addListener({
      id: nextId('lsn-'),
      createdAtMs: clock.nowMs(),
      status: begin(clock, 'Provisioning', 'Running', latency.listenerMs),
      tags,
      loadBalancerId: loadBalancer.id,
      port: params.ListenerPort,
      protocol,
      serverGroupId,
      description: params.ListenerDescription ?? '',
      requestTimeoutSeconds: params.RequestTimeout ?? 60,
      idleTimeoutSeconds: params.IdleTimeout ?? 15,
      gzipEnabled: params.GzipEnabled ?? true,
      forwardedHeaders: readForwardedHeaders(params.XForwardedForConfig, defaultForwardedHeaders),
      ...tls,
    });
    state.configure(loadBalancer, latency.listenerMs);
    return {
      ListenerId: listener.id,
      JobId: state.jobs.begin('CreateListener', 'listener', listener.id, latency.listenerMs),
    };
  },
});
