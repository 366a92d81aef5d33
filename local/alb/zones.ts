import type { Timed } from '../lifecycle.ts';
import type { VSwitch } from '../vpc/state.ts';
import { paramErrors, refuse } from './errors.ts';
import type { AlbState, LoadBalancer, LoadBalancerZone } from './state.ts';

/** One address for clients and two to talk to backend servers: an ALB made by API needs three in each vSwitch (P-031). */
const cardsPerZone = 3;

export interface ZoneParam {
  ZoneId: string;
  VSwitchId: string;
}

/**
 * The vSwitches of a load balancer's zones, in the order given.
 *
 * @param held - zones that the load balancer has already: they need no free addresses.
 * @throws DuplicatedParam.ZoneId, IllegalParam.ZoneMappings, ResourceNotFound.VSwitch, Mismatch.*, IncorrectStatus.VSwitch, OperationFailed.vSwitchNotSupportIpv6, ResourceNotEnough.VSwitchIp
 */
export function checkZones(
  state: AlbState,
  vpcId: string,
  mappings: ZoneParam[],
  isDualStack: boolean,
  held: LoadBalancerZone[] = [],
): VSwitch[] {
  state.ecs.networkInterfaces.list(); // drops the cards whose time has come, which frees their addresses
  if (new Set(mappings.map((mapping) => mapping.ZoneId)).size < mappings.length) throw refuse('DuplicatedParam.ZoneId');
  if (mappings.length < Math.min(2, state.context.zoneIds.length))
    throw paramErrors.invalid('ZoneMappings', 'must name at least two zones where the region has two');
  return mappings.map(({ ZoneId, VSwitchId }) => {
    const vSwitch = state.vpc.vSwitches.find(VSwitchId);
    if (vSwitch === undefined) throw refuse('ResourceNotFound.VSwitch', VSwitchId);
    if (vSwitch.zoneId !== ZoneId) throw refuse('Mismatch.ZoneIdAndVSwitchId', `[${ZoneId}, ${VSwitchId}]`);
    if (vSwitch.vpcId !== vpcId) throw refuse('Mismatch.VpcId', `[${vpcId}, ${VSwitchId}: ${vSwitch.vpcId}]`);
    if (held.some((zone) => zone.vSwitchId === VSwitchId)) return vSwitch;
    const status = state.vpc.vSwitches.statusOf(vSwitch);
    if (status !== 'Available') throw refuse('IncorrectStatus.VSwitch', `[${VSwitchId}: ${status}]`);
    if (isDualStack && vSwitch.ipv6CidrBlock === '') throw refuse('OperationFailed.vSwitchNotSupportIpv6', VSwitchId);
    if (state.vpc.availableIpAddressCount(vSwitch) < cardsPerZone)
      throw refuse('ResourceNotEnough.VSwitchIp', VSwitchId);
    return vSwitch;
  });
}

/** The load balancer's presence in one zone, with network cards and addresses of its own. */
export function makeZone(
  state: AlbState,
  vSwitch: VSwitch,
  of: { loadBalancerId: string; isDualStack: boolean; isPublic: boolean; securityGroupId: string; status: Timed },
): LoadBalancerZone {
  const cards = Array.from({ length: cardsPerZone }, () => {
    const card = state.ecs.addServiceManagedInterface({
      vSwitchId: vSwitch.id,
      ipv6: of.isDualStack,
      securityGroupId: of.securityGroupId,
      description: `created by ALB ${of.loadBalancerId}`,
    });
    if (card === undefined) throw new Error(`${vSwitch.id} had enough addresses a moment ago`);
    return card;
  });
  const [front, ...backs] = cards;
  const intranetAddress = front?.privateIpAddress ?? '';
  return {
    zoneId: vSwitch.zoneId,
    vSwitchId: vSwitch.id,
    address: of.isPublic ? state.nextPublicAddress() : intranetAddress,
    allocationId: of.isPublic ? state.context.nextId('eip-') : '',
    intranetAddress,
    ipv6Address: front?.ipv6Addresses[0] ?? '',
    ipv4LocalAddresses: backs.map((card) => card.privateIpAddress),
    ipv6LocalAddresses: backs.flatMap((card) => card.ipv6Addresses),
    networkInterfaceId: front?.id ?? '',
    networkInterfaceIds: cards.map((card) => card.id),
    status: of.status,
    unhealthy: { ipv4: false, ipv6: false },
  };
}

/**
 * The zone that a call to shift or to bring back names: one that is there with static addresses, and not on its way.
 *
 * @param from - the status that it leaves, `to` - the one that it is to get.
 * @throws IllegalParam.ZoneMappings, OperationDenied.*, Mismatch.ZoneIdAndVSwitchId
 */
export function zoneToMove(
  state: AlbState,
  loadBalancer: LoadBalancer,
  [mapping, second]: ZoneParam[],
  from: string,
  to: string[],
): LoadBalancerZone {
  if (loadBalancer.addressAllocatedMode !== 'Fixed')
    throw refuse('OperationDenied.OnlyFixedAddressAllocatedModeSupported', `[${loadBalancer.id}]`);
  if (mapping === undefined || second !== undefined)
    throw paramErrors.invalid('ZoneMappings', 'must name exactly one zone');
  const { ZoneId, VSwitchId } = mapping;
  const zone = loadBalancer.zones.find(({ zoneId }) => zoneId === ZoneId);
  if (zone === undefined) throw refuse('OperationDenied.ZoneVSwitchNotExist', `[${loadBalancer.id}, ${ZoneId}]`);
  if (zone.vSwitchId !== VSwitchId) throw refuse('Mismatch.ZoneIdAndVSwitchId', `[${ZoneId}, ${VSwitchId}]`);
  const status = state.zoneStatus(zone);
  if (to.includes(status)) throw refuse('OperationDenied.ZoneMappingsNotChanged', `[${ZoneId}: ${status}]`);
  // Which of the documented codes stands for a zone on its way, or Stopped, is not said (inf).
  if (status !== from) throw refuse('OperationDenied.EniStatusNotSupport', `[${ZoneId}: ${status}]`);
  return zone;
}
