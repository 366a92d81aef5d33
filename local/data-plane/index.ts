import type { AlbState } from '../alb/state.ts';
import type { DnsState } from '../alidns/state.ts';
import { canonical } from '../addresses.ts';
import type { CloudContext } from '../cloud-context.ts';
import type { GuestNetwork } from '../ecs/guest-network.ts';
import type { EcsState } from '../ecs/state.ts';
import type { VpcState } from '../vpc/state.ts';
import { DnsServer } from './dns-server.ts';
import { Fronts } from './fronts.ts';
import { Guests } from './guests.ts';
import { HealthChecks } from './health-checks.ts';
import { type From, type Met, Network, type Refusal } from './network.ts';
import { type SelfSigned, selfSigned } from './self-signed.ts';
import { type OwnName, recursiveAddresses, Zones } from './zones.ts';

export type Route = { host: string; port: number } | { refusal: Refusal };

/** One (address, port) of the cloud and the loopback socket behind it. */
export interface KnownRoute {
  address: string;
  port: number;
  host: string;
  localPort: number;
  what: string;
}

/** Everything of the embedded cloud that carries user traffic, on real sockets: instances, load balancers, health checks, DNS. */
export class DataPlane {
  readonly #context: CloudContext;
  readonly #ecs: EcsState;
  readonly #alb: AlbState;
  readonly #network: Network;
  readonly #guests: Guests;
  readonly #fronts: Fronts;
  readonly #checks: HealthChecks;
  readonly #zones: Zones;
  readonly #dnsServer: DnsServer;
  readonly #closing = new AbortController();
  /** Scripts that run on guests. */
  readonly #runs = new Set<Promise<void>>();
  #certificate: SelfSigned | undefined;
  #busy = 0;

