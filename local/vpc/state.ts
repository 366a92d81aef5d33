import { ipv4ToNumber, numberToIpv4, parseIpv4Cidr } from '../addresses.ts';
import type { CloudContext } from '../cloud-context.ts';
import { Collection, type Kept } from '../lifecycle.ts';
import { refuse } from './errors.ts';

export interface Vpc extends Kept {
  name: string;
  description: string;
  cidrBlock: string;
  /** `/56`, or empty while IPv6 is off. */
  ipv6CidrBlock: string;
  vRouterId?: string;
  routeTableId?: string;
}

export interface VSwitch extends Kept {
  vpcId: string;
  zoneId: string;
  name: string;
  description: string;
  cidrBlock: string;
  /** `/64`, or empty while IPv6 is off. */
  ipv6CidrBlock: string;
  /** Address to the id of what holds it; IPv4 and IPv6. */
  addresses: Map<string, string>;
  /** Tells a Pending of ModifyVSwitchAttribute from that of CreateVSwitch. */
  isBeingModified?: boolean;
}

export interface Ipv6Gateway extends Kept {
  vpcId: string;
  name: string;
  description: string;
}

/** Something of another service that stands in the way of deleting a VPC or vSwitch. */
export interface Dependent {
  id: string;
  vpcId: string;
  vSwitchId?: string;
  kind: 'SecurityGroup' | 'NetworkInterface' | 'CloudService' | 'Ipv6InternetBandwidth';
}

/** VPCs, vSwitches and IPv6 gateways, and the addresses that other services take from them. */
export class VpcState {
  readonly context: CloudContext;
  readonly vpcs: Collection<Vpc>;
  readonly vSwitches: Collection<VSwitch>;
  readonly ipv6Gateways: Collection<Ipv6Gateway>;
  /** Default quotas of an account. Source: https://alibabacloud.com/help/ja/vpc/user-guide/vpc-quotas. */
  quota = { vpcs: 10, vSwitchesPerVpc: 150 };
  #dependents: (() => Dependent[])[] = [];
  #nextIpv6Block = 0;

  constructor(context: CloudContext) {
    this.context = context;
    this.vpcs = new Collection(context.clock, context.latency.tagLagMs);
    this.vSwitches = new Collection(context.clock, context.latency.tagLagMs);
    this.ipv6Gateways = new Collection(context.clock, context.latency.tagLagMs);
  }

  /** Other services say here what they keep in VPCs. */
  addDependents(list: () => Dependent[]): void {
    this.#dependents.push(list);
  }

  dependents(where: { vpcId?: string; vSwitchId?: string }): Dependent[] {
    return this.#dependents
      .flatMap((list) => list())
      .filter(
        (dependent) =>
          (where.vpcId === undefined || dependent.vpcId === where.vpcId) &&
          (where.vSwitchId === undefined || dependent.vSwitchId === where.vSwitchId),
      );
  }

  /** @throws InvalidVpcId.NotFound */
  vpc(id: string): Vpc {
    const vpc = this.vpcs.find(id);
    if (vpc === undefined) throw refuse('InvalidVpcId.NotFound', id);
    return vpc;
  }

  /** @throws InvalidVswitchID.NotFound */
  vSwitch(id: string): VSwitch {
    const vSwitch = this.vSwitches.find(id);
    if (vSwitch === undefined) throw refuse('InvalidVswitchID.NotFound', id);
    return vSwitch;
  }

  /** Whether something of a vSwitch is under way, as the VPC's other vSwitches see it. */
  vSwitchTask(vSwitch: VSwitch): 'creating' | 'modifying' | 'deleting' | undefined {
    if (this.vSwitches.statusOf(vSwitch) === 'Available') return undefined;
    if (vSwitch.status.after === undefined) return 'deleting';
    return vSwitch.isBeingModified === true ? 'modifying' : 'creating';
  }

  vSwitchesOf(vpcId: string): VSwitch[] {
    return this.vSwitches.list().filter((vSwitch) => vSwitch.vpcId === vpcId);
  }

  gatewayOf(vpcId: string): Ipv6Gateway | undefined {
    return this.ipv6Gateways.list().find((gateway) => gateway.vpcId === vpcId);
  }

  /** A fresh `/56` out of the range that Alibaba Cloud uses in cn-shanghai. */
  nextIpv6Block(): string {
    this.#nextIpv6Block += 1;
    const block = this.#nextIpv6Block;
    return `2408:4002:${(0x1000 + (block >> 8)).toString(16)}:${((block & 0xff) << 8).toString(16)}::/56`;
  }

  /** The `/64` with subnet byte `index` (0 to 255) of a VPC's `/56`. */
  ipv6Subnet(vpc: Vpc, index: number): string {
    const [a, b, c, d] = vpc.ipv6CidrBlock.split('/')[0]?.split('::')[0]?.split(':') ?? [];
    return `${a}:${b}:${c}:${(Number.parseInt(d ?? '0', 16) + index).toString(16)}::/64`;
  }

  /** Free IPv4 addresses: 4 of each vSwitch are reserved (the first and the last three). */
  availableIpAddressCount(vSwitch: VSwitch): number {
    const range = parseIpv4Cidr(vSwitch.cidrBlock);
    if (range === undefined) return 0;
    // Looking at what others keep here lets those whose time is up give their addresses back.
    this.dependents({ vSwitchId: vSwitch.id });
    const taken = [...vSwitch.addresses.keys()].filter((address) => address.includes('.')).length;
    return Math.max(0, range.last - range.first + 1 - 4 - taken);
  }

  /** Takes an address of the vSwitch for `ownerId`; undefined when none is free (or, for IPv6, when IPv6 is off). */
  takeAddress(vSwitch: VSwitch, family: 4 | 6, ownerId: string, wanted?: string): string | undefined {
    const address = wanted ?? (family === 4 ? this.#freeIpv4(vSwitch) : this.#freeIpv6(vSwitch));
    if (address === undefined || vSwitch.addresses.has(address)) return undefined;
    vSwitch.addresses.set(address, ownerId);
    return address;
  }

  releaseAddresses(ownerId: string): void {
    for (const vSwitch of this.vSwitches.list())
      for (const [address, owner] of vSwitch.addresses) if (owner === ownerId) vSwitch.addresses.delete(address);
  }

  #freeIpv4(vSwitch: VSwitch): string | undefined {
    const range = parseIpv4Cidr(vSwitch.cidrBlock);
    if (range === undefined) return undefined;
    const free = this.availableIpAddressCount(vSwitch);
    if (free === 0) return undefined;
    const first = range.first + 1;
    const count = range.last - 3 - first + 1;
    const start = Math.floor(this.context.random() * count);
    for (let step = 0; step < count; step += 1) {
      const address = numberToIpv4(first + ((start + step) % count));
      if (!vSwitch.addresses.has(address)) return address;
    }
    return undefined;
  }

  #freeIpv6(vSwitch: VSwitch): string | undefined {
    if (vSwitch.ipv6CidrBlock === '') return undefined;
    const network = vSwitch.ipv6CidrBlock.split('::')[0];
    for (;;) {
      const host = Array.from({ length: 4 }, () => (1 + Math.floor(this.context.random() * 65_534)).toString(16)).join(
        ':',
      );
      const address = `${network}:${host}`;
      if (!vSwitch.addresses.has(address)) return address;
    }
  }
}

export const compareIpv4 = (a: string, b: string): number => ipv4ToNumber(a) - ipv4ToNumber(b);
