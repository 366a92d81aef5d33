import type { CloudContext } from '../cloud-context.ts';
import { begin, Collection, type Kept, settled, type Tag } from '../lifecycle.ts';
import { ShortMemory } from '../short-memory.ts';
import type { Dependent, VpcState, VSwitch } from '../vpc/state.ts';
import { guestSite } from './cloud-config.ts';
import type { GuestFirewall } from './guest-firewall.ts';
import type { Inet6Lack } from './guest-inet6.ts';
import type { GuestSite } from './guest-site.ts';
import { refuse } from './errors.ts';
import type { GuestNetwork } from './guest-network.ts';
import { phases } from './phases.ts';
import { decide, type SecurityGroupRule, type Traffic } from './rules.ts';

export type { SecurityGroupRule } from './rules.ts';

export interface Instance extends Kept {
  name: string;
  hostName: string;
  description: string;
  instanceType: string;
  imageFamily: string;
  imageId: string;
  vpcId: string;
  vSwitchId: string;
  zoneId: string;
  securityGroupIds: string[];
  privateIpAddress: string;
  /** Public IPv4, or empty. */
  publicIpAddress: string;
  ipv6Addresses: string[];
  networkInterfaceId: string;
  /** Decoded text, empty if none. */
  userData: string;
  /** When it became, or becomes, Running last. */
  startedAtMs: number;
  /** How often it has been started; cloud-init runs its commands at the first boot only. */
  boots: number;
  internetMaxBandwidthOut: number;
  deletionProtection: boolean;
  /** Whether the instance may read its metadata, and whether only with a token; absent: as by default. */
  metadata?: MetadataOptions;
  stoppedMode: 'KeepCharging' | 'StopCharging' | 'Not-applicable';
  isBeingDeleted: boolean;
  autoReleaseAtMs?: number;
  systemDiskId: string;
  /** By path: what nginx answers there instead of what its user data says. Set by the control only. */
  answers?: Map<string, GuestAnswer>;
  /** The guest's own; absent: none. Set by the control only. */
  firewall?: GuestFirewall;
  /** Why the guest has none of `ipv6Addresses` inside; absent: it has them. */
  lacksInet6?: Inet6Lack;
}

export interface MetadataOptions {
  endpoint: 'enabled' | 'disabled';
  tokens: 'optional' | 'required';
}

/** As nginx's `return` would answer. */
export interface GuestAnswer {
  status: number;
  location?: string;
  body?: string;
}

export interface SecurityGroup extends Kept {
  vpcId: string;
  name: string;
  description: string;
  type: 'normal' | 'enterprise';
  serviceManaged: boolean;
  rules: SecurityGroupRule[];
}

export interface NetworkInterface extends Kept {
  vpcId: string;
  vSwitchId: string;
  zoneId: string;
  /** Empty unless attached to an instance. */
  instanceId: string;
  name: string;
  description: string;
  macAddress: string;
  privateIpAddress: string;
  ipv6Addresses: string[];
  serviceManaged: boolean;
  securityGroupIds: string[];
}

export interface Disk extends Kept {
  instanceId: string;
  category: string;
  sizeGiB: number;
  /** Absent: not encrypted. */
  encryption?: DiskEncryption;
}

export interface DiskEncryption {
  kmsKeyId: string;
}

/** What RunInstances makes where a request says no more: 40 GiB, or as much as the image takes. */
export interface SystemDisk {
  category: string;
  sizeGiB: number;
  encryption?: DiskEncryption;
}

/** One run of a command on one instance. */
export interface Invocation {
  invokeId: string;
  commandId: string;
  instanceId: string;
  username: string;
  tags: Tag[];
  startedAtMs: number;
  /** Absent while it is open what it comes to; may lie ahead. */
  end?: InvocationEnd;
}

export interface InvocationEnd {
  atMs: number;
  status: 'Success' | 'Failed' | 'Aborted' | 'Timeout' | 'Error';
  exitCode?: number;
  errorCode?: string;
  errorInfo?: string;
  output: string;
}

export interface Launch {
  /** For scenarios with a given id; default a new one. */
  id?: string;
  vSwitch: VSwitch;
  zoneId: string;
  instanceType: string;
  imageId: string;
  imageFamily: string;
  name: string;
  hostName: string;
  description: string;
  securityGroupIds: string[];
  privateIpAddress?: string;
  ipv6AddressCount: number;
  ipv6Addresses: string[];
  userData: string;
  internetMaxBandwidthOut: number;
  deletionProtection: boolean;
  metadata?: MetadataOptions;
  /** Default: as of a request that says nothing of it. */
  systemDisk?: SystemDisk;
  autoReleaseAtMs?: number;
  tags: Tag[];
}

