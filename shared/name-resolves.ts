import type { Condition } from './deployment/record.ts';
import { shownRecords } from './dns-lines.ts';
import { hostNameOf, sameName, shownName } from './domain-name.ts';
import { normalAddress } from './net/cidr.ts';
import { DnsError, dataOf, type DnsAnswer } from './net/resolver.ts';
import type { StageContext } from './stage.ts';

export interface Resolution {
  condition: Omit<Condition, 'atMs'>;
  /** For how long in all it is worth looking again; 0: it is final. */
  retryForMs: number;
}

type Context = Pick<StageContext<'verify' | 'dns'>, 'spec' | 'outputs' | 'resolver'>;

/** At most this long is a name that does not show yet worth waiting for. */
const longestNegativeTtlMs = 60 * 60_000;
const shortestWaitMs = 2 * 60_000;

/**
 * Whether the name leads to this load balancer and to no other: its authoritative servers must answer our CNAME, and
 * recursive resolution must end at our IPv6 addresses.
 */
export async function nameResolves(context: Context): Promise<Resolution> {
  const { spec, outputs, resolver } = context;
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
    for (const server of await authoritativeServers(context, spec.dns.domain)) {
      const answer = await resolver.ask(server, name, 'CNAME');
      const values = dataOf(answer, 'CNAME');
      negativeTtlMs = Math.max(negativeTtlMs, negativeTtlOf(answer));
      if (values.length === 0)
        return no('no-cname', `authoritative server ${server.address} has no CNAME for ${shown} yet`);
      const foreign = values.filter((value) => !sameName(value, wanted));
      if (foreign.length > 0)
        return no('cname-elsewhere', `${shown} is a CNAME to ${foreign.join(', ')}, not to ${wanted}`);
    }
    const recursive = await resolver.resolve(name, 'AAAA');
    negativeTtlMs = Math.max(negativeTtlMs, negativeTtlOf(recursive));
    const addresses = dataOf(recursive, 'AAAA').map(normalAddress);
    const ours = new Set(outputs['ipv6-internet'].zones.map(({ ipv6Address }) => normalAddress(ipv6Address)));
    const strangers = addresses.filter((address) => !ours.has(address));
    if (strangers.length > 0)
      return no('address-elsewhere', `${shown} leads to ${strangers.join(', ')}, which is not this load balancer`);
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
        message: `${shown} leads to ${addresses.join(', ')}${elsewhere(outputs.dns.otherLines)}`,
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

/** The servers that the parent zone names now. */
async function authoritativeServers(
  { resolver }: Context,
  domain: string,
): Promise<{ address: string; port: number }[]> {
  const names = dataOf(await resolver.resolve(domain, 'NS'), 'NS');
  const servers = [];
  for (const name of names)
    for (const address of dataOf(await resolver.resolve(name, 'A'), 'A').slice(0, 1))
      servers.push({ address, port: 53 });
  if (servers.length === 0) throw new DnsError(`no authoritative server of ${shownName(domain)} is known`);
  return servers;
}

/** How long a resolver may remember that there was nothing: the lesser of the SOA's TTL and its minimum field (RFC 2308). */
function negativeTtlOf(answer: DnsAnswer): number {
  for (const record of answer.authorities)
    if (record.type === 'SOA') return Math.min(record.ttl ?? 0, record.data.minimum ?? 0) * 1000;
  return 0;
}
