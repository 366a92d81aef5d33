import type { Answer, SoaAnswer } from 'dns-packet';
import type { DnsRecord, DnsState, Domain } from '../alidns/state.ts';

/** Addresses of one load balancer's own name, as the load balancer's zone answers them. */
export interface OwnName {
  a: string[];
  aaaa: string[];
}

export type Role = 'recursive' | 'authoritative';

export interface Reply {
  rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'NOTIMP';
  isAuthoritative: boolean;
  answers: Answer[];
  authorities: Answer[];
}

/** Public resolvers of Alibaba Cloud, IPv4 and IPv6. */
export const recursiveAddresses = ['223.5.5.5', '223.6.6.6', '2400:3200::1', '2400:3200:baba::1'];

/** Zone of the load balancers' own names (facts: since 2024-11-15, mainland and international). */
const loadBalancerZones = ['alb.aliyuncsslb.com', 'alb.aliyuncsslbintl.com'];
const loadBalancerTtl = 60;
const nameServerTtl = 86_400;
/** How long resolvers may remember that a name does not exist, in seconds: the TTL floor of a free zone (inf). */
export const negativeTtl = 600;

const hash = (text: string): number => {
  let value = 0;
  for (const character of text) value = (value * 31 + character.charCodeAt(0)) % 65_521;
  return value;
};

const isAliDns = (host: string): boolean => /\.(?:hichina|alidns|aliyun)\.com$/.test(host);

/** The fixed address of a name server: `dns25.hichina.com` has 140.205.1.25; name servers of others are in 203.0.113.0/24. */
export function nameServerAddress(host: string): string {
  const name = host.toLowerCase();
  const number = Number(/^(?:dns|ns)(\d{1,3})\./.exec(name)?.[1] ?? Number.NaN);
  if (!isAliDns(name)) return `203.0.113.${1 + (hash(name) % 254)}`;
  const third = name.endsWith('.hichina.com') ? 1 : 2;
  return number > 0 && number < 255 ? `140.205.${third}.${number}` : `140.205.3.${1 + (hash(name) % 254)}`;
}

/** The parts of a name from itself up to the top: `a.b.c`, `b.c`, `c`. */
const suffixes = (name: string): string[] => name.split('.').map((_, index, labels) => labels.slice(index).join('.'));

/** What the name servers know: AliDNS's domains, the load balancers' own names, and the name servers' own addresses. */
export class Zones {
  readonly #dns: DnsState;
  readonly #ownName: (name: string) => OwnName | undefined;
  /** Rotates the answers of one name and type, so that several of them are answered in turn. */
  #turns = new Map<string, number>();

  constructor(dns: DnsState, ownName: (name: string) => OwnName | undefined) {
    this.#dns = dns;
    this.#ownName = ownName;
  }

