/** What stands in the way of taking a zone from a network that we made. Pure. */
import { covers } from '../net/cidr.ts';
import { outputsOf, type DeploymentRecord } from './record.ts';
import type { Problem, Spec } from './spec.ts';

/** Servers of ours that go on standing in a zone that the request gives up, each with what to do. */
export function leftInZones(record: DeploymentRecord, after: Spec): Problem[] {
  if ('vpcId' in record.spec.network || 'vpcId' in after.network) return [];
  const staying = new Set(after.network.vSwitches.map(({ zoneId }) => zoneId));
  const names = new Set(after.backends.map(({ name }) => name));
  const { vSwitches = [] } = outputsOf(record, 'network');
  const { instances = [] } = outputsOf(record, 'instances');
  return vSwitches
    .filter(({ zoneId }) => !staying.has(zoneId))
    .flatMap(({ zoneId, cidrBlock, ipv6CidrBlock }) =>
      instances
        .filter(
          ({ name, address }) => names.has(name) && [cidrBlock, ipv6CidrBlock].some((block) => covers(block, address)),
        )
        .map(({ name }) => ({
          field: 'network.vSwitches',
          message: `zone ${zoneId} cannot go: server ${name} stands in it. First replace it by a server of another name in a zone that stays (PATCH backends), then take the zone out.`,
        })),
    );
}