  constructor(context: CloudContext, vpc: VpcState, ecs: EcsState, alb: AlbState, dns: DnsState) {
    this.#context = context;
    this.#ecs = ecs;
    this.#alb = alb;
    this.#network = new Network(vpc, ecs, alb);
    this.#guests = new Guests(ecs);
    const begin = () => this.#begin();
    const common = { alb, network: this.#network, guests: this.#guests, begin };
    this.#fronts = new Fronts({ ...common, certificate: () => this.#selfSigned() });
    this.#checks = new HealthChecks(common);
    this.#zones = new Zones(dns, (name) => this.#ownName(name));
    this.#dnsServer = new DnsServer(this.#zones);
  }

  /** The resolver, UDP and TCP. */
  get dns(): { host: '127.0.0.1'; port: number } {
    return { host: '127.0.0.1', port: this.#dnsServer.port };
  }

  /** Health checks, proxied requests and commands on guests under way: time must not jump meanwhile. */
  get busy(): number {
    return this.#busy;
  }

  async start(): Promise<void> {
    await this.#dnsServer.listen();
    this.#alb.health = (group, server) => this.#checks.health(group, server);
    this.#alb.onListenerAdded = () => this.#checks.poke();
    this.#ecs.network = this.#guestNetwork();
    this.#checks.start();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#runs);
    await this.#checks.close();
    await Promise.all([this.#fronts.close(), this.#guests.close(), this.#dnsServer.close()]);
  }

  /** What a client out in the Internet, or in the VPC `from.vpcId`, meets at an address and TCP port of the cloud. */
  async route(address: string, port: number, from: From = {}): Promise<Route> {
    this.#checks.poke();
    if (port === 53) {
      const dns = this.#dnsRoute(address);
      if (dns !== undefined) return dns;
    }
    const met = this.#network.meet(address, port, from);
    return met.what === 'nothing' ? { refusal: met.refusal } : await this.#endpointOf(met);
  }

  /** All that leads somewhere from the Internet now. */
  async routes(): Promise<KnownRoute[]> {
    const candidates: { address: string; port: number; what: string }[] = recursiveAddresses.map((address) => ({
      address,
      port: 53,
      what: 'DNS resolver',
    }));
    for (const [host, { address, isOurs }] of this.#zones.nameServers())
      if (isOurs) candidates.push({ address, port: 53, what: `name server ${host}` });
    for (const loadBalancer of this.#alb.loadBalancers.list())
      for (const { port, protocol } of this.#alb.listenersOf(loadBalancer.id))
        for (const zone of loadBalancer.zones)
          for (const address of [zone.ipv6Address, zone.address])
            if (address !== '')
              candidates.push({
                address,
                port,
                what: `${protocol} listener of ${loadBalancer.name} (${loadBalancer.id}) in ${zone.zoneId}`,
              });
    for (const instance of this.#ecs.instances.list())
      for (const port of new Set(this.#ecs.siteOf(instance)?.listens.map((one) => one.port)))
        if (instance.publicIpAddress !== '')
          candidates.push({
            address: instance.publicIpAddress,
            port,
            what: `nginx of ${instance.name} (${instance.id})`,
          });
    const routes: KnownRoute[] = [];
    for (const { address, port, what } of candidates) {
      const route = await this.route(address, port);
      if ('host' in route) routes.push({ address, port, host: route.host, localPort: route.port, what });
    }
    return routes;
  }

  async #endpointOf(met: Exclude<Met, { what: 'nothing' }>): Promise<Route> {
    try {
      return met.what === 'listener'
        ? await this.#fronts.endpoint(met.listener, met.family, met.scope)
        : await this.#guests.endpoint(met.instance, met.port, met.family);
    } catch (error) {
      // This machine has no IPv6 on loopback.
      if (error instanceof Error && 'code' in error && error.code === 'EADDRNOTAVAIL')
        return { refusal: 'ENETUNREACH' };
      throw error;
    }
  }

  #dnsRoute(address: string): Route | undefined {
    const wanted = canonical(address);
    if (recursiveAddresses.some((one) => canonical(one) === wanted)) return this.dns;
    const ours = [...this.#zones.nameServers().values()].find((server) => server.address === wanted);
    if (ours === undefined) return undefined;
    return ours.isOurs ? { host: '127.0.0.1', port: this.#dnsServer.authoritativePort } : { refusal: 'ETIMEDOUT' };
  }

  /**
   * Addresses of a load balancer's own name in its zones that are Active; IPv6 only while that side is in the Internet. One
   * that is declared Unhealthy stays in DNS (inf: no source says that it leaves).
   */
  #ownName(name: string): OwnName | undefined {
    const found = this.#alb.loadBalancers
      .list()
      .find((loadBalancer) => loadBalancer.dnsName === name && this.#network.isServing(loadBalancer));
    if (found === undefined) return undefined;
    const zones = found.zones.filter((zone) => this.#alb.zoneStatus(zone) === 'Active');
    const present = (addresses: string[]) => addresses.filter((address) => address !== '');
    return {
      a: present(zones.map((zone) => zone.address)),
      aaaa: found.ipv6AddressType === 'Internet' ? present(zones.map((zone) => zone.ipv6Address)) : [],
    };
  }

  #selfSigned(): SelfSigned {
    this.#certificate ??= selfSigned(['localhost', '*.example.com', 'example.com'], this.#context.clock.nowMs());
    return this.#certificate;
  }

  #guestNetwork(): GuestNetwork {
    return {
      ipv6AddressesOf: (name) => this.#zones.ipv6AddressesOf(name),
      route: async (address, port, from) => {
        const route = await this.route(address, port, from);
        // The resolvers, whose sockets speak IPv4, are out in the Internet.
        return 'host' in route && route.host !== '::1' ? { refusal: 'ETIMEDOUT' } : route;
      },
      begin: () => this.#begin(),
      run: (work) => {
        const run = work(this.#closing.signal).finally(() => this.#runs.delete(run));
        this.#runs.add(run);
      },
    };
  }

  #begin(): () => void {
    this.#busy += 1;
    let isOver = false;
    return () => {
      if (!isOver) this.#busy -= 1;
      isOver = true;
    };
  }
}
