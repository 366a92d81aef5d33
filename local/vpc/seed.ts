import { numberToIpv4, parseIpv4Cidr } from '../addresses.ts';
import { settled, type Tag } from '../lifecycle.ts';
import type { VpcState, VSwitch, Vpc } from './state.ts';

export interface NetworkSeed {
  vpcName?: string;
  /** One vSwitch in each, in this order; the same zone may come twice. */
  zones: string[];
  /** Default true: /56 for the VPC, a distinct /64 for each vSwitch. */
  ipv6?: boolean;
  /** Default: as `ipv6`. Without IPv6 there is never a gateway. */
  ipv6Gateway?: boolean;
  /** Free IPv4 addresses of each vSwitch, 0 to 252; default 252, which a /24 has. */
  freeAddresses?: number;
  tags?: Tag[];
}

export interface SeededNetwork {
  vpcId: string;
  vSwitchIds: string[];
  ipv6GatewayId: string | undefined;
}

const reserved = 4;

/** Longest prefix whose vSwitch still has `free` addresses besides the reserved ones. */
function prefixFor(free: number): number {
  for (let prefix = 29; prefix > 24; prefix -= 1) if (2 ** (32 - prefix) - reserved >= free) return prefix;
  return 24;
}

/** Takes addresses until exactly `free` are left; they belong to a card that nobody manages. */
function occupy(state: VpcState, vSwitch: VSwitch, free: number): void {
  const range = parseIpv4Cidr(vSwitch.cidrBlock);
  if (range === undefined) return;
  const holder = state.context.nextId('eni-uf6');
  for (let next = range.first + 1; state.availableIpAddressCount(vSwitch) > free; next += 1)
    state.takeAddress(vSwitch, 4, holder, numberToIpv4(next));
}

/**
 * A network that exists already, for scenarios that adopt one: everything is Available at once.
 *
 * A vSwitch whose `freeAddresses` no CIDR block gives exactly has the rest of its addresses taken, and cannot be deleted.
 */
export function seedNetwork(state: VpcState, seed: NetworkSeed): SeededNetwork {
  const { clock, nextId, zoneIds } = state.context;
  const { zones, ipv6 = true, ipv6Gateway = ipv6, freeAddresses = 252, tags = [] } = seed;
  const unknown = zones.filter((zone) => !zoneIds.includes(zone));
  if (unknown.length > 0) throw new Error(`no such zone: ${unknown.join(', ')}`);
  const kept = () => ({ createdAtMs: clock.nowMs(), status: settled('Available'), tags: [...tags], description: '' });
  const name = seed.vpcName ?? 'existing';
  const vpc: Vpc = state.vpcs.add({
    ...kept(),
    id: nextId('vpc-uf6'),
    name,
    cidrBlock: '192.168.0.0/16',
    ipv6CidrBlock: ipv6 ? state.nextIpv6Block() : '',
    vRouterId: nextId('vrt-uf6'),
    routeTableId: nextId('vtb-uf6'),
  });
  const vSwitchIds = zones.map((zoneId, index) => {
    const vSwitch = state.vSwitches.add({
      ...kept(),
      id: nextId('vsw-uf6'),
      vpcId: vpc.id,
      zoneId,
      name: `${name}-${index + 1}`,
      cidrBlock: `192.168.${index}.0/${prefixFor(freeAddresses)}`,
      ipv6CidrBlock: ipv6 ? state.ipv6Subnet(vpc, index) : '',
      addresses: new Map(),
    });
    occupy(state, vSwitch, freeAddresses);
    return vSwitch.id;
  });
  const gateway =
    ipv6 && ipv6Gateway
      ? state.ipv6Gateways.add({ ...kept(), id: nextId('ipv6gw-uf6'), vpcId: vpc.id, name })
      : undefined;
  return { vpcId: vpc.id, vSwitchIds, ipv6GatewayId: gateway?.id };
}
