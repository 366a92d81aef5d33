import type { DnsRecord } from '../../shared/alibaba/dns-client.ts';
import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import { otherLinesIn } from '../../shared/dns-lines.ts';
import { domainNameOf, hostNameOf, sameName, shownName } from '../../shared/domain-name.ts';
import { done, fail, type StageContext, type StageResult, wait } from '../../shared/stage.ts';
import { isCname, line, recordsAt } from './records.ts';

type Context = StageContext<'dns'>;
type Wanted = NonNullable<Context['spec']['dns']>;

/** Lets the name be a CNAME to the load balancer, and to nothing else. Done when the record stands as it is wanted. */
export async function putUp(context: Context, wanted: Wanted): Promise<StageResult<StageOutputs['dns']>> {
  const { outputs, own } = context;
  const { domain, rr, ttl, replaceExisting } = wanted;
  const domainName = shownName(domainNameOf(wanted));
  const value = outputs['load-balancer'].dnsName;
  const record = { domainName: domain, rr, type: 'CNAME', value, ttl, line };
  const all = await recordsAt(context, wanted);
  const cnames = all.filter(isCname);
  const ours = cnames.find((found) => sameName(found.value, value));
  if (ours !== undefined) return await keepUp(context, wanted, ours, all);
  const [other] = cnames;
  if (other !== undefined) {
    const mayReplace = replaceExisting || other.recordId === own.recordId;
    if (!mayReplace)
      return fail('dns.record-taken', `${domainName} is a CNAME to ${other.value}, which is not ours`, {
        remedy: 'Delete that record, choose another dns.rr, or set dns.replaceExisting.',
      });
    // Never a second CNAME beside a stale one: both would be answered in turn (P-086).
    const previous =
      other.recordId !== own.recordId
        ? {
            previousValue: other.value,
            previousTtl: other.ttl,
            previousRemark: other.remark,
            previousStatus: other.status,
          }
        : {};
    await context.remember({
      recordId: other.recordId,
      intent: { ...own.intent, rr, type: 'CNAME', line, value, ...previous },
    });
    await context.change('replace', record, () => context.dns.updateRecord(other.recordId, record));
    return wait('the record is being replaced', { own: { recordId: other.recordId }, afterMs: 1000 });
  }
  // What stood there before us is restored by the release, also where ours was deleted meanwhile.
  await context.remember({ intent: { ...own.intent, rr, type: 'CNAME', line, value } });
  // The call takes no client token: `create` is here for its check of the epoch just before.
  const recordId = await context.create('record', 'DomainRecord', record, () => context.dns.addRecord(record));
  return wait('the record is being added', {
    own: { recordId },
    resources: [{ type: 'DomainRecord', id: recordId, created: true }],
    afterMs: 1000,
  });
}

/** Ours stands: what of it differs, one change a turn. */
async function keepUp(
  context: Context,
  wanted: Wanted,
  ours: DnsRecord,
  all: DnsRecord[],
): Promise<StageResult<StageOutputs['dns']>> {
  const { domain, rr } = wanted;
  const ttl = context.choose('dns.ttl', ours.ttl, wanted.ttl);
  const value = context.outputs['load-balancer'].dnsName;
  const resources = [{ type: 'DomainRecord', id: ours.recordId, created: true }];
  const more = { own: { recordId: ours.recordId }, resources, afterMs: 1000 };
  if (ours.ttl !== ttl) {
    const record = { domainName: domain, rr, type: 'CNAME', value, ttl, line };
    await context.change('ttl', { ttl }, () => context.dns.updateRecord(ours.recordId, record));
    return wait('the TTL is being changed', more);
  }
  const beside = all.filter(isCname).find((record) => record !== ours && record.status !== 'DISABLE');
  if (beside !== undefined)
    return fail(
      'dns.second-record',
      `${shownName(domainNameOf(wanted))} is a CNAME to ${beside.value} too: both are answered in turn`,
      { remedy: `Delete the record ${beside.recordId}, which is not ours.` },
    );
  // Disabled by others, it is not answered.
  if (ours.status === 'DISABLE') {
    await context.change('enable', { id: ours.recordId }, () => context.dns.setStatus(ours.recordId, 'Enable'));
    return wait('the record is being enabled', more);
  }
  // A second, non-atomic call; the value alone already proves the record ours.
  if (ours.remark !== context.markText)
    await context.change(
      'remark',
      { id: ours.recordId },
      () =>
        context.dns
          .setRemark(ours.recordId, context.markText)
          .catch((error: unknown) => context.log('warn', 'the record has no remark', { reason: String(error) })),
      { isEffectOpen: true },
    );
  const otherLines = [...otherLinesIn(all, value).values()]
    .flat()
    .map((record) => ({ line: record.line, type: record.type, value: record.value }));
  return done(
    {
      domainName: hostNameOf(wanted),
      recordId: ours.recordId,
      otherLines: otherLines.length === 0 ? undefined : otherLines,
    },
    resources,
  );
}
