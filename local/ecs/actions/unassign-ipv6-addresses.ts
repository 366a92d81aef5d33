import { isIPv6 } from 'node:net';
import { list, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';

/**
 * UnassignIpv6Addresses, ECS 2014-05-26: takes no client token. Prefixes, by invitation only, are not emulated.
 * Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-unassignipv6addresses (read 2026-11-29).
 */
export const unassignIpv6Addresses = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  params: { NetworkInterfaceId: required(text()), Ipv6Address: list(required(text()), 10, 1) },
  apply(state, params) {
    const card = state.networkInterfaces.find(params.NetworkInterfaceId);
    if (card === undefined) throw refuse('InvalidEniId.NotFound', params.NetworkInterfaceId);
    if (card.serviceManaged) throw refuse('InvalidOperation.EniServiceManaged', card.id);
    const addresses = params.Ipv6Address;
    if (addresses === undefined) throw refuse('MissingParameter', 'Ipv6Address');
    if (state.networkInterfaces.statusOf(card) !== 'InUse') throw refuse('InvalidOperation.InvalidEniState', card.id);
    const instance = state.instances.find(card.instanceId);
    if (
      instance === undefined ||
      instance.isBeingDeleted ||
      !['Running', 'Stopped'].includes(state.instances.statusOf(instance))
    )
      throw refuse('InvalidOperation.InvalidEcsState', card.instanceId);
    if (new Set(addresses).size < addresses.length) throw refuse('InvalidIp.IpRepeated');
    for (const address of addresses) {
      if (!isIPv6(address)) throw refuse('InvalidIp.Address', address);
      if (!card.ipv6Addresses.includes(address)) throw refuse('InvalidIp.IpUnassigned', address);
    }
    state.unassignIpv6(card, addresses);
    return {};
  },
});
