import type { Answer } from 'dns-packet';
import type { DnsRecord, DnsState, Domain } from '../alidns/state.ts';
import { ShortMemory } from '../short-memory.ts';
import { answerOf, cutAbove, recordsAt, seenFrom, soa, suffixes } from './zone-data.ts';

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

/** What one zone answers; `next`: the name that its CNAME leads to. */
type Step = Reply & { next?: string; isReferral?: boolean };

interface Question {
  name: string;
  type: string;
  role: Role;
  line: string;
}

/** Public resolvers of Alibaba Cloud, IPv4 and IPv6. */
export const recursiveAddresses = ['223.5.5.5', '223.6.6.6', '2400:3200::1', '2400:3200:baba::1'];

/** Zone of the load balancers' own names (facts: since 2024-11-15, mainland and international). */
const loadBalancerZones = ['alb.aliyuncsslb.com', 'alb.aliyuncsslbintl.com'];
const loadBalancerTtl = 60;
const nameServerTtl = 86_400;
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

/** A name that nobody has asked for in this time begins with its first answer again; so do the oldest of too many names. */
const turnMs = 3_600_000;
const mostTurns = 10_000;

/** What the name servers know: AliDNS's domains, the load balancers' own names, and the name servers' own addresses. */
export class Zones {
  readonly #dns: DnsState;
  readonly #ownName: (name: string) => OwnName | undefined;
  /** Rotates the answers of one name and type, so that several of them are answered in turn. */
  readonly #turns: ShortMemory<number>;

  constructor(dns: DnsState, ownName: (name: string) => OwnName | undefined) {
    this.#dns = dns;
    this.#turns = new ShortMemory(dns.context.clock, turnMs, mostTurns);
    this.#ownName = ownName;
  }

  /** Name servers that AliDNS operates or that a domain names, with their addresses. */
  nameServers(): Map<string, { address: string; isOurs: boolean }> {
    const hosts = new Map<string, { address: string; isOurs: boolean }>();
    const delegations = this.#dns.answered().flatMap(({ type, value }) => (type === 'NS' ? [value] : []));
    const assigned = [...this.#dns.domains.values()].flatMap(({ dnsServers, delegatedTo }) => [
      ...dnsServers,
      ...delegatedTo,
    ]);
    for (const host of [...assigned, ...delegations]) {
      const name = host.toLowerCase();
      hosts.set(name, { address: nameServerAddress(name), isOurs: isAliDns(name) });
    }
    return hosts;
  }

  /**
   * Answers as a resolver does (`recursive`: follows CNAMEs and delegations across zones) or as a name server of AliDNS does.
   *
   * @param line - the resolution line of the client.
   */
  answer(question: { name: string; type: string }, role: Role, line = 'default'): Reply {
    const first = question.name.toLowerCase().replace(/\.$/, '');
    const answers: Answer[] = [];
    const seen = new Set<string>();
    let name = first;
    for (;;) {
      seen.add(name);
      const step = this.#step(name, question.type, role, line);
      answers.push(...step.answers);
      const isDone = step.next === undefined || step.rcode !== 'NOERROR';
      // An authoritative server stops at the border of what it is asked for: the resolver goes on by itself.
      if (isDone || role === 'authoritative' || seen.has(step.next ?? '') || seen.size > 16)
        return {
          rcode: step.next !== undefined && seen.has(step.next) ? 'SERVFAIL' : step.rcode,
          isAuthoritative: role === 'authoritative' && step.rcode !== 'REFUSED' && step.isReferral !== true,
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

  #step(name: string, type: string, role: Role, line: string): Step {
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
      .toReversed()
      .map((suffix) => this.#dns.domains.get(suffix))
      .find((found) => found !== undefined);
    if (domain === undefined)
      return reply(role === 'authoritative' ? 'REFUSED' : 'NXDOMAIN', [], [soa('', 'a.root-servers.net')]);
    return this.#inDomain(domain, domain.delegatedTo, { name, type, role, line });
  }

  /**
   * From the highest domain of the account down its delegations: a domain below another one of the account is answered where
   * NS records of that one lead to it. That its mere presence is not enough is our word alone.
   *
   * @param delegatedTo - the name servers that the zone above names for this domain.
   */
  #inDomain(domain: Domain, delegatedTo: string[], question: Question): Step {
    const { name, type, role, line } = question;
    const authority = [soa(domain.name, domain.dnsServers[0] ?? 'ns1.alidns.com')];
    const reply = (rcode: Reply['rcode'], answers: Answer[], next?: string) => ({
      rcode,
      isAuthoritative: false,
      answers,
      authorities: authority,
      ...(next === undefined ? {} : { next }),
    });
    if (role === 'recursive' && delegatedTo.length === 0) return reply('NXDOMAIN', []);
    const isApex = name === domain.name;
    if (isApex && type === 'NS') {
      const hosts = role === 'recursive' ? delegatedTo : domain.dnsServers;
      return reply(
        'NOERROR',
        hosts.map((data): Answer => ({ name, type: 'NS', class: 'IN', ttl: nameServerTtl, data })),
      );
    }
    // The resolver asks whom the parent names: name servers of others know nothing of what stands in AliDNS.
    if (role === 'recursive' && !delegatedTo.some(isAliDns)) return reply('SERVFAIL', []);
    if (isApex && type === 'SOA') return reply('NOERROR', authority);
    const all = seenFrom(
      this.#dns.answered().filter(({ domainName }) => domainName === domain.name),
      line,
    );
    const rr = isApex ? '@' : name.slice(0, -domain.name.length - 1);
    const cut = cutAbove(all, rr);
    if (cut !== undefined) return this.#below(`${cut.rr}.${domain.name}`, cut.servers, question);
    const records = recordsAt(all, rr);
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

  /** At or below a cut: what the zone there answers where AliDNS has it, else whom to ask. */
  #below(cut: string, servers: DnsRecord[], question: Question): Step {
    const child = this.#dns.domains.get(cut);
    const hosts = servers.map(({ value }) => value);
    if (child !== undefined && hosts.some(isAliDns)) return this.#inDomain(child, hosts, question);
    const referral = servers.flatMap((record) => answerOf(record, cut));
    if (question.role === 'authoritative')
      return { rcode: 'NOERROR', isAuthoritative: false, answers: [], authorities: referral, isReferral: true };
    const isAsked = question.name === cut && question.type === 'NS';
    return {
      rcode: isAsked ? 'NOERROR' : 'SERVFAIL',
      isAuthoritative: false,
      answers: isAsked ? referral : [],
      authorities: [],
    };
  }

  #inTurn<T>(key: string, items: T[], counts = true): T[] {
    if (items.length < 2) return items;
    const turn = this.#turns.get(key) ?? 0;
    if (counts) this.#turns.set(key, turn + 1);
    return items.map((_, index) => items[(index + turn) % items.length] as T);
  }
}
