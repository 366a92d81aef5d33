import { unicodeName } from './names.ts';
import type { DnsRecord, Domain } from './state.ts';
import { valueAt } from '../dictionary.ts';

/**
 * A record as the list actions answer it; DescribeSubDomainRecords leaves the time stamps out. Names are answered in the letters
 * that people read: for domains, GH-go-acme/lego#1088 compares `PunyCode` beside `DomainName`; for host records it is an inference
 * from DNSControl's provider, which turns what it is answered into ASCII.
 */
export const recordForm = (record: DnsRecord): Record<string, unknown> => ({
  DomainName: unicodeName(record.domainName),
  RecordId: record.id,
  RR: unicodeName(record.rr),
  Type: record.type,
  Value: record.value,
  Line: record.line,
  TTL: record.ttl,
  Status: record.status,
  Locked: record.locked,
  ...(record.priority === undefined ? {} : { Priority: record.priority }),
  ...(record.weight === undefined ? {} : { Weight: record.weight }),
  ...(record.remark === '' ? {} : { Remark: record.remark }),
});

export const timesForm = (record: DnsRecord): Record<string, unknown> => ({
  CreateTimestamp: record.createdAtMs,
  ...(record.updatedAtMs === undefined ? {} : { UpdateTimestamp: record.updatedAtMs }),
});

const versionNames: Record<string, string> = {
  mianfei: 'Alibaba Cloud DNS Free Edition',
  version_personal: 'Alibaba Cloud DNS Personal Edition',
  version_enterprise_basic: 'Alibaba Cloud DNS Enterprise Standard Edition',
  version_enterprise_advanced: 'Alibaba Cloud DNS Enterprise Ultimate Edition',
};

export const domainForm = (domain: Domain): Record<string, unknown> => ({
  DomainId: domain.id,
  DomainName: unicodeName(domain.name),
  PunyCode: domain.name,
  AliDomain: true,
  GroupId: 'defaultGroup',
  GroupName: 'Default Group',
  VersionCode: domain.versionCode,
  VersionName: valueAt(versionNames, domain.versionCode) ?? domain.versionCode,
  DnsServers: { DnsServer: domain.dnsServers },
});

/** One page of `items` and the numbers around it. */
export const page = <T>(items: T[], pageNumber: number | undefined, pageSize: number | undefined) => {
  const number = pageNumber ?? 1;
  const size = pageSize ?? 20;
  return {
    items: items.slice((number - 1) * size, number * size),
    numbers: { TotalCount: items.length, PageNumber: number, PageSize: size },
  };
};
