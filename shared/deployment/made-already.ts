/** Where a changed request contradicts what has been made for the one before. Pure. */
import { outputsOf, type DeploymentRecord } from './record.ts';
import { isAdopted } from './adopted.ts';
import { leftInZones } from './leaving-zones.ts';
import { differencesOf } from './changes/differences.ts';
import { changeOf } from './changes/table.ts';
import type { Backend, Problem, Spec } from './spec.ts';
import { valueAt } from '../dictionary.ts';

/** A server that keeps its name keeps its instance, and what cloud-init did once cannot change. */
const changedServers = (before: Spec, after: Spec, exists: (backend: Backend) => boolean): Problem[] =>
  differencesOf(before, after).flatMap(({ field, path }) => {
    if (changeOf(path)?.kind !== 'never' || !path.startsWith('backends.')) return [];
    const backend = before.backends.find(({ name }) => path === `backends.${name}.${path.split('.').at(-1)}`);
    return backend === undefined || !exists(backend)
      ? []
      : [
          {
            field,
            message: `${backend.name} exists with another ${path.split('.').at(-1)}: give the new server another name`,
          },
        ];
  });

/** Fields of stages that are not done, and that have made something all the same. */
export function contradictions(record: DeploymentRecord, after: Spec): Problem[] {
  const { spec: before } = record;
  const { ids = {} } = outputsOf(record, 'instances');
  return [
    ...changedNetwork(record, after),
    ...leftInZones(record, after),
    ...changedServers(before, after, (backend) => !isAdopted(backend) && valueAt(ids, backend.name) !== undefined),
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
