import type { DnsRecord } from '../../shared/alibaba/dns-client.ts';
import { valueAt } from '../../shared/dictionary.ts';
import type { DnsIntent } from '../../shared/deployment/outputs.ts';
import { isTaken } from '../../shared/dns-conflicts.ts';
import { domainNameOf, sameName } from '../../shared/domain-name.ts';
import { hasCode } from '../../shared/alibaba/cloud-error.ts';
import type { StageContext } from '../../shared/stage.ts';
import { isCname, line, recordsAt } from './records.ts';

type Context = StageContext<'dns'>;

/** What is known of a name of ours, and by what it was ours. */
export interface Standing {
  domain: string;
  rr: string;
  intent: Partial<DnsIntent> & { value: string };
}

/**
 * Deletes our record, or restores what it had replaced; a record that others have led elsewhere since stays as it is.
 *
 * @returns what there is to wait for; undefined where nothing of ours is left.
 */
export async function takeDown(context: Context, name: Standing): Promise<string | undefined> {
  const { domain, intent } = name;
  const all = await recordsAt(context, name);
  const ours = all.filter(isCname).find((candidate) => sameName(candidate.value, intent.value));
  const { previousValue, previousTtl, previousRemark, previousStatus } = intent;
  if (ours === undefined) return await bringBack(context, name, all);
  if (previousValue === undefined) {
    await context.change('delete', { id: ours.recordId }, () => context.dns.deleteRecord(ours.recordId));
    return 'the record is being deleted';
  }
  const restored = {
    domainName: domain,
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
  return 'the record that stood here before is being restored';
}

/** Seconds, for a record of which only the value is remembered. */
const ttlOfOldest = 600;

/**
 * Ours is gone. What it had replaced is added again where others have deleted ours and put nothing in its place; remark
 * and status follow by calls of their own.
 */
async function bringBack(context: Context, name: Standing, all: DnsRecord[]): Promise<string | undefined> {
  const { dns, record } = context;
  const { previousValue, previousTtl, previousRemark = '', previousStatus } = name.intent;
  if (previousValue === undefined) return undefined;
  const purpose = `former-record ${domainNameOf(name)}`;
  const back = all.filter(isCname).find(({ value }) => sameName(value, previousValue));
  if (back === undefined) {
    if (isTaken(all, line)) return undefined;
    const ttl = previousTtl ?? ttlOfOldest;
    const former = { domainName: name.domain, rr: name.rr, type: 'CNAME', value: previousValue, ttl, line };
    try {
      await context.create(purpose, 'DomainRecord', former, () => dns.addRecord(former));
    } catch (error) {
      // Others have put something there since we looked.
      if (hasCode(error, ['DomainRecordConflict'])) return undefined;
      throw error;
    }
    return 'the record that stood here before is being added again';
  }
  // Others may have brought it back as they like it.
  const { tokens } = record.stages.dns;
  if (valueAt(tokens, purpose) === undefined && tokens['former-record'] === undefined) return undefined;
  const { recordId: id, remark, status } = back;
  if (remark !== previousRemark)
    await context.change('former-remark', { id, remark }, () => dns.setRemark(id, previousRemark));
  if (previousStatus === 'DISABLE' && status !== 'DISABLE')
    await context.change('former-status', { id }, () => dns.setStatus(id, 'Disable'));
  return undefined;
}