/** Share of `latency.instanceMs` that an instance is Pending before it is Starting. */
const pendingShare = 0.4;

/**
 * Runs of commands that can be asked for: those of the last 30 days, 10,000 at most (older texts: four weeks, 100,000).
 *
 * @see https://www.alibabacloud.com/help/es/ecs/developer-reference/api-ecs-2014-05-26-describeinvocationresults (text of September 2026, read 2026-12-01)
 */
const listedRunsMs = 30 * 86_400_000;
const mostListedRuns = 10_000;

/** Sites that are kept ready: more than instances that are asked at one time. */
const mostSites = 200;

/** Instances, security groups and network cards, and what the guests inside would answer. */
export class EcsState {
  readonly context: CloudContext;
  readonly vpc: VpcState;
  readonly instances: Collection<Instance>;
  readonly securityGroups: Collection<SecurityGroup>;
  readonly networkInterfaces: Collection<NetworkInterface>;
  readonly disks: Collection<Disk>;
  /** By command and instance. */
  readonly invocations: ShortMemory<Invocation>;
  /** Set by the data plane; without it guests make no connections. */
  network: GuestNetwork | undefined;
  /** `${zoneId}/${instanceType}` or `${zoneId}/*`. */
  readonly outOfStock = new Set<string>();
  /** Same form: accepted, then the instance silently disappears while Pending. */
  readonly lateOutOfStock = new Set<string>();
  /** Sites by boot and user data: each request and health check asks for one. */
  readonly #sites: ShortMemory<{ site: GuestSite | undefined }>;
  /** What guests of an image lack, by its id or family. Set by the control only. */
  readonly inet6LackOf = new Map<string, Inet6Lack>();
  quota = { securityGroups: 100, rulesPerSecurityGroup: 200 };

