import type { DnsRecord } from '../../shared/alibaba/dns-client.ts';
import { conflictsWithCname } from '../../shared/dns-conflicts.ts';
import { domainNameOf, sameName } from '../../shared/domain-name.ts';
import { DnsError, dataOf } from '../../shared/net/resolver.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

export async function checkDns({ spec, dns, record, resolver }: StageContext<'preflight'>): Promise<Finding[]> {
  if (spec.dns === undefined) return [];
  const { domain, rr, ttl, replaceExisting } = spec.dns;
  const found = await dns.findDomain(domain);
  if (found === undefined)
    return [
      {
        field: 'dns.domain',
        code: 'preflight.domain',
        message: `${domain} is not a domain of this account in Alibaba Cloud DNS`,
        remedy: 'Add the domain to Alibaba Cloud DNS, or use one that is there.',
      },
    ];
  const findings: Finding[] = [];
  if (ttl < found.minTtl)
    findings.push({
      field: 'dns.ttl',
      code: 'preflight.ttl',
      message: `the edition of ${domain} allows a TTL of ${found.minTtl} s or more, not ${ttl} s`,
      remedy: `Set dns.ttl to ${found.minTtl} or more.`,
    });
  try {
    // The servers that the service assigned are not the live delegation (P-092).
    const live = dataOf(await resolver.resolve(domain, 'NS'), 'NS');
    if (!live.some((name) => found.dnsServers.some((server) => sameName(server, name))))
      findings.push({
        field: 'dns.domain',
        code: 'preflight.delegation',
        message: `${domain} is delegated to ${live.length === 0 ? 'no server' : live.join(', ')}, not to ${found.dnsServers.join(', ')}`,
        remedy: 'Set the name servers of the domain at its registrar to those of Alibaba Cloud DNS.',
      });
  } catch (error) {
    if (!(error instanceof DnsError)) throw error;
    findings.push({
      field: 'dns.domain',
      code: 'preflight.delegation',
      message: `the delegation of ${domain} could not be checked: ${error.message}`,
      remedy: '',
      isWarning: true,
    });
  }
  const records = (await dns.listRecords({ domainName: domain, rr })).filter(
    ({ line, status }) => line === 'default' && status !== 'DISABLE',
  );
  const { dnsName } = record.stages['load-balancer'].outputs as { dnsName?: string };
  const known = record.stages.dns.outputs as { recordId?: string };
  const isOurs = (candidate: DnsRecord) =>
    (dnsName !== undefined && sameName(candidate.value, dnsName)) || candidate.recordId === known.recordId;
  const name = domainNameOf(spec.dns);
  for (const candidate of records) {
    if (conflictsWithCname(candidate))
      findings.push({
        field: 'dns.rr',
        code: 'DomainRecordConflict',
        message: `${name} has a ${candidate.type} record (${candidate.value}), which a CNAME cannot stand beside`,
        remedy: 'Delete that record or choose another dns.rr.',
      });
    else if (candidate.type === 'CNAME' && !isOurs(candidate) && !replaceExisting)
      findings.push({
        field: 'dns.rr',
        code: 'preflight.foreign-cname',
        message: `${name} is a CNAME to ${candidate.value}, which is not ours`,
        remedy: 'Delete that record, choose another dns.rr, or set dns.replaceExisting: true.',
      });
    else if (candidate.type === 'CNAME' && candidate.isLocked)
      findings.push({
        field: 'dns.rr',
        code: 'DomainRecordLocked',
        message: `the CNAME of ${name} is locked`,
        remedy: 'Unlock the record.',
      });
    else if (rr === '@' && (candidate.type === 'MX' || candidate.type === 'TXT'))
      findings.push({
        field: 'dns.rr',
        code: 'preflight.apex',
        message: `${name} has a ${candidate.type} record: a CNAME at the apex may lose mail or verification`,
        remedy: '',
        isWarning: true,
      });
  }
  return findings;
}
