import type { StageOutputs, FormerName } from './outputs.ts';
import { type DeploymentRecord, outputsOf } from './record.ts';
import type { Spec } from './spec.ts';

interface Name {
  domain: string;
  rr: string;
}

export const isSameName = (a: Name, b: Name): boolean => a.domain === b.domain && a.rr === b.rr;

/**
 * The record with a request that has another name, or none: what we have put at the present name is remembered as a former
 * name, until the stage has taken it down. A name that comes back is no former one any more. Pure.
 */
export function withNameOf(record: DeploymentRecord, after: Spec): DeploymentRecord['stages'] {
  const { dns: before } = record.spec;
  const { dns } = after;
  const { intent, recordId, former = [] } = outputsOf(record, 'dns');
  if (before === undefined ? dns === undefined : dns !== undefined && isSameName(before, dns)) return record.stages;
  const present: FormerName[] =
    before === undefined || intent === undefined ? [] : [{ domain: before.domain, rr: before.rr, recordId, intent }];
  const all = [...former.filter((name) => before === undefined || !isSameName(name, before)), ...present];
  const back = dns === undefined ? undefined : all.find((name) => isSameName(name, dns));
  const outputs: Partial<StageOutputs['dns']> = {
    ...record.stages.dns.outputs,
    intent: back?.intent,
    recordId: back?.recordId,
    former: all.filter((name) => name !== back),
  };
  return { ...record.stages, dns: { ...record.stages.dns, outputs } };
}

/** Every name at which there may be a record of ours: the present one, and those before it. */
export function namesOf(record: DeploymentRecord): { name: Name; intent: Partial<FormerName['intent']> }[] {
  const { intent = {}, former = [] } = outputsOf(record, 'dns');
  const { dns } = record.spec;
  return [
    ...(dns === undefined ? [] : [{ name: { domain: dns.domain, rr: dns.rr }, intent }]),
    ...former.map(({ domain, rr, intent: formerIntent }) => ({ name: { domain, rr }, intent: formerIntent })),
  ];
}