  /** Name servers that AliDNS operates or that a domain names, with their addresses. */
  nameServers(): Map<string, { address: string; isOurs: boolean }> {
    const hosts = new Map<string, { address: string; isOurs: boolean }>();
    for (const domain of this.#dns.domains.values())
      for (const host of [...domain.dnsServers, ...domain.delegatedTo]) {
        const name = host.toLowerCase();
        hosts.set(name, { address: nameServerAddress(name), isOurs: isAliDns(name) });
      }
    return hosts;
  }

  /** Answers as a resolver does (`recursive`: follows CNAMEs across zones) or as a name server of AliDNS does. */
  answer(question: { name: string; type: string }, role: Role): Reply {
    const first = question.name.toLowerCase().replace(/\.$/, '');
    const answers: Answer[] = [];
    const seen = new Set<string>();
    let name = first;
    for (;;) {
      seen.add(name);
      const step = this.#step(name, question.type, role);
      answers.push(...step.answers);
      const isDone = step.next === undefined || step.rcode !== 'NOERROR';
      // An authoritative server stops at the border of what it is asked for: the resolver goes on by itself.
      if (isDone || role === 'authoritative' || seen.has(step.next ?? '') || seen.size > 16)
        return {
          rcode: step.next !== undefined && seen.has(step.next) ? 'SERVFAIL' : step.rcode,
          isAuthoritative: role === 'authoritative' && step.rcode !== 'REFUSED',
          answers,
          authorities: step.next === undefined && step.answers.length === 0 ? step.authorities : [],
        };
      name = step.next ?? '';
    }
  }

  /** What a resolver leads a client over IPv6 to. */
  ipv6AddressesOf(name: string): string[] {
    return this.answer({ name, type: 'AAAA' }, 'recursive').answers.flatMap((answer) =>
      answer.type === 'AAAA' ? [answer.data] : [],
    );
  }

  #step(name: string, type: string, role: Role): Reply & { next?: string } {
    const reply = (rcode: Reply['rcode'], answers: Answer[] = [], authorities: Answer[] = []) => ({
      rcode,
      isAuthoritative: false,
      answers,
      authorities,
    });
    const zone = loadBalancerZones.find((suffix) => name === suffix || name.endsWith(`.${suffix}`));
    if (zone !== undefined) {
      const own = this.#ownName(name);
      const authority = [soa(zone, 'ns1.alidns.com')];
      if (own === undefined) return reply(name === zone ? 'NOERROR' : 'NXDOMAIN', [], authority);
      const addresses = type === 'A' ? own.a : type === 'AAAA' ? own.aaaa : [];
      const answers = this.#inTurn(`${name} ${type}`, addresses).map((data): Answer => ({
        name,
        type: type === 'A' ? 'A' : 'AAAA',
        class: 'IN',
        ttl: loadBalancerTtl,
        data,
      }));
      return reply('NOERROR', answers, authority);
    }
    const server = this.nameServers().get(name);
    if (server !== undefined) {
      const answers: Answer[] =
        type === 'A' ? [{ name, type: 'A', class: 'IN', ttl: nameServerTtl, data: server.address }] : [];
      return reply('NOERROR', answers, [soa(name.split('.').slice(1).join('.'), name)]);
    }
    const domain = suffixes(name)
      .map((suffix) => this.#dns.domains.get(suffix))
      .find((found) => found !== undefined);
    if (domain === undefined)
      return reply(role === 'authoritative' ? 'REFUSED' : 'NXDOMAIN', [], [soa('', 'a.root-servers.net')]);
    return this.#inDomain(domain, name, type, role);
  }

  #inDomain(domain: Domain, name: string, type: string, role: Role): Reply & { next?: string } {
    const authority = [soa(domain.name, domain.dnsServers[0] ?? 'ns1.alidns.com')];
    const reply = (rcode: Reply['rcode'], answers: Answer[], next?: string) => ({
      rcode,
      isAuthoritative: false,
      answers,
      authorities: authority,
      ...(next === undefined ? {} : { next }),
    });
    if (role === 'recursive' && domain.delegatedTo.length === 0) return reply('NXDOMAIN', []);
    const isApex = name === domain.name;
    if (isApex && type === 'NS') {
      const hosts = role === 'recursive' ? domain.delegatedTo : domain.dnsServers;
      return reply(
        'NOERROR',
        hosts.map((data): Answer => ({ name, type: 'NS', class: 'IN', ttl: nameServerTtl, data })),
      );
    }
    // The resolver asks whom the parent names: name servers of others know nothing of what stands in AliDNS.
    if (role === 'recursive' && !domain.delegatedTo.some(isAliDns)) return reply('SERVFAIL', []);
    if (isApex && type === 'SOA') return reply('NOERROR', authority);
    const all = this.#dns.answered().filter(({ domainName, line }) => domainName === domain.name && line === 'default');
    const rr = isApex ? '@' : name.slice(0, -domain.name.length - 1);
    const records = at(all, rr);
    if (records === undefined) return reply(isApex ? 'NOERROR' : 'NXDOMAIN', []);
    const [cname] = this.#inTurn(
      `${name} CNAME`,
      records.filter((record) => record.type === 'CNAME'),
      type !== 'ANY',
    );
    const direct = records.filter((record) => record.type === type || type === 'ANY');
    if (cname !== undefined && type !== 'CNAME' && type !== 'ANY' && direct.length === 0)
      return reply('NOERROR', answerOf(cname, name), cname.value);
    if (cname !== undefined && type === 'CNAME') return reply('NOERROR', answerOf(cname, name));
    if (direct.length === 0 && (type === 'A' || type === 'AAAA')) {
      const alias = records.find((record) => record.type === 'ALIAS');
      if (alias !== undefined) {
        const { rcode, answers } = this.answer({ name: alias.value, type }, 'recursive');
        return reply(
          rcode === 'NXDOMAIN' ? 'NOERROR' : rcode,
          answers.filter((answer) => answer.type === type).map((answer) => ({ ...answer, name, ttl: alias.ttl })),
        );
      }
    }
    return reply(
      'NOERROR',
      this.#inTurn(`${name} ${type}`, direct).flatMap((record) => answerOf(record, name)),
    );
  }

  #inTurn<T>(key: string, items: T[], counts = true): T[] {
    if (items.length < 2) return items;
    const turn = this.#turns.get(key) ?? 0;
    if (counts) this.#turns.set(key, turn + 1);
    return items.map((_, index) => items[(index + turn) % items.length] as T);
  }
}

/** Records at a host record, else those of the wildcard above it; empty for a name that only has names below it; undefined: no such name. */
function at(all: DnsRecord[], rr: string): DnsRecord[] | undefined {
  const exact = all.filter((record) => record.rr === rr);
  if (exact.length > 0) return exact;
  if (all.some((record) => record.rr.endsWith(`.${rr}`))) return [];
  for (const parent of rr === '@' ? [] : [...suffixes(rr).slice(1), '']) {
    const found = all.filter((record) => record.rr === (parent === '' ? '*' : `*.${parent}`));
    if (found.length > 0) return found;
    // The closest name that exists ends the search: a wildcard higher up does not reach below it.
    if (parent !== '' && all.some((record) => record.rr === parent || record.rr.endsWith(`.${parent}`))) break;
  }
  return undefined;
}

const soa = (zone: string, mname: string): SoaAnswer => ({
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

function answerOf(record: DnsRecord, name: string): Answer[] {
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
