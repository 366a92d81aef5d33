import type { Condition } from './deployment/record.ts';
import { shownRecords } from './dns-lines.ts';
import { hostNameOf, sameName, shownName, toldNames } from './domain-name.ts';
import { mapInParallel } from './in-parallel.ts';
import { normalAddress } from './net/cidr.ts';
import { followed } from './net/follow-chain.ts';
import { DnsError, dataOf, type DnsAnswer, type DnsServer } from './net/resolver.ts';
import type { StageContext } from './stage.ts';

export interface Resolution {
  condition: Omit<Condition, 'atMs'>;
  /** For how long in all it is worth looking again; 0: it is final. */
  retryForMs: number;
}

type Context = Pick<StageContext<'verify' | 'dns'>, 'spec' | 'outputs' | 'resolver' | 'budget'>;

/** At most this long is a name that does not show yet worth waiting for. */
const longestNegativeTtlMs = 60 * 60_000;
const shortestWaitMs = 2 * 60_000;

/** The root zone has so many name servers; a domain with more is asked of the first. */
const mostServers = 13;
const parallelServers = 4;
/** A load balancer has one for each zone. */
const mostAddresses = 10;

/**
 * Whether the name leads to this load balancer and to no other: its authoritative servers must answer our CNAME, and
 * recursive resolution must end at our IPv6 addresses.
 */
export async function nameResolves(context: Context): Promise<Resolution> {
  const { spec, outputs, resolver, budget } = context;
  if (spec.dns === undefined)
    return {
      condition: { type: 'NameResolves', status: 'Unknown', reason: 'NotRequested', message: 'the request has no dns' },
      retryForMs: 0,
    };
  const name = hostNameOf(spec.dns);
  const shown = shownName(name);
  const wanted = outputs['load-balancer'].dnsName;
  let negativeTtlMs = shortestWaitMs;
  const no = (reason: string, message: string): Resolution => ({
    condition: { type: 'NameResolves', status: 'False', reason, message },
    retryForMs: Math.min(longestNegativeTtlMs, Math.max(shortestWaitMs, negativeTtlMs)),
  });
  try {
    const servers = await authoritativeServers(context, spec.dns.domain);
    const asked = await mapInParallel(servers, { limit: parallelServers, budget }, async (server) => ({
      server,
      answer: await orDnsError(resolver.ask(server, name, 'CNAME')),
    }));
    for (const { server, answer } of asked) {
      if (answer instanceof DnsError) throw answer;
      const own = answer.answers.filter((record) => sameName(record.name, name));
      const values = dataOf({ ...answer, answers: own }, 'CNAME');
      negativeTtlMs = Math.max(negativeTtlMs, negativeTtlOf(answer));
      if (values.length === 0)
        return no('no-cname', `authoritative server ${server.address} has no CNAME for ${shown} yet`);
      const foreign = values.filter((value) => !sameName(value, wanted));
      if (foreign.length > 0)
        return no('cname-elsewhere', `${shown} is a CNAME to ${toldNames(foreign)}, not to ${wanted}`);
    }
    const recursive = await resolver.resolve(name, 'AAAA');
    negativeTtlMs = Math.max(negativeTtlMs, negativeTtlOf(recursive));
    const addresses = dataOf(followed(recursive, name), 'AAAA').map(normalAddress);
    const ours = new Set(outputs['ipv6-internet'].zones.map(({ ipv6Address }) => normalAddress(ipv6Address)));
    const strangers = addresses.filter((address) => !ours.has(address));
    if (strangers.length > 0)
      return no('address-elsewhere', `${shown} leads to ${toldNames(strangers)}, which is not this load balancer`);
    if (addresses.length === 0) {
      if (outputs['ipv6-internet'].ipv6AddressType !== 'Internet')
        return {
          condition: {
            type: 'NameResolves',
            status: 'True',
            reason: 'CnameOnly',
            message: `${shown} is a CNAME to ${wanted}; a private IPv6 side has no public address${elsewhere(outputs.dns.otherLines)}`,
          },
          retryForMs: 0,
        };
      return no('no-aaaa', `${shown} has no IPv6 address at the recursive servers yet`);
    }
    return {
      condition: {
        type: 'NameResolves',
        status: 'True',
        reason: 'LeadsHere',
        message: `${shown} leads to ${toldNames(addresses, mostAddresses)}${elsewhere(outputs.dns.otherLines)}`,
      },
      retryForMs: 0,
    };
  } catch (error) {
    if (!(error instanceof DnsError)) throw error;
    return no('no-dns', error.message);
  }
}

/** What of the name was not looked at: whom records of other resolution lines lead elsewhere. */
function elsewhere(otherLines: { line: string; type: string; value: string }[] = []): string {
  const lines = [...new Set(otherLines.map(({ line }) => line))].map(
    (line) => `${line} (${shownRecords(otherLines.filter((record) => record.line === line))})`,
  );
  return lines.length === 0 ? '' : `; not for clients of the resolution lines ${lines.join(' and ')}`;
}

const orDnsError = async (asked: Promise<DnsAnswer>): Promise<DnsAnswer | DnsError> =>
  await asked.catch((error: unknown) => {
    if (error instanceof DnsError) return error;
    throw error;
  });

/** The servers that the parent zone names now. */
async function authoritativeServers({ resolver, budget }: Context, domain: string): Promise<DnsServer[]> {
  const { answers, ...answer } = await resolver.resolve(domain, 'NS');
  const own = answers.filter((record) => sameName(record.name, domain));
  const names = dataOf({ ...answer, answers: own }, 'NS').slice(0, mostServers);
  const found = await mapInParallel(names, { limit: parallelServers, budget }, async (name) =>
    dataOf(followed(await resolver.resolve(name, 'A'), name), 'A').slice(0, 1),
  );
  const servers = found.flat().map((address) => ({ address, port: 53 }));
  if (servers.length === 0) throw new DnsError(`no authoritative server of ${shownName(domain)} is known`);
  return servers;
}

/** How long a resolver may remember that there was nothing: the lesser of the SOA's TTL and its minimum field (RFC 2308). */
function negativeTtlOf(answer: DnsAnswer): number {
  for (const record of answer.authorities)
    if (record.type === 'SOA') return Math.min(record.ttl ?? 0, record.data.minimum ?? 0) * 1000;
  return 0;
}
