import type { DnsRecord } from '../../shared/alibaba/dns-client.ts';
import { outputsOf } from '../../shared/deployment/record.ts';
import { conflictsWithCname } from '../../shared/dns-conflicts.ts';
import { domainNameOf, hostNameOf, parentsOf, sameName, shownName } from '../../shared/domain-name.ts';
import { otherLinesIn, shownRecord, shownRecords } from '../../shared/dns-lines.ts';
import type { StageContext } from '../../shared/stage.ts';
import { type Name, setInstead } from './names.ts';
import type { Finding } from './stage.ts';

type Context = StageContext<'preflight'>;
type Wanted = NonNullable<Context['spec']['dns']>;

/** What stands at the host, of all types and lines, and what answers there while nothing does. */
export async function checkRecords(context: Context, wanted: Wanted): Promise<Finding[]> {
  const all = await context.dns.listRecords({ domainName: wanted.domain, rr: wanted.rr });
  const onLine = all.filter(({ line }) => line === 'default');
  return [
    ...(await conflictsIn(context, wanted, onLine)),
    ...cnamesIn(context, wanted, onLine),
    ...besideApex(wanted, onLine),
    ...otherLines(context, wanted, all),
    ...(onLine.some(({ status }) => status !== 'DISABLE') ? [] : await wildcardAbove(context, wanted)),
    ...(wanted.rr.startsWith('*') ? await wildcardSample(context, wanted) : []),
  ];
}

const full = (name: Name): string => shownName(domainNameOf(name));

async function conflictsIn({ dns }: Context, wanted: Wanted, records: DnsRecord[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const record of records.filter(conflictsWithCname)) {
    const isGivenAway = record.type === 'NS' && (await dns.findDomain(domainNameOf(wanted))) !== undefined;
    findings.push({
      field: 'dns.rr',
      code: 'DomainRecordConflict',
      message: `${full(wanted)} has a ${record.type} record (${record.value})${disabled(record)}, which a CNAME cannot stand beside`,
      remedy: isGivenAway
        ? `${setInstead({ domain: domainNameOf(wanted), rr: '@' })}, which is a domain of this account too.`
        : 'Delete that record or choose another dns.rr.',
    });
  }
  return findings;
}

const disabled = ({ status }: DnsRecord): string => (status === 'DISABLE' ? ', disabled' : '');

function cnamesIn({ record }: Context, wanted: Wanted, records: DnsRecord[]): Finding[] {
  const { dnsName } = outputsOf(record, 'load-balancer');
  const { recordId } = outputsOf(record, 'dns');
  const isOurs = (candidate: DnsRecord): boolean =>
    (dnsName !== undefined && sameName(candidate.value, dnsName)) || candidate.recordId === recordId;
  const cnames = records.filter(({ type }) => type === 'CNAME');
  const ours = cnames.find(isOurs);
  // Beside ours, a disabled one does no harm; alone it is in the way of ours.
  const theirs = cnames.filter(
    (candidate) => !isOurs(candidate) && (ours === undefined || candidate.status !== 'DISABLE'),
  );
  const locked = (ours !== undefined && ours.ttl === wanted.ttl ? theirs : [...theirs, ...(ours ? [ours] : [])]).filter(
    ({ isLocked }) => isLocked,
  );
  if (theirs.length > 1 || (ours !== undefined && theirs.length > 0))
    return [
      {
        field: 'dns.rr',
        code: 'preflight.several-cnames',
        message: `${full(wanted)} is a CNAME to ${theirs.map(target).join(' and to ')}${ours === undefined ? '' : ' beside ours'}: they are answered in turn, and one record can be replaced, not several`,
        remedy: `Delete ${ours === undefined ? 'all of them but one' : 'what is not ours'}, or choose another dns.rr.`,
      },
    ];
  const foreign = wanted.replaceExisting ? [] : theirs;
  return [
    ...foreign.map((candidate) => ({
      field: 'dns.rr',
      code: 'preflight.foreign-cname',
      message: `${full(wanted)} is a CNAME to ${target(candidate)}, which is not ours`,
      remedy: 'Delete that record, choose another dns.rr, or set dns.replaceExisting: true.',
    })),
    ...(foreign.length > 0 ? [] : locked).map(() => ({
      field: 'dns.rr',
      code: 'DomainRecordLocked',
      message: `the CNAME of ${full(wanted)} is locked`,
      remedy: 'Unlock the record.',
    })),
  ];
}

const target = (record: DnsRecord): string =>
  `${record.value}${record.weight === undefined ? '' : ` (weight ${record.weight})`}${disabled(record)}`;

const besideApex = (wanted: Wanted, records: DnsRecord[]): Finding[] =>
  records
    .filter(({ type, status }) => wanted.rr === '@' && status !== 'DISABLE' && (type === 'MX' || type === 'TXT'))
    .map(({ type }) => ({
      field: 'dns.rr',
      code: 'preflight.apex',
      message: `${full(wanted)} has a ${type} record: a CNAME at the apex may lose mail or verification`,
      remedy: '',
      isWarning: true,
    }));

/** Ours stands on the default line: whom a record of another line answers never asks for it. */
function otherLines({ record }: Context, wanted: Wanted, records: DnsRecord[]): Finding[] {
  const { dnsName } = outputsOf(record, 'load-balancer');
  return [...otherLinesIn(records, dnsName)].map(([line, found]) => ({
    field: 'dns.rr',
    code: 'preflight.other-line',
    message: `${full(wanted)} has records of the resolution line ${line} (${shownRecords(found)}): clients of that line are led there, not to this load balancer`,
    remedy: '',
    isWarning: true,
  }));
}

/** The wildcard that answers at the name as long as it has no record, by its closest encloser (RFC 4592). */
async function wildcardAbove({ dns }: Context, wanted: Wanted): Promise<Finding[]> {
  if (wanted.rr === '@') return [];
  for (const parent of [...parentsOf(wanted).map(({ rr }) => rr), '@']) {
    const rr = parent === '@' ? '*' : `*.${parent}`;
    const around = await dns.listRecordsFrom({ domainName: wanted.domain, rr: parent === '@' ? '*' : parent });
    const live = around.filter(({ status, line }) => status !== 'DISABLE' && line === 'default');
    const wildcard = rr === wanted.rr ? [] : live.filter((record) => record.rr === rr);
    if (wildcard.length > 0)
      return [
        {
          field: 'dns.rr',
          code: 'preflight.wildcard',
          message: `${full(wanted)} is answered by the wildcard ${full({ ...wanted, rr })} today (${wildcard.map(shownRecord).join(', ')}): the new record takes its place there`,
          remedy: '',
          isWarning: true,
        },
      ];
    if (live.length > 0) return [];
  }
  return [];
}

/** A wildcard is checked by one of the names that it stands for, which must not have records of its own. */
async function wildcardSample({ dns }: Context, wanted: Wanted): Promise<Finding[]> {
  const sample = hostNameOf(wanted);
  const rr = sample.slice(0, -wanted.domain.length - 1);
  const found = await dns.listRecordsFrom({ domainName: wanted.domain, rr });
  const inTheWay = found.filter(({ status }) => status !== 'DISABLE');
  if (inTheWay.length === 0) return [];
  return [
    {
      field: 'dns.rr',
      code: 'preflight.wildcard-sample',
      message: `${shownName(sample)}, by which the wildcard is checked, has records of its own or below it (${shownRecords(inTheWay)})`,
      remedy: 'Delete those records, or ask for the names that you need one by one.',
    },
  ];
}
