import type { LoadBalancer } from '../../shared/alibaba/alb/load-balancers.ts';
import { isEnforced } from '../../shared/deployment/explicit.ts';
import { hasMark, markOf } from '../../shared/marks.ts';
import type { StageContext } from '../../shared/stage.ts';

type Context = StageContext<'load-balancer'>;
type Zone = Pick<LoadBalancer['zones'][number], 'zoneId' | 'vSwitchId'>;

const isIn = (zones: Zone[], vSwitchId: string): boolean => zones.some((zone) => zone.vSwitchId === vSwitchId);

/**
 * Puts the load balancer into the zones of the network: a new one once its vSwitch stands and the servers let it in; the
 * vSwitch of one that it has left is deleted, where we made it.
 *
 * @returns what there is to wait for; undefined where it stands in these zones and no others are left.
 */
export async function ensureZones(context: Context, found: LoadBalancer): Promise<string | undefined> {
  const { alb, record } = context;
  const { loadBalancerId } = found;
  const wanted = wantedZones(context, found);
  const coming = wanted.filter(({ vSwitchId }) => !isIn(found.zones, vSwitchId));
  const going = found.zones.filter(({ vSwitchId }) => !isIn(wanted, vSwitchId));
  if (coming.length > 0 && record.stages['security-group'].apply.state !== 'done')
    return 'the security group is to let the new zone in first';
  if (coming.length + going.length > 0) {
    await context.change('update-zones', wanted, (clientToken) => alb.updateZones(loadBalancerId, wanted, clientToken));
    return `the load balancer is changing its zones: ${[
      ...coming.map(({ zoneId }) => `new ${zoneId}`),
      ...going.map(({ zoneId }) => `without ${zoneId}`),
    ].join(', ')}`;
  }
  const bare = found.zones.find(({ ipv4Address, ipv6Address }) => ipv4Address === '' || ipv6Address === '');
  if (bare !== undefined) return `zone ${bare.zoneId} has no addresses yet`;
  return await deleteDismissed(context, found);
}

/** Those of the network; as they are found where the request leaves them to the default and somebody has changed them. */
function wantedZones({ spec, record, outputs, choose, show }: Context, found: LoadBalancer): Zone[] {
  const asked = outputs.network.vSwitches.map(({ zoneId, vSwitchId }) => ({ zoneId, vSwitchId }));
  const standing = found.zones.map(({ zoneId, vSwitchId }) => ({ zoneId, vSwitchId }));
  const isSame = asked.length === standing.length && asked.every(({ vSwitchId }) => isIn(standing, vSwitchId));
  if ('vpcId' in spec.network) {
    const ids = asked.map(({ vSwitchId }) => vSwitchId);
    choose('network.vSwitchIds', isSame ? ids : standing.map(({ vSwitchId }) => vSwitchId), ids);
    return asked;
  }
  if (isSame || isEnforced(record, 'network.vSwitches')) return asked;
  show({
    message: `the load balancer stands in ${standing.map(({ zoneId }) => zoneId).join(', ')}, which somebody has chosen; by default it is ${asked.map(({ zoneId }) => zoneId).join(', ')}`,
    remedy:
      'An apply leaves it so, since the request does not write network.vSwitches; write them to have them enforced.',
  });
  return standing;
}

async function deleteDismissed(
  { vpc, outputs, config, record, change }: Context,
  { zones }: LoadBalancer,
): Promise<string | undefined> {
  const { vpcId, dismissedVSwitches = [] } = outputs.network;
  if (dismissedVSwitches.length === 0) return undefined;
  const listed = await vpc.listVSwitches({ vpcId });
  for (const { vSwitchId, zoneId } of dismissedVSwitches) {
    const vSwitch = listed.find((one) => one.vSwitchId === vSwitchId);
    if (isIn(zones, vSwitchId)) continue;
    if (vSwitch === undefined || !hasMark(vSwitch.tags, markOf(config.name, record.deploymentId, 'network', zoneId)))
      continue;
    // Cards of the load balancer hold it for a while; the refusal is a wait (P-036).
    if (vSwitch.status === 'Available')
      await change('delete-v-switch', { id: vSwitchId }, () => vpc.deleteVSwitch(vSwitchId));
    return `vSwitch ${vSwitchId} of zone ${zoneId} is being deleted`;
  }
  return undefined;
}
