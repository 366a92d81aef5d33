import { integer, list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { findInstanceType } from '../catalog.ts';
import { refuse } from '../errors.ts';
import { checkIpv6 } from '../launch-checks.ts';
import type { EcsState } from '../state.ts';

/**
 * AssignIpv6Addresses, ECS 2014-05-26. Each call adds addresses: only the client token makes a repeat harmless.
 * Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-assignipv6addresses (read 2026-11-22).
 */
export const assignIpv6Addresses = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  clientToken: true,
  params: {
    NetworkInterfaceId: required(text()),
    Ipv6AddressCount: integer(1, 10),
    Ipv6Address: list(required(text()), 10, 1),
  },
  apply(state, params) {
    const card = state.networkInterfaces.find(params.NetworkInterfaceId);
    if (card === undefined) throw refuse('InvalidEniId.NotFound', params.NetworkInterfaceId);
    if (card.serviceManaged) throw refuse('InvalidOperation.EniServiceManaged', card.id);
    if (params.Ipv6AddressCount === undefined && params.Ipv6Address === undefined)
      throw refuse('MissingParameter', 'Ipv6AddressCount');
    if (state.networkInterfaces.statusOf(card) !== 'InUse') throw refuse('InvalidOperation.InvalidEniState', card.id);
    const instance = state.instances.find(card.instanceId);
    const type = findInstanceType(instance?.instanceType ?? '');
    if (instance === undefined || type === undefined) throw refuse('InvalidOperation.InvalidEniState', card.id);
    if (instance.isBeingDeleted || !['Running', 'Stopped'].includes(state.instances.statusOf(instance)))
      throw refuse('InvalidOperation.InvalidEcsState', instance.id);
    checkIpv6(type, state.vpc.vSwitch(card.vSwitchId), {
      held: card.ipv6Addresses.length,
      count: params.Ipv6AddressCount,
      wanted: params.Ipv6Address,
    });
    const added = state.assignIpv6(card, params.Ipv6Address ?? [], params.Ipv6AddressCount ?? 0);
    if (added === undefined) throw new Error('the addresses were checked before');
    return { NetworkInterfaceId: card.id, Ipv6Sets: { Ipv6Address: added }, Ipv6PrefixSets: { Ipv6Prefix: [] } };
  },
});
