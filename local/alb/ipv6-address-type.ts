import type { ApiError } from '../action.ts';
import { begin } from '../lifecycle.ts';
import { refuse } from './errors.ts';
import type { AlbState } from './state.ts';
import { mustBeActive } from './status-rules.ts';

/** Enable- and DisableLoadBalancerIpv6Internet: one change in two directions. */
export function switchIpv6AddressType(
  state: AlbState,
  loadBalancerId: string,
  wanted: 'Internet' | 'Intranet',
  commit: () => void,
  alreadySo: () => ApiError,
): object {
  const { clock, latency } = state.context;
  const loadBalancer = state.loadBalancer(loadBalancerId);
  mustBeActive(state, loadBalancer);
  if (loadBalancer.addressIpVersion !== 'DualStack') throw refuse('OperationDenied.NonDualStackInstance');
  if (loadBalancer.ipv6Internet.after === wanted) throw alreadySo();
  if (wanted === 'Internet' && state.vpc.gatewayOf(loadBalancer.vpcId) === undefined)
    throw refuse('ResourceNotFound.Ipv6Gateway', loadBalancer.vpcId);
  commit();
  const durationMs = latency.ipv6InternetMs;
  loadBalancer.ipv6Internet = begin(clock, loadBalancer.ipv6AddressType, wanted, durationMs);
  // Terraform waits for the address type and not for the status, so Active must not be taken for success.
  state.configure(loadBalancer, Math.floor(durationMs * 0.75));
  const apiName = wanted === 'Internet' ? 'EnableLoadBalancerIpv6Internet' : 'DisableLoadBalancerIpv6Internet';
  return { JobId: state.jobs.begin(apiName, 'loadbalancer', loadBalancer.id, durationMs) };
}
