import { findOwn, secondLookMs } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { hasLostMark, isRecordedAsCreated, markLost } from '../../shared/ownership.ts';
import type { VSwitch } from '../../shared/alibaba/vpc/v-switches.ts';
import type { Vpc } from '../../shared/alibaba/vpc/vpcs.ts';
import { gone, type StageContext, type StageResult, wait } from '../../shared/stage.ts';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import { valueAt } from '../../shared/dictionary.ts';

/**
 * Waits until the load balancer's network cards and managed security group are gone, then deletes what is ours: the IPv6
 * gateway, the vSwitches one by one, the VPC.
 */
export async function releaseNetwork(context: StageContext<'network'>): Promise<StageResult<StageOutputs['network']>> {
  const { vpc, ecs, own, spec, record } = context;
  const adopted = 'vpcId' in spec.network ? spec.network.vpcId : undefined;
  const found =
    adopted === undefined
      ? await findOwn(own.vpcId, vpc.findVpc, () => vpc.listVpcs({ tags: context.mark() }))
      : await vpc.findVpc(adopted);
  if (found === undefined) {
    const mayExist = own.vpcId === undefined && record.stages.network.tokens['vpc'] !== undefined;
    return mayExist && context.waitedMs < secondLookMs
      ? wait('looking twice for a VPC of ours', { afterMs: secondLookMs })
      : gone();
  }
  const { vpcId } = found;
  if (adopted === undefined && hasLostMark(record, 'network', { id: vpcId, tags: found.tags }, context.mark()))
    return markLost('VPC', vpcId, context.mark());
  const isOurs = adopted === undefined && hasMark(found.tags, context.mark());

  const gateway = await vpc.findIpv6Gateway({ vpcId });
  const vSwitches = await vpc.listVSwitches({ vpcId });
  const ourSwitches = isOurs
    ? vSwitches.filter((vSwitch) => valueAt(vSwitch.tags, `${context.config.name}-deployment`) === record.deploymentId)
    : [];
  const ourGateway = gateway !== undefined && hasMark(gateway.tags, context.mark()) ? gateway : undefined;

  if (isOurs) {
    // Both outlive the load balancer for a while and hold the vSwitches (P-036).
    const cards = await ecs.listNetworkInterfaces({ vpcId, serviceManaged: true });
    if (cards.length > 0) return wait(`${cards.length} network cards of the load balancer are still there`);
    const groups = await ecs.listSecurityGroups({ vpcId, serviceManaged: true });
    if (groups.length > 0) return wait('the managed security group of the load balancer is still there');
  }
  if (
    gateway !== undefined &&
    hasLostMark(record, 'network', { id: gateway.ipv6GatewayId, tags: gateway.tags }, context.mark())
  )
    return markLost('IPv6 gateway', gateway.ipv6GatewayId, context.mark());
  const hasAdded = ourGateway !== undefined || (own.ipv6EnabledOn ?? []).length > 0;
  const users = adopted !== undefined && hasAdded ? await usersOfIpv6(context, vpcId) : 'none';
  if (users === 'cards' && context.waitedMs < leftoverMs)
    return wait('network cards of a load balancer still use IPv6 in the VPC');
  const isKept = ourGateway !== undefined && users !== 'none';
  if (ourGateway !== undefined && !isKept) {
    if (ourGateway.status === 'Available') {
      await context.change('delete-ipv6-gateway', { id: ourGateway.ipv6GatewayId }, (clientToken) =>
        vpc.deleteIpv6Gateway(ourGateway.ipv6GatewayId, clientToken),
      );
    }
    return wait('the IPv6 gateway is being deleted');
  }
  if (adopted !== undefined)
    return await takeIpv6Back(context, found, vSwitches, isKept ? { keptIpv6GatewayId: ourGateway.ipv6GatewayId } : {});
  if (!isOurs) return gone();
  const [next] = ourSwitches;
  if (next !== undefined) {
    if (next.status === 'Available')
      await context.change('delete-v-switch', { id: next.vSwitchId }, () => vpc.deleteVSwitch(next.vSwitchId));
    return wait(`vSwitch ${next.vSwitchId} is being deleted`);
  }
  const unmarked = vSwitches.find(({ vSwitchId }) => isRecordedAsCreated(record, 'network', vSwitchId));
  if (unmarked !== undefined) return markLost('vSwitch', unmarked.vSwitchId, context.mark(unmarked.zoneId));
  if (found.status === 'Available') {
    await context.change('delete-vpc', { vpcId }, (clientToken) => vpc.deleteVpc(vpcId, clientToken));
  }
  return wait(
    found.cloudResources.length === 0
      ? 'the VPC is being deleted'
      : `the VPC is being deleted; it still holds ${found.cloudResources.map(({ type, count }) => `${count} ${type}`).join(', ')}`,
  );
}

