import type { DnsRecord, Domain } from './state.ts';
import { valueAt } from '../dictionary.ts';

/** A record as the list actions answer it; DescribeSubDomainRecords leaves the time stamps out. */
export const recordForm = (record: DnsRecord): Record<string, unknown> => ({
  DomainName: record.domainName,
  RecordId: record.id,
  RR: record.rr,
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
  DomainName: domain.name,
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
