import type { DnsRecord } from './alibaba/dns-client.ts';

/** Types that a CNAME at the same host and line cannot stand beside. Source: https://help.aliyun.com/en/dns/pubz-dns-record-conflict-rules (read 2026-11-22) */
const conflicting = new Set(['A', 'AAAA', 'ALIAS', 'REDIRECT_URL', 'FORWARD_URL', 'SRV', 'CAA', 'SVCB', 'HTTPS']);

/** Whether a CNAME cannot be added where this record stands. MX is taken beside one at the apex only. */
export const conflictsWithCname = ({ type, rr }: Pick<DnsRecord, 'type' | 'rr'>): boolean =>
  conflicting.has(type) || (type === 'MX' && rr !== '@');

/** Whether somebody has put something at the host that a CNAME would stand beside, or not at all. */
export const isTaken = (records: DnsRecord[], line: string): boolean =>
  records.some(
    (record) =>
      record.line === line && (record.type === 'CNAME' || (record.status !== 'DISABLE' && conflictsWithCname(record))),
  );