/**
 * What of others uses IPv6 in the adopted VPC now: then the gateway that we added stays. Cards of load balancers may be
 * those that ours has left for a while.
 */
async function usersOfIpv6(context: StageContext<'network'>, vpcId: string): Promise<'none' | 'cards' | 'instances'> {
  const [instances, cards] = await Promise.all([
    context.ecs.listInstances({ vpcId }),
    context.ecs.listNetworkInterfaces({ vpcId, serviceManaged: true }),
  ]);
  // The servers that were given to us had their addresses without this gateway.
  const given = new Set(context.spec.backends.flatMap((backend) => (isAdopted(backend) ? [backend.instanceId] : [])));
  const others = instances.filter(({ instanceId }) => !given.has(instanceId));
  if (others.some(({ ipv6Addresses }) => ipv6Addresses.length > 0)) return 'instances';
  return cards.some(({ ipv6Addresses }) => ipv6Addresses.length > 0) ? 'cards' : 'none';
}

/** How long the load balancer's leftovers may hold IPv6 in a vSwitch before it counts as used by others. */
const leftoverMs = 3 * 60_000;

/** Turns IPv6 off again where the request let us turn it on, unless others use it now. @param kept - so far, for the record. */
async function takeIpv6Back(
  context: StageContext<'network'>,
  found: Vpc,
  vSwitches: VSwitch[],
  kept: { keptIpv6GatewayId?: string },
): Promise<StageResult<StageOutputs['network']>> {
  const { vpc, own } = context;
  const enabled = own.ipv6EnabledOn ?? [];
  const keptIpv6On: string[] = [];
  for (const vSwitch of vSwitches) {
    if (!enabled.includes(vSwitch.vSwitchId) || vSwitch.ipv6CidrBlock === '') continue;
    if (vSwitch.status !== 'Available') return wait(`vSwitch ${vSwitch.vSwitchId} is ${vSwitch.status}`);
    const id = vSwitch.vSwitchId;
    const isOff = await context.change(`disable-ipv6-${id}`, { id }, () => vpc.disableVSwitchIpv6(id));
    if (isOff) return wait(`IPv6 is being turned off in vSwitch ${id}`);
    if (context.waitedMs < leftoverMs) return wait(`something still uses IPv6 in vSwitch ${id}`);
    keptIpv6On.push(id);
  }
  const isLast = vSwitches.every(({ ipv6CidrBlock }) => ipv6CidrBlock === '');
  if (!enabled.includes(found.vpcId) || !found.ipv6Enabled) return gone({ ...kept, keptIpv6On });
  if (!isLast) return gone({ ...kept, keptIpv6On: [...keptIpv6On, found.vpcId] });
  if (found.status !== 'Available') return wait(`the VPC is ${found.status}`);
  const isOff = await context.change('disable-vpc-ipv6', { id: found.vpcId }, () => vpc.disableVpcIpv6(found.vpcId));
  return isOff ? wait('IPv6 is being turned off in the VPC') : gone({ ...kept, keptIpv6On: [found.vpcId] });
}
