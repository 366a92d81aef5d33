import type { CloudContext } from '../cloud-context.ts';
import type { EcsState } from '../ecs/state.ts';
import { begin, Collection, statusOf } from '../lifecycle.ts';
import type { Dependent, VpcState } from '../vpc/state.ts';
import { refuse } from './errors.ts';
import { JobLog } from './jobs.ts';
import type {
  AdditionalCertificate,
  BackendServer,
  Listener,
  LoadBalancer,
  LoadBalancerZone,
  Rule,
  RuleAction,
  ServerGroup,
  ServerHealth,
} from './model.ts';
import type { SecurityPolicy } from './security-policies.ts';

export type {
  AdditionalCertificate,
  BackendServer,
  ConnectionDrain,
  ForwardedHeaders,
  HealthCheck,
  Listener,
  LoadBalancer,
  LoadBalancerZone,
  Rule,
  RuleAction,
  RuleCondition,
  ServerGroup,
  ServerHealth,
  SlowStart,
  StickySession,
} from './model.ts';

export interface AlbDependencies {
  hasServiceLinkedRole(): boolean;
  hasCertificate(id: string): boolean;
}

/** What a deleted load balancer still holds in its VPC for a while. */
interface Leftover {
  loadBalancerId: string;
  vpcId: string;
  vSwitchIds: string[];
  hasIpv6Internet: boolean;
  untilMs: number;
}

/** ALB in one region: load balancers, server groups, listeners with their rules, and the jobs that made them. */
export class AlbState {
  readonly context: CloudContext;
  readonly vpc: VpcState;
  readonly ecs: EcsState;
  readonly dependencies: AlbDependencies;
  readonly loadBalancers: Collection<LoadBalancer>;
  readonly serverGroups: Collection<ServerGroup>;
  readonly listeners: Collection<Listener>;
  readonly rules: Collection<Rule>;
  readonly jobs: JobLog;
  /** Source: U-ALBQ; 100 rules of a load balancer (inf: no number is in the sources). */
  quota = { loadBalancers: 60, listenersPerLoadBalancer: 50, serversPerGroup: 1000, rulesPerLoadBalancer: 100 };
  /** Set by the data plane: how the load balancer's checks see a server of a group. */
  health: (serverGroup: ServerGroup, server: BackendServer) => ServerHealth = () => ({ status: 'Initial' });
  /** Set by the data plane: its health checks begin with the first listener. */
  onListenerAdded: (() => void) | undefined;
  /** The account's own TLS policies: id to what it holds. */
  readonly customPolicies = new Map<string, SecurityPolicy>();
  /** Names of load balancers that will end CreateFailed. */
  readonly createFailed = new Set<string>();
  #servers = new Map<string, BackendServer[]>();
  #certificates = new Map<string, AdditionalCertificate[]>();
  #leftovers: Leftover[] = [];
  #publicAddresses = 0;

