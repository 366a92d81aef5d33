import { resourceTable, valuesOf } from '../authorization/resources.ts';
import { asciiName } from './names.ts';
import type { DnsState } from './state.ts';

const domainOf = (state: DnsState, recordId: string): string => state.records.get(recordId)?.domainName ?? '*';

/** The longest domain of the account that a name lies in, as `www.example.com` lies in `example.com`. */
function domainAbove(state: DnsState, name: string): string {
  const labels = asciiName(name).split('.');
  const candidates = labels.map((_label, index) => labels.slice(index).join('.'));
  return candidates.find((candidate) => state.domains.has(candidate)) ?? '*';
}

/**
 * Read: the ARN `acs:alidns:*:$accountid:domain/$domainName`, and that it stands for managing domains and their records. inf: which
 * action asks for it; that what names a record, or a name below a domain, asks for that domain; that lists ask for `domain/*`.
 */
export const dnsResources = resourceTable<DnsState>()({
  source: 'https://www.alibabacloud.com/help/en/dns/ram-authorization',
  service: 'alidns',
  isGlobal: true,
  actions: {
    AddDomain: ['domain/{domain}'],
    DescribeDomains: ['domain/*'],
    DescribeDomainInfo: ['domain/{domain}'],
    DescribeDomainRecords: ['domain/{domain}'],
    DescribeSubDomainRecords: ['domain/{domainOfName}'],
    AddDomainRecord: ['domain/{domain}'],
    DescribeDomainRecordInfo: ['domain/{domainOfRecord}'],
    UpdateDomainRecord: ['domain/{domainOfRecord}'],
    UpdateDomainRecordRemark: ['domain/{domainOfRecord}'],
    SetDomainRecordStatus: ['domain/{domainOfRecord}'],
    DeleteDomainRecord: ['domain/{domainOfRecord}'],
  },
  variables: {
    domain: (_state, params) => valuesOf(params, 'DomainName').map(asciiName),
    domainOfName: (state, params) => {
      const given = valuesOf(params, 'DomainName').map(asciiName);
      return given.length > 0 ? given : valuesOf(params, 'SubDomain').map((name) => domainAbove(state, name));
    },
    domainOfRecord: (state, params) => valuesOf(params, 'RecordId').map((id) => domainOf(state, id)),
  },
});
