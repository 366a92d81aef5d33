import { isIPv6 } from 'node:net';
import { canonical, isInCidr } from '../addresses.ts';
import type { AlbState, Listener, LoadBalancer, LoadBalancerZone } from '../alb/state.ts';
import { firewallAction } from '../ecs/guest-firewall.ts';
import { hasInet6 } from '../ecs/guest-inet6.ts';
import type { EcsState, Instance } from '../ecs/state.ts';
import type { VpcState } from '../vpc/state.ts';

export type Refusal = 'ECONNREFUSED' | 'ETIMEDOUT' | 'ENETUNREACH' | 'EHOSTUNREACH';

/** From where a client comes: out in the Internet, or in a VPC. */
export interface From {
  vpcId?: string | undefined;
  /** Its own address, for security groups; by default one that no rule names particularly. */
  address?: string | undefined;
}

/** Whether a front is met from the Internet or from inside the load balancer's VPC. */
export type Scope = 'internet' | 'vpc';

export type Met =
  | { what: 'listener'; listener: Listener; scope: Scope; family: 4 | 6 }
  | { what: 'guest'; instance: Instance; port: number; family: 4 | 6 }
  | { what: 'nothing'; refusal: Refusal };

/** Addresses reserved for documentation: whoever comes from "anywhere". Sources: RFC 5737, RFC 3849. */
const anyone = { 4: '203.0.113.250', 6: '2001:db8::fa' };

const familyOf = (address: string): 4 | 6 => (isIPv6(address) ? 6 : 4);
const nothing = (refusal: Refusal): Met => ({ what: 'nothing', refusal });

/** Who reaches whom, by addresses, gateways, statuses and security groups as they are at this moment. */
export class Network {
  readonly #vpc: VpcState;
  readonly #ecs: EcsState;
  readonly #alb: AlbState;

  constructor(vpc: VpcState, ecs: EcsState, alb: AlbState) {
    this.#vpc = vpc;
    this.#ecs = ecs;
    this.#alb = alb;
  }

