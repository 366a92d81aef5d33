import { randomBytes } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import { albService } from './alb/index.ts';
import { AlbState } from './alb/state.ts';
import { dnsService } from './alidns/index.ts';
import { DnsState } from './alidns/state.ts';
import { certificateService } from './cas/index.ts';
import { CertificateState } from './cas/state.ts';
import type { CloudContext } from './cloud-context.ts';
import { idSource } from './cloud-context.ts';
import { Control } from './control.ts';
import { CredentialStore, rootAccessKeyId } from './credentials.ts';
import { DataPlane } from './data-plane/index.ts';
import { ecsService } from './ecs/index.ts';
import { EcsState } from './ecs/state.ts';
import { Edge, type WireLogEntry } from './edge.ts';
import { eventBridgeService } from './eventbridge/index.ts';
import { EventBridgeState } from './eventbridge/state.ts';
import { Faults, type FaultRule, seededRandom } from './faults.ts';
import { Inbox } from './inbox/index.ts';
import { type Latency, latencies, type LatencyName } from './latency.ts';
import { mnsService, type MnsService } from './mns/index.ts';
import { quotaService } from './quotas/index.ts';
import { QuotaState } from './quotas/state.ts';
import { ramService } from './ram/index.ts';
import { RamState } from './ram/state.ts';
import { resourceManagerService } from './resource-manager/index.ts';
import { ResourceManagerState } from './resource-manager/state.ts';
import { stsService } from './sts/index.ts';
import { InstanceApi } from './tablestore/control/index.ts';
import { tablestoreService, type TablestoreService } from './tablestore/index.ts';
import { vpcService } from './vpc/index.ts';
import { VpcState } from './vpc/state.ts';
import { WireLog } from './wire-log.ts';
import type { WireService } from './wire.ts';

export interface CloudOptions {
  clock: Clock;
  latency?: LatencyName | Latency;
  seed?: number;
  faults?: FaultRule[];
  regionId?: string;
  accountId?: string;
  /** Secret of the account's own access key `LTAI5tLocalRoot`; default: another at each start. */
  rootSecret?: string;
  /** What `/_local/...` asks for; default: another at each start; null: nothing, for tests of what lies behind it. */
  controlToken?: string | null;
  /** Domains in the account's DNS, delegated to it. */
  domains?: string[];
  /** Tablestore instances that the account has at first; default `dualstack-alb`. */
  tablestoreInstances?: string[];
  /** Names of this machine that the edge serves besides those of loopback. */
  hosts?: readonly string[];
  /** `false` turns the vendor's rate limits off. */
  throttles?: boolean;
  /** Every call that reached the cloud. */
  onCall?: (entry: WireLogEntry) => void;
  /** Ends the function instance that holds the access key. */
  onKill?: (accessKeyId: string) => Promise<void> | void;
  /** Whether the instance that holds the access key has ended: its calls no longer arrive. */
  isDead?: (accessKeyId: string) => boolean;
}

/** Zones of cn-shanghai. Source: https://help.aliyun.com/en/slb/application-load-balancer/supported-regions-and-zones (read 2026-11-22) */
const zoneLetters = ['b', 'c', 'd', 'e', 'f', 'g', 'l', 'm', 'n'];

/** All services of the embedded cloud over one state and one clock, behind one HTTP edge; functions run elsewhere. */
export class EmbeddedCloud {
  readonly context: CloudContext;
  readonly credentials: CredentialStore;
  /** What `/_local/...` asks for; null: nothing. */
  readonly controlToken: string | null;
  /** Where the token stands, for who asks without it; set by who has written it there. */
  keysFile: string | undefined;
  readonly vpc: VpcState;
  readonly ecs: EcsState;
  readonly alb: AlbState;
  readonly dns: DnsState;
  readonly certificates: CertificateState;
  readonly ram: RamState;
  readonly roles: ResourceManagerState;
  readonly mns: MnsService;
  readonly tablestore: TablestoreService;
  readonly eventBridge: EventBridgeState;
  readonly dataPlane: DataPlane;
  /** Chat robots, which keep what is sent to them. */
  readonly inbox: Inbox;
  readonly edge: Edge;
  readonly faults: Faults;
  readonly services: WireService[];
  readonly calls = new WireLog();
  readonly #options: CloudOptions;

