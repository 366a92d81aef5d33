import { ApiError } from '../action.ts';
import { settled } from '../lifecycle.ts';
import type { AlbState, LoadBalancerZone } from './state.ts';
import { zoneForms } from './wire-forms.ts';

const usage = 'POST /_local/load-balancers/{id or name}/zones/{zoneId}/{stop|start|unhealthy|healthy}[?family=4|6]';

/**
 * Stops or starts a zone of a load balancer, or makes its addresses unhealthy, as an accident in the zone would: the service
 * has no call for that.
 *
 * @param parts - of the path behind `/_local/load-balancers/`.
 * @param family - of the addresses that become unhealthy or healthy; both where it is not given.
 * @returns the zones as GetLoadBalancerAttribute answers them.
 */
export function controlZone(alb: AlbState, parts: string[], family: string | null): object {
  const [id = '', word, zoneId = '', what = ''] = parts;
  const all = alb.loadBalancers.list();
  const loadBalancer = all.find((one) => one.id === id) ?? all.find((one) => one.name === id);
  if (loadBalancer === undefined)
    throw new ApiError('ResourceNotFound.LoadBalancer', 404, `there is no load balancer ${id}`);
  const zone = loadBalancer.zones.find((one) => one.zoneId === zoneId);
  const act = word === 'zones' ? acts.get(what) : undefined;
  if (act === undefined || (family !== null && family !== '4' && family !== '6'))
    throw new ApiError('InvalidControl', 404, usage);
  if (zone === undefined) throw new ApiError('ResourceNotFound.Zone', 404, `${id} has no zone ${zoneId}`);
  act(zone, family);
  return { loadBalancerId: loadBalancer.id, zones: zoneForms(alb, loadBalancer) };
}

const setHealth = (zone: LoadBalancerZone, family: string | null, isUnhealthy: boolean): void => {
  if (family !== '6') zone.unhealthy.ipv4 = isUnhealthy;
  if (family !== '4') zone.unhealthy.ipv6 = isUnhealthy;
};

const acts = new Map<string, (zone: LoadBalancerZone, family: string | null) => void>([
  ['stop', (zone) => (zone.status = settled('Stopped'))],
  ['start', (zone) => (zone.status = settled('Active'))],
  ['unhealthy', (zone, family) => setHealth(zone, family, true)],
  ['healthy', (zone, family) => setHealth(zone, family, false)],
]);
