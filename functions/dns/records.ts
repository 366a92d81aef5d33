import type { DnsRecord } from '../../shared/alibaba/dns-client.ts';
import type { StageContext } from '../../shared/stage.ts';

/** The line of clients for which no other line has a record. */
export const line = 'default';

/** All records at the host. */
export const recordsAt = async (
  { dns }: StageContext<'dns'>,
  { domain, rr }: { domain: string; rr: string },
): Promise<DnsRecord[]> => await dns.listRecords({ domainName: domain, rr });

export const isCname = (record: DnsRecord): boolean => record.type === 'CNAME' && record.line === line;
