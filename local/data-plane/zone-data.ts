import type { Answer, SoaAnswer } from 'dns-packet';
import type { DnsRecord } from '../alidns/state.ts';

/** How long resolvers may remember that a name does not exist, in seconds: the TTL floor of a free zone (inf). */
export const negativeTtl = 600;

/** The parts of a name from itself up to the top: `a.b.c`, `b.c`, `c`. */
export const suffixes = (name: string): string[] =>
  name.split('.').map((_, index, labels) => labels.slice(index).join('.'));

/**
 * Where a zone ends: the host record nearest to the apex, at or above this one, that has NS records. What stands in the zone
 * at and below it is not answered: the name servers of the records know. Source: RFC 1034, section 4.2.1 and 4.3.2.
 */
export function cutAbove(all: DnsRecord[], rr: string): { rr: string; servers: DnsRecord[] } | undefined {
  if (rr === '@') return undefined;
  for (const parent of suffixes(rr).toReversed()) {
    const servers = all.filter((record) => record.rr === parent && record.type === 'NS');
    if (servers.length > 0) return { rr: parent, servers };
  }
  return undefined;
}

/**
 * Records at a host record, else those of the wildcard below its closest encloser: the longest name above it that exists, be
 * it only as a part of others. Empty for a name that only has names below it; undefined: no such name. Source: RFC 4592,
 * sections 2.2.2 and 3.3.1.
 */
export function recordsAt(all: DnsRecord[], rr: string): DnsRecord[] | undefined {
  const exact = all.filter((record) => record.rr === rr);
  if (exact.length > 0) return exact;
  const exists = (name: string): boolean => all.some((record) => record.rr === name || record.rr.endsWith(`.${name}`));
  if (rr === '@') return undefined;
  if (exists(rr)) return [];
  const encloser = suffixes(rr)
    .slice(1)
    .find((parent) => exists(parent));
  const found = all.filter((record) => record.rr === (encloser === undefined ? '*' : `*.${encloser}`));
  return found.length > 0 ? found : undefined;
}

/** What a client of a line is answered: the records of its line at a host record, and where it has none the default ones (inf). */
export function seenFrom(all: DnsRecord[], line: string): DnsRecord[] {
  const own = all.filter((record) => record.line === line);
  if (line === 'default') return own;
  const taken = new Set(own.map(({ rr }) => rr));
  return [...own, ...all.filter((record) => record.line === 'default' && !taken.has(record.rr))];
}

export const soa = (zone: string, mname: string): SoaAnswer => ({
  name: zone,
  type: 'SOA',
  class: 'IN',
  ttl: negativeTtl,
  data: {
    mname,
    rname: 'hostmaster.hichina.com',
    serial: 2_026_112_201,
    refresh: 3600,
    retry: 1200,
    expire: 86_400,
    minimum: negativeTtl,
  },
});

/** A record as it is answered at a name; none where its value has no form on the wire. */
export function answerOf(record: DnsRecord, name: string): Answer[] {
  const common = { name, class: 'IN', ttl: record.ttl } as const;
  switch (record.type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
      return [{ ...common, type: record.type, data: record.value }];
    case 'MX':
      return [{ ...common, type: 'MX', data: { preference: record.priority ?? 10, exchange: record.value } }];
    case 'TXT':
      // One string of a TXT record holds at most 255 bytes.
      return [{ ...common, type: 'TXT', data: record.value.match(/.{1,255}/gs) ?? [''] }];
    case 'SRV': {
      const [priority, weight, port, target = ''] = record.value.split(' ');
      const data = { priority: Number(priority), weight: Number(weight), port: Number(port), target };
      return Number.isNaN(data.priority + data.weight + data.port) ? [] : [{ ...common, type: 'SRV', data }];
    }
    case 'CAA': {
      const [, flags, tag, value] = /^(\d+) (issue|issuewild|iodef) "?([^"]*)"?$/.exec(record.value) ?? [];
      if (tag !== 'issue' && tag !== 'issuewild' && tag !== 'iodef') return [];
      return [{ ...common, type: 'CAA', data: { flags: Number(flags), tag, value: value ?? '' } }];
    }
    default:
      return [];
  }
}