  /** What a client meets at an address and TCP port. */
  meet(address: string, port: number, from: From = {}): Met {
    const wanted = canonical(address);
    if (from.vpcId !== undefined && isIPv6(wanted) && !this.#hasIpv6(from.vpcId)) return nothing('ENETUNREACH');
    for (const loadBalancer of this.#alb.loadBalancers.list())
      for (const zone of loadBalancer.zones) {
        const scope = this.#scopeAt(loadBalancer, zone, wanted, from);
        if (scope === undefined) continue;
        // Public IPv6 bandwidth of instances is not emulated: what comes from a VPC over IPv6 ends at its border.
        if (scope === 'internet' && from.vpcId !== undefined && isIPv6(wanted)) return nothing('ETIMEDOUT');
        if (!this.isServing(loadBalancer) || !this.isFrontReachable(loadBalancer, familyOf(wanted), scope))
          return nothing('ETIMEDOUT');
        if (!this.#forwards(zone, familyOf(wanted))) return nothing('ETIMEDOUT');
        const listener = this.#alb.listenersOf(loadBalancer.id).find((one) => one.port === port);
        if (listener === undefined || !this.isListening(listener)) return nothing('ECONNREFUSED');
        return { what: 'listener', listener, scope, family: familyOf(wanted) };
      }
    return this.#meetInstance(wanted, port, from);
  }

  /** What a load balancer meets at a backend server's address, coming from its own local `source` address. */
  meetBackend(loadBalancer: LoadBalancer, source: string, address: string, port: number): Met {
    const wanted = canonical(address);
    const instance = this.#instanceHolding(wanted, loadBalancer.vpcId);
    if (instance === undefined) return nothing('ETIMEDOUT');
    return this.#meetGuest(instance, wanted, port, source);
  }

  /** The load balancer's local addresses of one family, those zones left out that are Stopped or whose vSwitch has lost its IPv6. */
  localAddresses(loadBalancer: LoadBalancer, family: 4 | 6): string[] {
    return loadBalancer.zones.flatMap((zone) => {
      if (this.#alb.zoneStatus(zone) === 'Stopped') return [];
      if (family === 4) return zone.ipv4LocalAddresses.slice(0, 1);
      return this.#vSwitchHasIpv6(zone.vSwitchId) ? zone.ipv6LocalAddresses.slice(0, 1) : [];
    });
  }

  isServing(loadBalancer: LoadBalancer): boolean {
    return ['Active', 'Configuring'].includes(this.#alb.loadBalancers.statusOf(loadBalancer));
  }

  isListening(listener: Listener): boolean {
    return ['Running', 'Configuring'].includes(this.#alb.listeners.statusOf(listener));
  }

  /** Whether packets get as far as the load balancer's front of this family. */
  isFrontReachable(loadBalancer: LoadBalancer, family: 4 | 6, scope: Scope): boolean {
    if (family === 4) return scope === 'vpc' || loadBalancer.addressType === 'Internet';
    if (!loadBalancer.zones.some((zone) => zone.ipv6Address !== '' && this.#vSwitchHasIpv6(zone.vSwitchId)))
      return false;
    return scope === 'vpc' || (loadBalancer.ipv6AddressType === 'Internet' && this.#hasGateway(loadBalancer.vpcId));
  }

  /**
   * Whether the zone's address of this family takes traffic: that of a shifted zone does, for whoever still has it; source:
   * https://www.alibabacloud.com/help/zh/server-load-balancer/latest/modify-the-configurations-of-an-alb-instance (read
   * 2026-11-30). That of a zone that has not started or is Stopped, or that is unhealthy, does not (inf).
   */
  #forwards(zone: LoadBalancerZone, family: 4 | 6): boolean {
    if (!['Active', 'Stopping', 'Shifted'].includes(this.#alb.zoneStatus(zone))) return false;
    return family === 6 ? !zone.unhealthy.ipv6 : !zone.unhealthy.ipv4;
  }

  /** Undefined: this address is not of this zone, or not for this client. */
  #scopeAt(loadBalancer: LoadBalancer, zone: LoadBalancerZone, wanted: string, from: From): Scope | undefined {
    const isInside = from.vpcId === loadBalancer.vpcId;
    if (zone.ipv6Address !== '' && canonical(zone.ipv6Address) === wanted) return isInside ? 'vpc' : 'internet';
    if (loadBalancer.addressType === 'Internet' && zone.address === wanted) return 'internet';
    if (isInside && (zone.intranetAddress === wanted || zone.address === wanted)) return 'vpc';
    return undefined;
  }

  #meetInstance(wanted: string, port: number, from: From): Met {
    const isPublic = (instance: Instance) => instance.publicIpAddress !== '' && instance.publicIpAddress === wanted;
    const instance = this.#ecs.instances.list().find(isPublic) ?? this.#instanceHolding(wanted, from.vpcId);
    if (instance === undefined) return nothing('ETIMEDOUT');
    // Private addresses, and IPv6 addresses without public bandwidth, are not to be reached from outside their VPC.
    if (!isPublic(instance) && from.vpcId !== instance.vpcId) return nothing('ETIMEDOUT');
    const isInside = from.vpcId === instance.vpcId && !isPublic(instance);
    return this.#meetGuest(instance, wanted, port, from.address ?? this.#someSource(instance, wanted, isInside));
  }

  #meetGuest(instance: Instance, wanted: string, port: number, source: string): Met {
    const family = familyOf(wanted);
    if (family === 6 && !(this.#vSwitchHasIpv6(instance.vSwitchId) && hasInet6(instance))) return nothing('ETIMEDOUT');
    if (this.#ecs.instances.statusOf(instance) !== 'Running') return nothing('ETIMEDOUT');
    // A dropped packet is answered by nobody: the client waits until its own timeout.
    if (!this.#ecs.allowsIngress(instance.securityGroupIds, { protocol: 'TCP', port, source }))
      return nothing('ETIMEDOUT');
    const action =
      instance.firewall &&
      firewallAction(instance.firewall, { family, source, port }, (block, one) => isInCidr(one, block));
    if (action === 'DROP') return nothing('ETIMEDOUT');
    if (action === 'REJECT') return nothing(instance.firewall?.tool === 'firewalld' ? 'EHOSTUNREACH' : 'ECONNREFUSED');
    const listens = this.#ecs.siteOf(instance)?.listens ?? [];
    if (!listens.some((one) => one.port === port && one.family === family)) return nothing('ECONNREFUSED');
    return { what: 'guest', instance, port, family };
  }

  #instanceHolding(wanted: string, vpcId: string | undefined): Instance | undefined {
    return this.#ecs.instances
      .list()
      .find(
        (instance) =>
          (vpcId === undefined || instance.vpcId === vpcId) &&
          [instance.privateIpAddress, ...instance.ipv6Addresses].some((held) => canonical(held) === wanted),
      );
  }

  /** A neighbour in the instance's vSwitch, or somebody out in the Internet. */
  #someSource(instance: Instance, wanted: string, isInside: boolean): string {
    const vSwitch = this.#vpc.vSwitches.find(instance.vSwitchId);
    const block = isIPv6(wanted) ? vSwitch?.ipv6CidrBlock : vSwitch?.cidrBlock;
    const network = isInside ? block?.split('/')[0] : undefined;
    return network === undefined || network === '' ? anyone[familyOf(wanted)] : network;
  }

  #hasIpv6(vpcId: string): boolean {
    return (this.#vpc.vpcs.find(vpcId)?.ipv6CidrBlock ?? '') !== '';
  }

  #vSwitchHasIpv6(vSwitchId: string): boolean {
    return (this.#vpc.vSwitches.find(vSwitchId)?.ipv6CidrBlock ?? '') !== '';
  }

  #hasGateway(vpcId: string): boolean {
    const gateway = this.#vpc.gatewayOf(vpcId);
    return gateway !== undefined && this.#vpc.ipv6Gateways.statusOf(gateway) === 'Available';
  }
}
