import type { DnsRecord } from './alibaba/dns-client.ts';

/**
 * Types that a CNAME of the same host and line stands beside. Source: the matrix in
 * https://alibabacloud.com/help/tc/dns/dns-record-conflict-rules (read 2026-11-30): at the domain itself the rules are relaxed.
 * Elsewhere a CNAME stands alone, as RFC 1034, section 3.6.2, has it; that the service refuses TXT and NS there too is inferred.
 */
const besideAtApex = new Set(['CNAME', 'NS', 'MX', 'TXT']);

/** Whether a CNAME cannot be added where this record stands. */
export const conflictsWithCname = ({ type, rr }: Pick<DnsRecord, 'type' | 'rr'>): boolean =>
  type !== 'CNAME' && (rr !== '@' || !besideAtApex.has(type));

/**
 * Whether somebody has put something at the host that a CNAME would stand beside, or not at all. Whether a disabled record is
 * in the way is not documented: it counts.
 */
export const isTaken = (records: DnsRecord[], line: string): boolean =>
  records.some((record) => record.line === line && (record.type === 'CNAME' || conflictsWithCname(record)));
