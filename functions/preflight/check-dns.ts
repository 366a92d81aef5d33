import type { Domain } from '../../shared/alibaba/dns-client.ts';
import { domainNameOf, parentsOf, sameName, shownName, toldNames } from '../../shared/domain-name.ts';
import { DnsError, dataOf } from '../../shared/net/resolver.ts';
import type { StageContext } from '../../shared/stage.ts';
import { checkRecords } from './check-records.ts';
import type { Finding } from './stage.ts';
import { type Name, setInstead } from './names.ts';

type Context = StageContext<'preflight'>;

/** The domain, who answers for it, and what stands at the name and above it. */
export async function checkDns(context: Context): Promise<Finding[]> {
  const { spec, dns } = context;
  if (spec.dns === undefined) return [];
  const { domain, ttl } = spec.dns;
  const found = await dns.findDomain(domain);
  if (found === undefined) return [await domainMissing(context, spec.dns)];
  const findings: Finding[] = [];
  if (ttl < found.minTtl)
    findings.push({
      field: 'dns.ttl',
      code: 'preflight.ttl',
      message: `the edition of ${shownName(domain)} allows a TTL of ${found.minTtl} s or more, not ${ttl} s`,
      remedy: `Set dns.ttl to ${found.minTtl} or more.`,
    });
  findings.push(...(await checkDelegation(context, spec.dns, found)));
  findings.push(...(await checkZones(context, spec.dns)));
  findings.push(...(await checkRecords(context, spec.dns)));
  return findings;
}

/** The nearest domain above that the account has: the request may give a name in it as a domain. */
async function domainAbove({ dns }: Context, { domain, rr }: Name): Promise<Name | undefined> {
  const labels = domain.split('.');
  for (let count = 1; count <= labels.length - 2; count += 1) {
    const above = labels.slice(count).join('.');
    const before = labels.slice(0, count).join('.');
    if ((await dns.findDomain(above)) !== undefined)
      return { domain: above, rr: rr === '@' ? before : `${rr}.${before}` };
  }
  return undefined;
}

async function domainMissing(context: Context, name: Name): Promise<Finding> {
  const above = await domainAbove(context, name);
  const isNot = `${shownName(name.domain)} is not a domain of this account in Alibaba Cloud DNS`;
  return {
    field: 'dns.domain',
    code: 'preflight.domain',
    message: above === undefined ? isNot : `${isNot}, but ${shownName(above.domain)} is`,
    remedy:
      above === undefined
        ? 'Add the domain to Alibaba Cloud DNS, or use one that is there.'
        : `${setInstead(above)}, or add ${shownName(name.domain)} to Alibaba Cloud DNS as a domain of its own.`,
  };
}

/** Whether the live name servers are those that the service assigned, which are not the live delegation (P-092). */
async function checkDelegation(context: Context, name: Name, found: Domain): Promise<Finding[]> {
  const domain = shownName(name.domain);
  const finding = { field: 'dns.domain', code: 'preflight.delegation' };
  try {
    const { answers } = await context.resolver.resolve(name.domain, 'NS');
    const live = dataOf({ answers: answers.filter((record) => sameName(record.name, name.domain)) }, 'NS');
    const strangers = live.filter((server) => !found.dnsServers.some((assigned) => sameName(assigned, server)));
    if (live.length > strangers.length)
      return strangers.length === 0
        ? []
        : [
            {
              ...finding,
              message: `${domain} is delegated to ${toldNames(strangers)} too, beside ${found.dnsServers.join(', ')}: clients that ask there find the name only if it is copied there`,
              remedy: '',
              isWarning: true,
            },
          ];
    const above = await domainAbove(context, name);
    const remedy = 'Set the name servers of the domain at its registrar to those of Alibaba Cloud DNS.';
    return [
      {
        ...finding,
        message: `${domain} is delegated to ${live.length === 0 ? 'no server' : toldNames(live)}, not to ${found.dnsServers.join(', ')}`,
        remedy:
          above === undefined
            ? remedy
            : `${setInstead(above)}, or add NS records of ${found.dnsServers.join(', ')} for ${domain} to ${shownName(above.domain)}.`,
      },
    ];
  } catch (error) {
    if (!(error instanceof DnsError)) throw error;
    const message = `the delegation of ${domain} could not be checked: ${error.message}`;
    return [{ ...finding, message, remedy: '', isWarning: true }];
  }
}

/** The host, where it may be a domain of its own too. */
const asZone = (name: Name): { rr: string; name: string }[] =>
  name.rr === '@' || name.rr.startsWith('*') ? [] : [{ rr: name.rr, name: domainNameOf(name) }];

/** Names above the host that are given to other name servers, and those, the host too, that are domains of their own in this account. */
async function checkZones({ dns }: Context, name: Name): Promise<Finding[]> {
  const findings: Finding[] = [];
  const full = shownName(domainNameOf(name));
  // NS records of the host itself are in the way of a CNAME in any case.
  const delegations = (await dns.listDelegations(name.domain)).filter(
    ({ status, rr }) => status !== 'DISABLE' && rr !== name.rr,
  );
  // The nearest to the domain is the one that ends the zone.
  for (const parent of [...asZone(name), ...parentsOf(name)].toReversed()) {
    const servers = delegations.filter(({ rr }) => rr === parent.rr).map(({ value }) => value);
    const own = await dns.findDomain(parent.name);
    const shown = shownName(parent.name);
    const inOwn: Name = { domain: parent.name, rr: name.rr.slice(0, -parent.rr.length - 1) };
    if (servers.length > 0)
      return [
        {
          field: 'dns.rr',
          code: 'preflight.delegated',
          message: `${shown} is given to other name servers (NS ${servers.join(', ')}): a record of ${full} in ${shownName(name.domain)} is not answered`,
          remedy:
            own === undefined
              ? `Choose a name outside ${shown}, or delete its NS records.`
              : `${setInstead(inOwn)}, which is a domain of this account too.`,
        },
      ];
    if (own !== undefined)
      findings.push({
        field: 'dns.domain',
        code: 'preflight.zone-below',
        message: `the account has ${shown} as a domain of its own, to which no NS record of ${shownName(name.domain)} leads: should its servers answer for it all the same, ${full} is looked for there`,
        remedy: '',
        isWarning: true,
      });
  }
  return findings;
}