  constructor(context: CloudContext, vpc: VpcState) {
    this.context = context;
    this.vpc = vpc;
    const { clock, latency } = context;
    this.instances = new Collection(clock, latency.tagLagMs);
    this.securityGroups = new Collection(clock, latency.tagLagMs);
    this.networkInterfaces = new Collection(clock, latency.tagLagMs, (card) => vpc.releaseAddresses(card.id));
    this.invocations = new ShortMemory(clock, listedRunsMs, mostListedRuns);
    this.#sites = new ShortMemory(clock, Number.POSITIVE_INFINITY, mostSites);
    this.disks = new Collection(clock, latency.tagLagMs);
    vpc.addDependents(() => this.#dependents());
  }

  /** @throws InvalidInstanceId.NotFound */
  instance(id: string): Instance {
    const instance = this.instances.find(id);
    if (instance === undefined) throw refuse('InvalidInstanceId.NotFound', id);
    return instance;
  }

  /** @throws InvalidSecurityGroupId.NotFound, InvalidOperation.ResourceManagedByCloudProduct */
  ownSecurityGroup(id: string): SecurityGroup {
    const group = this.securityGroups.find(id);
    if (group === undefined) throw refuse('InvalidSecurityGroupId.NotFound', id);
    if (group.serviceManaged) throw refuse('InvalidOperation.ResourceManagedByCloudProduct', id);
    return group;
  }

  isInStock(zoneId: string, instanceType: string): boolean {
    return !this.outOfStock.has(`${zoneId}/${instanceType}`) && !this.outOfStock.has(`${zoneId}/*`);
  }

  /** Whether the groups' rules let traffic from `source` (IPv4 or IPv6 literal) in. No matching rule: no, except within a normal group. */
  allowsIngress(securityGroupIds: string[], traffic: Traffic): boolean {
    const groups = securityGroupIds.map((id) => this.securityGroups.find(id)).filter((group) => group !== undefined);
    const isMember = (address: string, groupId: string) =>
      this.networkInterfaces
        .list()
        .some(
          (card) =>
            card.securityGroupIds.includes(groupId) &&
            (card.privateIpAddress === address || card.ipv6Addresses.includes(address)),
        );
    const decision = decide(
      groups.flatMap((group) => group.rules),
      traffic,
      isMember,
    );
    if (decision !== undefined) return decision === 'Accept';
    return groups.some((group) => group.type === 'normal' && isMember(traffic.source, group.id));
  }

  /** The instance that holds the address (IPv4 or IPv6) in the VPC; undefined if none. */
  instanceAt(address: string, vpcId?: string): Instance | undefined {
    return this.instances
      .list()
      .find(
        (instance) =>
          (vpcId === undefined || instance.vpcId === vpcId) &&
          (instance.privateIpAddress === address ||
            instance.ipv6Addresses.includes(address) ||
            (address !== '' && instance.publicIpAddress === address)),
      );
  }

  /** Whether cloud-init has ended and the Cloud Assistant client is connected: a while after Running. */
  isGuestUp(instance: Instance): boolean {
    return (
      this.instances.statusOf(instance) === 'Running' &&
      this.context.clock.nowMs() >= instance.startedAtMs + this.context.latency.cloudInitMs
    );
  }

  /** What the instance's nginx serves at this moment; undefined while nothing listens. */
  siteOf(instance: Instance): GuestSite | undefined {
    if (!this.isGuestUp(instance)) return undefined;
    const boot = instance.boots === 1 ? 'first' : 'later';
    const key = `${boot} ${instance.userData}`;
    const known = this.#sites.get(key) ?? { site: guestSite(instance.userData, boot) };
    this.#sites.set(key, known);
    const { site } = known;
    return site === undefined || site.problems.length > 0 || site.listens.length === 0 ? undefined : site;
  }

  addServiceManagedSecurityGroup(input: { vpcId: string; name: string }): SecurityGroup {
    return this.addSecurityGroup({ ...input, description: '', type: 'normal', serviceManaged: true, tags: [] });
  }

  addSecurityGroup(input: {
    vpcId: string;
    name: string;
    description: string;
    type: 'normal' | 'enterprise';
    serviceManaged: boolean;
    tags: Tag[];
  }): SecurityGroup {
    return this.securityGroups.add({
      id: this.context.nextId('sg-uf6'),
      createdAtMs: this.context.clock.nowMs(),
      status: settled('Available'),
      rules: [],
      ...input,
    });
  }

  /**
   * A network card of another service (the load balancer's), with one IPv4 address of the vSwitch, and one IPv6 address
   * when `ipv6`. Undefined when the vSwitch has no free address or, for IPv6, no IPv6.
   */
  addServiceManagedInterface(input: {
    vSwitchId: string;
    ipv6: boolean;
    securityGroupId: string;
    description: string;
  }): NetworkInterface | undefined {
    const vSwitch = this.vpc.vSwitches.find(input.vSwitchId);
    if (vSwitch === undefined) return undefined;
    return this.#addInterface({
      vSwitch,
      instanceId: '',
      description: input.description,
      securityGroupIds: [input.securityGroupId],
      ipv6AddressCount: input.ipv6 ? 1 : 0,
      ipv6Addresses: [],
      serviceManaged: true,
      tags: [],
    });
  }

  /** The service-managed card or group goes away `afterMs` from now; a card's addresses are free from then on. */
  removeServiceManaged(id: string, afterMs: number): void {
    const { clock } = this.context;
    const card = this.networkInterfaces.find(id);
    if (card?.serviceManaged === true) card.status = begin(clock, 'Deleting', undefined, afterMs);
    const group = this.securityGroups.find(id);
    if (group?.serviceManaged === true) group.status = begin(clock, 'Available', undefined, afterMs);
  }

  /** Starts one instance; undefined when the vSwitch has too few free addresses. All else is checked by the caller. */
  launch(launch: Launch): Instance | undefined {
    const { clock, latency, nextId } = this.context;
    const now = clock.nowMs();
    const id = launch.id ?? nextId('i-uf6');
    const card = this.#addInterface({
      vSwitch: launch.vSwitch,
      instanceId: id,
      description: '',
      securityGroupIds: launch.securityGroupIds,
      ipv6AddressCount: launch.ipv6AddressCount,
      ipv6Addresses: launch.ipv6Addresses,
      serviceManaged: false,
      tags: launch.tags,
      ...(launch.privateIpAddress === undefined ? {} : { privateIpAddress: launch.privateIpAddress }),
    });
    if (card === undefined) return undefined;
    const { tags, vSwitch, zoneId, instanceType, ipv6AddressCount: _count, id: _id, systemDisk, ...rest } = launch;
    const disk = this.disks.add({
      ...(systemDisk ?? { category: 'cloud_essd', sizeGiB: 40 }),
      id: nextId('d-uf6'),
      createdAtMs: now,
      status: settled('In_use'),
      tags: [...tags],
      instanceId: id,
    });
    const lacksInet6 = this.inet6LackOf.get(rest.imageId) ?? this.inet6LackOf.get(rest.imageFamily);
    const instance = this.instances.add({
      ...rest,
      ...(lacksInet6 === undefined ? {} : { lacksInet6 }),
      id,
      createdAtMs: now,
      status: settled('Pending'),
      tags: [...tags],
      name: launch.name === '' ? id : launch.name,
      hostName: launch.hostName === '' ? `iZ${id.slice(2)}Z` : launch.hostName,
      instanceType,
      zoneId,
      vpcId: vSwitch.vpcId,
      vSwitchId: vSwitch.id,
      privateIpAddress: card.privateIpAddress,
      publicIpAddress: launch.internetMaxBandwidthOut > 0 ? this.#publicIpv4() : '',
      ipv6Addresses: card.ipv6Addresses,
      networkInterfaceId: card.id,
      startedAtMs: now + latency.instanceMs,
      boots: 1,
      stoppedMode: 'Not-applicable',
      isBeingDeleted: false,
      systemDiskId: disk.id,
    });
    const startingAtMs = now + latency.instanceMs * pendingShare;
    if (this.lateOutOfStock.has(`${zoneId}/${instanceType}`) || this.lateOutOfStock.has(`${zoneId}/*`)) {
      instance.status = phases(clock, [['Pending', startingAtMs]], undefined);
      this.#goneAt(instance, startingAtMs, startingAtMs);
    } else
      this.#follow(
        instance,
        [
          ['Pending', startingAtMs],
          ['Starting', instance.startedAtMs],
        ],
        'Running',
      );
    return instance;
  }

  /**
   * Running to Stopping to Stopped.
   *
   * @throws InvalidInstanceId.NotFound, IncorrectInstanceStatus
   */
  stop(instanceId: string, stoppedMode: 'KeepCharging' | 'StopCharging' = 'KeepCharging'): void {
    const { clock, latency } = this.context;
    const instance = this.instance(instanceId);
    this.#must(instance, 'Running');
    instance.stoppedMode = stoppedMode;
    this.#follow(instance, [['Stopping', clock.nowMs() + latency.instanceMs / 5]], 'Stopped');
  }

  /**
   * Stopped to Starting to Running. After StopCharging it needs stock again and gets another public IPv4 address.
   *
   * @throws InvalidInstanceId.NotFound, IncorrectInstanceStatus, OperationDenied.NoStock
   */
  start(instanceId: string): void {
    const { clock, latency } = this.context;
    const instance = this.instance(instanceId);
    this.#must(instance, 'Stopped');
    if (instance.stoppedMode === 'StopCharging') {
      if (!this.isInStock(instance.zoneId, instance.instanceType)) throw refuse('OperationDenied.NoStock');
      if (instance.publicIpAddress !== '') instance.publicIpAddress = this.#publicIpv4();
    }
    instance.stoppedMode = 'Not-applicable';
    instance.boots += 1;
    instance.startedAtMs = clock.nowMs() + latency.instanceMs / 2;
    this.#follow(instance, [['Starting', instance.startedAtMs]], 'Running');
  }

  /** The instance goes; its network card trails it by as long again, and holds its addresses and security groups until then. */
  deleteInstance(instance: Instance): void {
    const { clock, latency } = this.context;
    const isOff = this.instances.statusOf(instance) === 'Stopped';
    instance.isBeingDeleted = true;
    instance.status = begin(clock, isOff ? 'Stopped' : 'Stopping', undefined, latency.deleteMs);
    const goneAtMs = clock.nowMs() + latency.deleteMs;
    this.#goneAt(instance, goneAtMs, goneAtMs + latency.deleteMs);
  }

  /**
   * More IPv6 addresses for a network card: the wanted ones, or `count` of the vSwitch's choice.
   * @returns the new addresses; undefined, and nothing taken, when one is in use or the vSwitch has no IPv6.
   */
  assignIpv6(card: NetworkInterface, wanted: string[], count: number): string[] | undefined {
    const vSwitch = this.vpc.vSwitch(card.vSwitchId);
    const taken: string[] = [];
    for (let index = 0; index < (wanted.length === 0 ? count : wanted.length); index += 1) {
      const address = this.vpc.takeAddress(vSwitch, 6, card.id, wanted[index]);
      if (address === undefined) {
        for (const held of taken) vSwitch.addresses.delete(held);
        return undefined;
      }
      taken.push(address);
    }
    card.ipv6Addresses.push(...taken);
    return taken;
  }

  /** Takes addresses away that the card holds; the vSwitch can give them to others then. */
  unassignIpv6(card: NetworkInterface, addresses: string[]): void {
    const { addresses: held } = this.vpc.vSwitch(card.vSwitchId);
    for (const address of addresses) {
      held.delete(address);
      // The instance shares the list.
      card.ipv6Addresses.splice(card.ipv6Addresses.indexOf(address), 1);
    }
  }

  #addInterface(input: {
    vSwitch: VSwitch;
    instanceId: string;
    description: string;
    securityGroupIds: string[];
    privateIpAddress?: string;
    ipv6AddressCount: number;
    ipv6Addresses: string[];
    serviceManaged: boolean;
    tags: Tag[];
  }): NetworkInterface | undefined {
    const { vSwitch } = input;
    const { clock, nextId, random } = this.context;
    const id = nextId('eni-uf6');
    const privateIpAddress = this.vpc.takeAddress(vSwitch, 4, id, input.privateIpAddress);
    if (privateIpAddress === undefined) return undefined;
    const byte = () =>
      Math.floor(random() * 256)
        .toString(16)
        .padStart(2, '0');
    const card: NetworkInterface = {
      id,
      createdAtMs: clock.nowMs(),
      status: settled('InUse'),
      tags: [...input.tags],
      vpcId: vSwitch.vpcId,
      vSwitchId: vSwitch.id,
      zoneId: vSwitch.zoneId,
      instanceId: input.instanceId,
      name: '',
      description: input.description,
      macAddress: `00:16:3e:${byte()}:${byte()}:${byte()}`,
      privateIpAddress,
      ipv6Addresses: [],
      serviceManaged: input.serviceManaged,
      securityGroupIds: [...input.securityGroupIds],
    };
    if (this.assignIpv6(card, input.ipv6Addresses, input.ipv6AddressCount) === undefined) {
      this.vpc.releaseAddresses(id);
      return undefined;
    }
    return this.networkInterfaces.add(card);
  }

  /** Sets the stages of an instance's status; a release time given at creation ends the last one. */
  #follow(instance: Instance, stages: [status: string, untilMs: number][], after: string): void {
    const { clock, latency } = this.context;
    const releaseAtMs = instance.autoReleaseAtMs;
    if (releaseAtMs === undefined) instance.status = phases(clock, stages, after);
    else {
      instance.status = phases(clock, [...stages, [after, releaseAtMs]], undefined);
      this.#goneAt(instance, releaseAtMs, releaseAtMs + latency.deleteMs);
    }
  }

  /** Ends of what belongs to an instance. */
  #goneAt(instance: Instance, instanceMs: number, cardMs: number): void {
    const { clock } = this.context;
    const card = this.networkInterfaces.find(instance.networkInterfaceId);
    if (card !== undefined)
      card.status = phases(
        clock,
        [
          ['InUse', instanceMs],
          ['Deleting', cardMs],
        ],
        undefined,
      );
    const disk = this.disks.find(instance.systemDiskId);
    if (disk !== undefined) disk.status = phases(clock, [['In_use', instanceMs]], undefined);
  }

  #must(instance: Instance, status: string): void {
    if (instance.isBeingDeleted || this.instances.statusOf(instance) !== status)
      throw refuse('IncorrectInstanceStatus');
  }

  #publicIpv4(): string {
    const { random } = this.context;
    return `47.101.${Math.floor(random() * 256)}.${1 + Math.floor(random() * 254)}`;
  }

  #dependents(): Dependent[] {
    return [
      ...this.securityGroups
        .list()
        .map((group): Dependent => ({ id: group.id, vpcId: group.vpcId, kind: 'SecurityGroup' })),
      ...this.networkInterfaces.list().map((card): Dependent => ({
        id: card.id,
        vpcId: card.vpcId,
        vSwitchId: card.vSwitchId,
        kind: card.serviceManaged ? 'CloudService' : 'NetworkInterface',
      })),
    ];
  }
}
