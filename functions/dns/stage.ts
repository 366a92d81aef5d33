import type { DnsRecord } from '../../shared/alibaba/dns-client.ts';
import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import { isTaken } from '../../shared/dns-conflicts.ts';
import { domainNameOf, hostNameOf, sameName } from '../../shared/domain-name.ts';
import { defineStage, done, fail, gone, type StageContext, type StageResult, wait } from '../../shared/stage.ts';

const line = 'default';

/** The CNAME from the user's name to the load balancer's. Ours is what has our load balancer's name as its value (P-091). */
export const dns = defineStage({
  name: 'dns',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const { spec, outputs, own } = context;
    if (spec.dns === undefined) return done({}, []);
    const { domain, rr, ttl, replaceExisting } = spec.dns;
    const domainName = domainNameOf(spec.dns);
    const value = outputs['load-balancer'].dnsName;
    const wanted = { domainName: domain, rr, type: 'CNAME', value, ttl, line };
    const records = await recordsAt(context);
    const ours = records.find((record) => sameName(record.value, value));
    if (ours !== undefined) {
      const resources = [{ type: 'DomainRecord', id: ours.recordId, created: true }];
      const chosen = context.choose('dns.ttl', ours.ttl, ttl);
      if (ours.ttl !== chosen) {
        await context.change('ttl', { ttl }, () => context.dns.updateRecord(ours.recordId, wanted));
        return wait('the TTL is being changed', { own: { recordId: ours.recordId }, resources, afterMs: 1000 });
      }
      const beside = records.find((record) => record !== ours && record.status !== 'DISABLE');
      if (beside !== undefined)
        return fail('dns.second-record', `${domainName} is a CNAME to ${beside.value} too: both are answered in turn`, {
          remedy: `Delete the record ${beside.recordId}, which is not ours.`,
        });
      // Disabled by others, it is not answered.
      if (ours.status === 'DISABLE') {
        await context.change('enable', { id: ours.recordId }, () => context.dns.setStatus(ours.recordId, 'Enable'));
        return wait('the record is being enabled', { own: { recordId: ours.recordId }, resources, afterMs: 1000 });
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
      return done({ domainName: hostNameOf(spec.dns), recordId: ours.recordId }, resources);
    }
    const [other] = records;
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
      await context.change('replace', wanted, () => context.dns.updateRecord(other.recordId, wanted));
      return wait('the record is being replaced', { own: { recordId: other.recordId }, afterMs: 1000 });
    }
    // What stood there before us is restored by the release, also where ours was deleted meanwhile.
    await context.remember({ intent: { ...own.intent, rr, type: 'CNAME', line, value } });
    // The call takes no client token: `create` is here for its check of the epoch just before.
    const recordId = await context.create('record', 'DomainRecord', wanted, () => context.dns.addRecord(wanted));
    return wait('the record is being added', {
      own: { recordId },
      resources: [{ type: 'DomainRecord', id: recordId, created: true }],
      afterMs: 1000,
    });
  },

  async release(context) {
    const { spec, own, record } = context;
    const { dnsName } = record.stages['load-balancer'].outputs as { dnsName?: string };
    const value = own.intent?.value ?? dnsName;
    if (spec.dns === undefined || value === undefined) return gone();
    const all = await allAt(context);
    const ours = all.filter(isCname).find((candidate) => sameName(candidate.value, value));
    const { previousValue, previousTtl, previousRemark, previousStatus } = own.intent ?? {};
    if (ours === undefined) return await bringBack(context, all);
    if (previousValue === undefined) {
      await context.change('delete', { id: ours.recordId }, () => context.dns.deleteRecord(ours.recordId));
      return wait('the record is being deleted', { afterMs: 1000 });
    }
    const restored = {
      domainName: spec.dns.domain,
      rr: ours.rr,
      type: ours.type,
      value: previousValue,
      ttl: previousTtl ?? ours.ttl,
      line: ours.line,
    };
    await context.change('restore', restored, async () => {
      // The value last: by it the record is ours until the rest is as it was.
      if (previousRemark !== undefined && ours.remark !== previousRemark)
        await context.dns.setRemark(ours.recordId, previousRemark);
      if (previousStatus === 'DISABLE' && ours.status !== 'DISABLE')
        await context.dns.setStatus(ours.recordId, 'Disable');
      await context.dns.updateRecord(ours.recordId, restored);
    });
    return wait('the record that stood here before is being restored', { afterMs: 1000 });
  },
});

/**
 * Ours is gone. What it had replaced is added again where others have deleted ours and put nothing in its place; remark
 * and status follow by calls of their own.
 */
async function bringBack(context: StageContext<'dns'>, all: DnsRecord[]): Promise<StageResult<StageOutputs['dns']>> {
  const { spec, own, record, dns: client } = context;
  const { previousValue, previousTtl, previousRemark = '', previousStatus } = own.intent ?? {};
  if (spec.dns === undefined || previousValue === undefined) return gone();
  const { domain, rr, ttl } = spec.dns;
  const back = all.filter(isCname).find(({ value }) => sameName(value, previousValue));
  if (back === undefined) {
    if (isTaken(all, line)) return gone();
    const former = { domainName: domain, rr, type: 'CNAME', value: previousValue, ttl: previousTtl ?? ttl, line };
    await context.create('former-record', 'DomainRecord', former, () => client.addRecord(former));
    return wait('the record that stood here before is being added again', { afterMs: 1000 });
  }
  // Others may have brought it back as they like it.
  if (record.stages.dns.tokens['former-record'] === undefined) return gone();
  const { recordId: id, remark, status } = back;
  if (remark !== previousRemark)
    await context.change('former-remark', { id, remark }, () => client.setRemark(id, previousRemark));
  if (previousStatus === 'DISABLE' && status !== 'DISABLE')
    await context.change('former-status', { id }, () => client.setStatus(id, 'Disable'));
  return gone();
}

const isCname = (record: DnsRecord): boolean => record.type === 'CNAME' && record.line === line;

const allAt = async ({ dns: client, spec }: StageContext<'dns'>): Promise<DnsRecord[]> =>
  spec.dns === undefined ? [] : await client.listRecords({ domainName: spec.dns.domain, rr: spec.dns.rr });

/** CNAMEs of the default line at the host. */
const recordsAt = async (context: StageContext<'dns'>): Promise<DnsRecord[]> => (await allAt(context)).filter(isCname);