  constructor(options: CloudOptions) {
    this.#options = options;
    const random = seededRandom(options.seed ?? 1);
    const regionId = options.regionId ?? 'cn-shanghai';
    this.credentials = new CredentialStore(
      options.accountId,
      options.rootSecret === undefined
        ? undefined
        : { accessKeyId: rootAccessKeyId, accessKeySecret: options.rootSecret },
      options.clock,
    );
    this.controlToken =
      options.controlToken === undefined ? randomBytes(12).toString('base64url') : options.controlToken;
    const latency = typeof options.latency === 'object' ? options.latency : latencies[options.latency ?? 'short'];
    this.context = {
      clock: options.clock,
      latency,
      credentials: this.credentials,
      regionId,
      zoneIds: zoneLetters.map((letter) => `${regionId}-${letter}`),
      random,
      nextId: idSource(random),
    };
    const { context } = this;
    this.vpc = new VpcState(context);
    this.ecs = new EcsState(context, this.vpc);
    this.ram = new RamState(context);
    this.roles = new ResourceManagerState(context, this.ram.roles);
    this.certificates = new CertificateState(context);
    this.alb = new AlbState(context, this.vpc, this.ecs, {
      hasServiceLinkedRole: () => this.roles.hasRole('alb.aliyuncs.com'),
      hasCertificate: (id) => this.certificates.isUsable(id),
    });
    this.dns = new DnsState(context);
    for (const domain of options.domains ?? ['example.com', 'example.net', 'example.org']) this.dns.addDomain(domain);
    this.mns = mnsService(context);
    this.tablestore = tablestoreService(context, { instanceNames: options.tablestoreInstances ?? ['dualstack-alb'] });
    this.eventBridge = new EventBridgeState(context);
    this.dataPlane = new DataPlane(context, this.vpc, this.ecs, this.alb, this.dns);
    this.inbox = new Inbox(options.clock);
    this.faults = new Faults(seededRandom((options.seed ?? 1) + 1));
    this.faults.add(...(options.faults ?? []));
    this.services = this.#services();
    const control = new Control(this);
    this.edge = new Edge({
      clock: options.clock,
      credentials: this.credentials,
      faults: this.faults,
      services: this.services,
      control: (request) => control.handle(request),
      ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
      onCall: (entry) => {
        this.calls.add(entry);
        options.onCall?.(entry);
      },
      ...(options.onKill === undefined ? {} : { onKill: options.onKill }),
      ...(options.isDead === undefined ? {} : { isDead: options.isDead }),
    });
  }

  /** The newest calls. */
  get wireLog(): WireLogEntry[] {
    return this.calls.entries;
  }

  get clock(): Clock {
    return this.context.clock;
  }

  get url(): string {
    return this.edge.url;
  }

  /** @returns the base URL. @throws the listen error, such as EADDRINUSE; Error when the machine has no IPv6 loopback. */
  async start(port = 0): Promise<string> {
    await this.dataPlane.start();
    try {
      return await this.edge.listen(port);
    } catch (error) {
      // Open sockets would keep the process alive.
      await this.dataPlane.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.mns.close();
    await this.edge.close();
    await this.dataPlane.close();
  }

  /** Adds a service that lives outside, such as the HTTP triggers of Function Compute. */
  addService(service: WireService): void {
    this.edge.addService(service);
  }

  /** Nothing is under way but long polls: the clock may jump. */
  isIdle(): boolean {
    return this.edge.inFlight - this.mns.parked <= 0 && this.dataPlane.busy === 0;
  }

  #services(): WireService[] {
    const { context } = this;
    const throttles = this.#options.throttles ?? true;
    return [
      vpcService(context, this.vpc),
      ecsService(context, this.vpc, this.ecs),
      albService(this.alb, { throttles }),
      dnsService(context, this.dns),
      certificateService(this.certificates),
      resourceManagerService(context, this.roles),
      ramService(context, this.ram),
      stsService(context),
      this.inbox,
      this.mns,
      this.tablestore,
      new InstanceApi(context, this.tablestore),
      eventBridgeService(this.eventBridge),
      quotaService(new QuotaState(context, this.eventBridge)),
    ];
  }
}
