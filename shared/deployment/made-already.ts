/** Where a changed request contradicts what has been made for the one before. Pure. */
import { outputsOf, type DeploymentRecord } from './record.ts';
import { isAdopted } from './adopted.ts';
import type { Backend, Problem, Spec } from './spec.ts';
import { valueAt } from '../dictionary.ts';

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** A server that keeps its name keeps its instance, and what cloud-init did once cannot change. */
export const changedServers = (
  before: Spec,
  after: Spec,
  exists: (backend: Backend) => boolean = () => true,
): Problem[] =>
  after.backends.flatMap((backend, index) => {
    const known = before.backends.find(({ name }) => name === backend.name);
    if (known === undefined || !exists(known)) return [];
    return ['family', 'port', 'page', 'zoneId', 'instanceId']
      .filter((key) => differs(valueAt(known, key), valueAt(backend, key)))
      .map((key) => ({
        field: `backends.${index}.${key}`,
        message: `${backend.name} exists with another ${key}: give the new server another name`,
      }));
  });

/** What of a load balancer that serves can change in place; everything else is fixed at creation or names what exists. */
export const changeable: Partial<Record<keyof Spec, readonly string[] | 'whole'>> = {
  backends: 'whole',
  serverGroup: ['healthCheck'],
  dns: ['ttl', 'replaceExisting'],
  alerts: 'whole',
  probe: 'whole',
};

/** Fields in which two requests differ although a load balancer that serves cannot change in them. */
export function fixedFields(before: Spec, after: Spec): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Spec>;
  return [...fields].flatMap((field) => {
    const parts = changeable[field];
    const [old, now] = [before[field], after[field]] as (Record<string, unknown> | undefined)[];
    if (!differs(old, now) || parts === 'whole' || field === 'onFailure') return [];
    if (parts === undefined || old === undefined || now === undefined) return [field];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((part) => !parts.includes(part) && differs(valueAt(old, part), valueAt(now, part)))
      .map((part) => `${field}.${part}`);
  });
}

/** Fields of stages that are not done, and that have made something all the same. */
export function contradictions(record: DeploymentRecord, after: Spec): Problem[] {
  const { spec: before } = record;
  const { ids = {} } = outputsOf(record, 'instances');
  return [
    ...changedNetwork(record, after),
    ...changedServers(before, after, (backend) => !isAdopted(backend) && valueAt(ids, backend.name) !== undefined),
    ...changedName(record, after),
  ];
}

function changedNetwork(record: DeploymentRecord, after: Spec): Problem[] {
  const { network } = record.spec;
  const { vpcId, vSwitches = [], ipv6EnabledOn = [] } = outputsOf(record, 'network');
  if ('vpcId' in network) {
    const isOther = !('vpcId' in after.network) || after.network.vpcId !== network.vpcId;
    return isOther && ipv6EnabledOn.length > 0
      ? [{ field: 'network.vpcId', message: `IPv6 has been turned on in ${ipv6EnabledOn.join(', ')}` }]
      : [];
  }
  if (vpcId === undefined) return [];
  if ('vpcId' in after.network) return [{ field: 'network.vpcId', message: `VPC ${vpcId} has been made` }];
  if (after.network.cidrBlock !== network.cidrBlock)
    return [{ field: 'network.cidrBlock', message: `VPC ${vpcId} has been made with ${network.cidrBlock}` }];
  return after.network.vSwitches.flatMap(({ zoneId, cidrBlock }, index) => {
    const made = vSwitches.find((vSwitch) => vSwitch.zoneId === zoneId);
    return made === undefined || made.cidrBlock === cidrBlock
      ? []
      : [
          {
            field: `network.vSwitches.${index}.cidrBlock`,
            message: `vSwitch ${made.vSwitchId} has been made with ${made.cidrBlock}`,
          },
        ];
  });
}

/** The release looks for our record where the request says: a record at another name would be left behind. */
function changedName(record: DeploymentRecord, after: Spec): Problem[] {
  const { dns } = record.spec;
  if (dns === undefined || outputsOf(record, 'dns').intent === undefined) return [];
  return (['domain', 'rr'] as const)
    .filter((key) => after.dns?.[key] !== dns[key])
    .map((key) => ({ field: `dns.${key}`, message: `a record at ${dns[key]} may have been made` }));
}
