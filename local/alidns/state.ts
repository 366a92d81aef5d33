import type { CloudContext } from '../cloud-context.ts';
import { conflicts } from './conflicts.ts';
import { refuse } from './errors.ts';
import { asciiName } from './names.ts';
import { checkedRecord } from './record-rules.ts';
import { valueAt } from '../dictionary.ts';

export interface DnsRecord {
  readonly id: string;
  readonly domainName: string;
  /** Host record in ASCII: `@` is the apex. */
  rr: string;
  type: string;
  value: string;
  line: string;
  ttl: number;
  status: 'ENABLE' | 'DISABLE';
  locked: boolean;
  remark: string;
  weight?: number;
  /** MX only. */
  priority?: number | undefined;
  createdAtMs: number;
  updatedAtMs?: number;
  /** When the DNS servers answer it. */
  visibleAtMs: number;
}

export interface Domain {
  id: string;
  /** In ASCII. */
  name: string;
  /** Edition: `mianfei`, `version_personal`, `version_enterprise_basic`, `version_enterprise_advanced`. */
  versionCode: string;
  /** Seconds. */
  minTtl: number;
  /** The name servers that AliDNS assigned. */
  dnsServers: string[];
  /** What the parent zone says; differs from `dnsServers` when the domain is not delegated to AliDNS, empty when it is not delegated at all. */
  delegatedTo: string[];
  createdAtMs: number;
}

export interface RecordInput {
  rr: string;
  type: string;
  value: string;
  line: string;
  ttl: number;
  priority?: number | undefined;
}

/** Smallest TTL by edition. Source: U-TTL, https://www.alibabacloud.com/help/doc-detail/29806.htm; the code of the standard edition is an inference. */
const minTtlOf: Record<string, number> = {
  mianfei: 600,
  version_personal: 600,
  version_enterprise_basic: 60,
  version_enterprise_advanced: 1,
};

/** Domains and records of Alibaba Cloud DNS, and what its name servers answer of them now. */
export class DnsState {
  readonly context: CloudContext;
  readonly domains = new Map<string, Domain>();
  readonly records = new Map<string, DnsRecord>();
  /** Domains that AddDomain refuses with `DomainAddedByOthers` and `InvalidDomainName.Unregistered`. */
  readonly takenByOthers = new Set<string>();
  readonly unregistered = new Set<string>();
  quota = { recordsPerDomain: 1000 };
  /** Former versions of changed and deleted records, which the name servers still answer. */
  #outgoing: { record: DnsRecord; untilMs: number }[] = [];

  constructor(context: CloudContext) {
    this.context = context;
  }

  addDomain(name: string, options: Partial<Domain> = {}): Domain {
    const versionCode = options.versionCode ?? 'mianfei';
    const dnsServers = options.dnsServers ?? ['dns25.hichina.com', 'dns26.hichina.com'];
    const domain: Domain = {
      id: this.context.nextId(''),
      versionCode,
      minTtl: valueAt(minTtlOf, versionCode) ?? 600,
      delegatedTo: dnsServers,
      createdAtMs: this.context.clock.nowMs(),
      ...options,
      name: asciiName(name),
      dnsServers,
    };
    this.domains.set(domain.name, domain);
    return domain;
  }

  /** @throws InvalidDomainName.NoExist */
  domain(name: string): Domain {
    const domain = this.domains.get(asciiName(name));
    if (domain === undefined) throw refuse('InvalidDomainName.NoExist');
    return domain;
  }

  /** @throws DomainRecordNotBelongToUser also when it never existed or is deleted. */
  record(id: string): DnsRecord {
    const record = this.records.get(id);
    if (record === undefined) throw refuse('DomainRecordNotBelongToUser');
    return record;
  }

  recordsOf(domainName: string): DnsRecord[] {
    return [...this.records.values()].filter((record) => record.domainName === domainName);
  }

  /** @throws the refusals of the value rules, `DomainRecordDuplicate`, `DomainRecordConflict`, `QuotaExceeded.Record`. */
  addRecord(domain: Domain, input: RecordInput): DnsRecord {
    const fields = checkedRecord(domain, input);
    const siblings = this.recordsOf(domain.name);
    this.#refuseClash(fields, siblings);
    if (siblings.length >= this.quota.recordsPerDomain) throw refuse('QuotaExceeded.Record');
    const nowMs = this.context.clock.nowMs();
    const record: DnsRecord = {
      id: this.#recordId(),
      domainName: domain.name,
      ...fields,
      status: 'ENABLE',
      locked: false,
      remark: '',
      createdAtMs: nowMs,
      visibleAtMs: nowMs + this.context.latency.dnsMs,
    };
    this.records.set(record.id, record);
    return record;
  }

  /** @throws as `addRecord`, `DomainRecordLocked`, and `DomainRecordDuplicate` when nothing would change. */
  updateRecord(record: DnsRecord, input: RecordInput): void {
    if (record.locked) throw refuse('DomainRecordLocked');
    const fields = checkedRecord(this.domain(record.domainName), input);
    const isSame =
      identity(fields) === identity(record) && fields.ttl === record.ttl && fields.priority === record.priority;
    if (isSame) throw refuse('DomainRecordDuplicate');
    this.#refuseClash(
      fields,
      this.recordsOf(record.domainName).filter((other) => other !== record),
    );
    this.#change(record, () => {
      Object.assign(record, { priority: undefined }, fields);
    });
  }

  setStatus(record: DnsRecord, status: DnsRecord['status']): void {
    if (record.locked) throw refuse('DomainRecordLocked');
    if (record.status === status) return;
    this.#change(record, () => {
      record.status = status;
    });
  }

  removeRecord(record: DnsRecord): void {
    if (record.locked) throw refuse('DomainRecordLocked');
    this.#retire(record);
    this.records.delete(record.id);
  }

  /** The records that the name servers answer now: without those too new, with those changed too recently. */
  answered(): DnsRecord[] {
    const nowMs = this.context.clock.nowMs();
    this.#outgoing = this.#outgoing.filter(({ untilMs }) => untilMs > nowMs);
    const current = [...this.records.values()].filter(
      ({ status, visibleAtMs }) => status === 'ENABLE' && visibleAtMs <= nowMs,
    );
    return [...this.#outgoing.map(({ record }) => record), ...current];
  }

  #change(record: DnsRecord, apply: () => void): void {
    this.#retire(record);
    apply();
    const nowMs = this.context.clock.nowMs();
    record.updatedAtMs = nowMs;
    record.visibleAtMs = nowMs + this.context.latency.dnsMs;
  }

  #retire(record: DnsRecord): void {
    const nowMs = this.context.clock.nowMs();
    if (record.status === 'ENABLE' && record.visibleAtMs <= nowMs)
      this.#outgoing.push({ record: { ...record }, untilMs: nowMs + this.context.latency.dnsMs });
  }

  #refuseClash(fields: RecordInput, others: DnsRecord[]): void {
    const beside = others.filter(({ rr, line }) => rr === fields.rr && line === fields.line);
    if (beside.some((other) => identity(other) === identity(fields))) throw refuse('DomainRecordDuplicate');
    if (beside.some((other) => conflicts(fields.rr, other.type, fields.type))) throw refuse('DomainRecordConflict');
  }

  /** Real record ids are decimal numbers of up to 18 digits. */
  #recordId(): string {
    for (;;) {
      let id = '9';
      for (let digit = 0; digit < 17; digit += 1) id += Math.floor(this.context.random() * 10).toString();
      if (!this.records.has(id)) return id;
    }
  }
}

const identity = ({ rr, type, line, value }: RecordInput): string => JSON.stringify([rr, type, line, value]);
