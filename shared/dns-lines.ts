import type { DnsRecord } from './alibaba/dns-client.ts';
import { sameName } from './domain-name.ts';

/** A record in a sentence: `A 192.0.2.1`. */
export const shownRecord = ({ type, value }: Pick<DnsRecord, 'type' | 'value'>): string => `${type} ${value}`;

export const shownRecords = (records: Pick<DnsRecord, 'type' | 'value'>[]): string =>
  records.map(shownRecord).join(', ');

/** Enabled records of other resolution lines than the default one that lead elsewhere than to `dnsName`, by line. */
export function otherLinesIn(records: DnsRecord[], dnsName: string | undefined): Map<string, DnsRecord[]> {
  const byLine = new Map<string, DnsRecord[]>();
  for (const record of records) {
    const leadsHere = dnsName !== undefined && record.type === 'CNAME' && sameName(record.value, dnsName);
    if (record.line === 'default' || record.status === 'DISABLE' || leadsHere) continue;
    byLine.set(record.line, [...(byLine.get(record.line) ?? []), record]);
  }
  return byLine;
}