  constructor(context: CloudContext, vpc: VpcState, ecs: EcsState, dependencies: AlbDependencies) {
    const { clock, latency } = context;
    this.context = context;
    this.vpc = vpc;
    this.ecs = ecs;
    this.dependencies = dependencies;
    this.loadBalancers = new Collection(clock, latency.tagLagMs);
    this.serverGroups = new Collection(clock, latency.tagLagMs, (group) => this.#servers.delete(group.id));
    this.listeners = new Collection(clock, latency.tagLagMs, (listener) => this.#certificates.delete(listener.id));
    this.rules = new Collection(clock, latency.tagLagMs);
    this.jobs = new JobLog(context);
    vpc.addDependents(() => this.#dependents());
  }

  /** @throws ResourceNotFound.LoadBalancer */
  loadBalancer(id: string): LoadBalancer {
    const found = this.loadBalancers.find(id);
    if (found === undefined) throw refuse('ResourceNotFound.LoadBalancer', id);
    return found;
  }

  /** @throws ResourceNotFound.ServerGroup */
  serverGroup(id: string): ServerGroup {
    const found = this.serverGroups.find(id);
    if (found === undefined) throw refuse('ResourceNotFound.ServerGroup', id);
    return found;
  }

  /** @throws ResourceNotFound.Listener */
  listener(id: string): Listener {
    const found = this.listeners.find(id);
    if (found === undefined) throw refuse('ResourceNotFound.Listener', id);
    return found;
  }

  /** @throws ResourceNotFound.Rule */
  rule(id: string): Rule {
    const found = this.rules.find(id);
    if (found === undefined) throw refuse('ResourceNotFound.Rule', id);
    return found;
  }

  addLoadBalancer(fields: Omit<LoadBalancer, 'ipv6AddressType'>): LoadBalancer {
    const { clock } = this.context;
    return this.loadBalancers.add({
      ...fields,
      get ipv6AddressType() {
        return statusOf(this.ipv6Internet, clock) as LoadBalancer['ipv6AddressType'];
      },
    });
  }

  addServerGroup(fields: Omit<ServerGroup, 'servers'>): ServerGroup {
    const servers = () => this.#serversOf(fields.id);
    return this.serverGroups.add({
      ...fields,
      get servers() {
        return servers();
      },
    });
  }

  addServer(group: ServerGroup, server: BackendServer): void {
    this.#servers.set(group.id, [...group.servers, server]);
  }

  addListener(fields: Omit<Listener, 'rules' | 'additionalCertificates'>): Listener {
    const rules = () => this.rulesOf(fields.id);
    const certificates = () => this.#certificatesOf(fields.id);
    const listener = this.listeners.add({
      ...fields,
      get rules() {
        return rules();
      },
      get additionalCertificates() {
        return certificates();
      },
    });
    this.onListenerAdded?.();
    return listener;
  }

  setAdditionalCertificates(listener: Listener, certificates: AdditionalCertificate[]): void {
    this.#certificates.set(listener.id, certificates);
  }

  rulesOf(listenerId: string): Rule[] {
    return this.rules
      .list()
      .filter((rule) => rule.listenerId === listenerId)
      .sort((a, b) => a.priority - b.priority);
  }

  listenersOf(loadBalancerId: string): Listener[] {
    return this.listeners.list().filter((listener) => listener.loadBalancerId === loadBalancerId);
  }

  /** Ids of the load balancers that forward to the group, by a listener or by a rule. */
  usersOf(serverGroupId: string): string[] {
    const users = new Set<string>();
    for (const listener of this.listeners.list()) {
      const targets = listener.rules.flatMap((rule) => rule.actions).flatMap(forwardTargets);
      if (listener.serverGroupId === serverGroupId || targets.includes(serverGroupId))
        users.add(listener.loadBalancerId);
    }
    return [...users];
  }

  /** `undefined` once it is gone. */
  serverStatus(server: BackendServer): string | undefined {
    return statusOf(server.status, this.context.clock);
  }

  /** A public IPv4 address that nobody has had before. */
  nextPublicAddress(): string {
    this.#publicAddresses += 1;
    const host = this.#publicAddresses;
    return `47.100.${1 + Math.floor(host / 250)}.${1 + (host % 250)}`;
  }

  /** The load balancer is busy for `ms`: other writes on it are refused meanwhile. */
  configure(loadBalancer: LoadBalancer, ms: number): void {
    loadBalancer.status = begin(this.context.clock, 'Configuring', 'Active', ms);
  }

  /** Starts the deletion; cards and managed security group outlive the load balancer by `leftoverMs`. */
  removeLoadBalancer(loadBalancer: LoadBalancer): void {
    const { clock, latency } = this.context;
    const neverWorked = this.loadBalancers.statusOf(loadBalancer) === 'CreateFailed';
    const hasIpv6Internet = this.#holdsIpv6Internet(loadBalancer);
    loadBalancer.status = begin(clock, 'Deleting', undefined, latency.deleteMs);
    if (neverWorked) return;
    const afterMs = latency.deleteMs + latency.leftoverMs;
    for (const zone of loadBalancer.zones) this.#removeCards(zone, afterMs);
    this.ecs.removeServiceManaged(loadBalancer.securityGroupId, afterMs);
    this.#leave({
      loadBalancerId: loadBalancer.id,
      vpcId: loadBalancer.vpcId,
      vSwitchIds: loadBalancer.zones.map((zone) => zone.vSwitchId),
      hasIpv6Internet,
      untilMs: clock.nowMs() + afterMs,
    });
  }

  /** Takes zones from the load balancer: their addresses are gone at once, their cards hold the vSwitches for a while. */
  removeZones(loadBalancer: LoadBalancer, zones: LoadBalancerZone[], durationMs: number): void {
    const { clock, latency } = this.context;
    const afterMs = durationMs + latency.leftoverMs;
    loadBalancer.zones = loadBalancer.zones.filter((zone) => !zones.includes(zone));
    for (const zone of zones) this.#removeCards(zone, afterMs);
    this.#leave({
      loadBalancerId: loadBalancer.id,
      vpcId: loadBalancer.vpcId,
      vSwitchIds: zones.map((zone) => zone.vSwitchId),
      hasIpv6Internet: false,
      untilMs: clock.nowMs() + afterMs,
    });
  }

  zoneStatus(zone: LoadBalancerZone): string {
    return statusOf(zone.status, this.context.clock) ?? zone.status.during;
  }

  #removeCards({ networkInterfaceIds }: LoadBalancerZone, afterMs: number): void {
    for (const id of networkInterfaceIds) this.ecs.removeServiceManaged(id, afterMs);
  }

  #serversOf(serverGroupId: string): BackendServer[] {
    return (this.#servers.get(serverGroupId) ?? []).filter((server) => this.serverStatus(server) !== undefined);
  }

  #certificatesOf(listenerId: string): AdditionalCertificate[] {
    const { clock } = this.context;
    return (this.#certificates.get(listenerId) ?? []).filter(({ status }) => statusOf(status, clock) !== undefined);
  }

  /** Also while the change to or from Internet is under way. */
  #holdsIpv6Internet({ ipv6Internet }: LoadBalancer): boolean {
    if (ipv6Internet.after === 'Internet') return true;
    return statusOf(ipv6Internet, this.context.clock) === 'Internet';
  }

  #leave(leftover: Leftover): void {
    this.#leftovers = [...this.#leftoversNow(), leftover];
  }

  #leftoversNow(): Leftover[] {
    const now = this.context.clock.nowMs();
    return this.#leftovers.filter(({ untilMs }) => untilMs > now);
  }

  /** What stands in the way of deleting the vSwitches and the IPv6 gateway (P-034, P-036). */
  #dependents(): Dependent[] {
    const living = this.loadBalancers
      .list()
      .filter((loadBalancer) => !['CreateFailed', 'Deleting'].includes(this.loadBalancers.statusOf(loadBalancer)))
      .map((loadBalancer) => ({
        loadBalancerId: loadBalancer.id,
        vpcId: loadBalancer.vpcId,
        vSwitchIds: loadBalancer.zones.map((zone) => zone.vSwitchId),
        hasIpv6Internet: this.#holdsIpv6Internet(loadBalancer),
      }));
    return [...living, ...this.#leftoversNow()].flatMap(
      ({ loadBalancerId: id, vpcId, vSwitchIds, hasIpv6Internet }) => [
        ...vSwitchIds.map((vSwitchId) => ({ id, vpcId, vSwitchId, kind: 'CloudService' as const })),
        ...(hasIpv6Internet ? [{ id, vpcId, kind: 'Ipv6InternetBandwidth' as const }] : []),
      ],
    );
  }
}

const forwardTargets = (action: RuleAction): string[] =>
  action.type === 'ForwardGroup' ? action.serverGroups.map((group) => group.serverGroupId) : [];
