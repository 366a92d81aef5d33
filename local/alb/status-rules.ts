import { refuse } from './errors.ts';
import type { AlbState, Listener, LoadBalancer, ServerGroup } from './state.ts';

/**
 * Which statuses a write meets. Two writes on one load balancer, listener or server group collide, because the first
 * leaves it Configuring for as long as the job takes.
 */

/** @throws IncorrectStatus.LoadBalancer, IncorrectBusinessStatus.LoadBalancer */
export function mustBeActive(state: AlbState, loadBalancer: LoadBalancer): void {
  const status = state.loadBalancers.statusOf(loadBalancer);
  if (status !== 'Active') throw refuse('IncorrectStatus.LoadBalancer', `[${loadBalancer.id}: ${status}]`);
  if (loadBalancer.businessStatus !== 'Normal')
    throw refuse('IncorrectBusinessStatus.LoadBalancer', `[${loadBalancer.id}: ${loadBalancer.businessStatus}]`);
}

/** @throws IncorrectStatus.ServerGroup while Creating, Configuring or Deleting. */
export function mustBeAvailable(state: AlbState, group: ServerGroup): void {
  const status = state.serverGroups.statusOf(group);
  if (status !== 'Available') throw refuse('IncorrectStatus.ServerGroup', `[${group.id}: ${status}]`);
}

/** @throws ResourceInConfiguring.Listener, IncorrectStatus.Listener */
export function mustBe(state: AlbState, listener: Listener, ...allowed: ('Running' | 'Stopped')[]): void {
  const status = state.listeners.statusOf(listener);
  if (status === 'Configuring') throw refuse('ResourceInConfiguring.Listener', `[${listener.id}]`);
  if (!allowed.some((candidate) => candidate === status))
    throw refuse('IncorrectStatus.Listener', `[${listener.id}: ${status}]`);
}

/**
 * Connection draining and slow start are for Standard and WAF-enabled load balancers [SDK-ALB].
 *
 * @throws Mismatch.LoadBalancerEditionAndConnectionDrain, Mismatch.LoadBalancerEditionAndSlowStartEnable
 */
export function mustOfferTransition(
  loadBalancer: LoadBalancer,
  { connectionDrain, slowStart }: Pick<ServerGroup, 'connectionDrain' | 'slowStart'>,
): void {
  if (loadBalancer.edition !== 'Basic') return;
  if (connectionDrain.enabled) throw refuse('Mismatch.LoadBalancerEditionAndConnectionDrain', `[${loadBalancer.id}]`);
  if (slowStart.enabled) throw refuse('Mismatch.LoadBalancerEditionAndSlowStartEnable', `[${loadBalancer.id}]`);
}

/**
 * Whether a listener or rule of `loadBalancer` may forward to the group. A group that is Configuring is welcome: servers
 * are added while the listener is made (no status error of groups is listed for CreateListener); one that is still Creating
 * or already Deleting is not (inf).
 *
 * @throws ResourceNotFound.ServerGroup, IncorrectStatus.ServerGroup, Mismatch.VpcId, OperationDenied.ServerGroupProtocolNotSupport, OperationDenied.Ipv6ServerGroupNotSupport, Mismatch.LoadBalancerEdition*
 */
export function mustBeForwardable(
  state: AlbState,
  serverGroupId: string,
  loadBalancer: LoadBalancer,
  protocol: Listener['protocol'],
): void {
  const group = state.serverGroup(serverGroupId);
  const status = state.serverGroups.statusOf(group);
  if (status === 'Creating' || status === 'Deleting')
    throw refuse('IncorrectStatus.ServerGroup', `[${group.id}: ${status}]`);
  if (group.vpcId !== loadBalancer.vpcId)
    throw refuse('Mismatch.VpcId', `[${group.id}: ${group.vpcId}, ${loadBalancer.id}: ${loadBalancer.vpcId}]`);
  if (group.protocol === 'HTTPS' && protocol === 'HTTP')
    throw refuse('OperationDenied.ServerGroupProtocolNotSupport', `[${group.id}]`);
  if (group.ipv6Enabled && loadBalancer.addressIpVersion !== 'DualStack')
    throw refuse('OperationDenied.Ipv6ServerGroupNotSupport', `[${group.id}, ${loadBalancer.id}]`);
  mustOfferTransition(loadBalancer, group);
}
