import { backendChanges } from './backends.ts';
import { dnsChanges } from './dns.ts';
import { type ChangeTable, type FieldChange, inPlace, never, onlyOurs } from './entry.ts';
import { listenerChanges } from './listener.ts';
import { loadBalancerChanges } from './load-balancer.ts';
import { networkChanges } from './network.ts';
import { valueAt } from '../../dictionary.ts';
import { securityGroupChanges } from './security-group.ts';
import { serverGroupChanges } from './server-group.ts';

/**
 * Every field of the request: whether it changes in place once the load balancer stands, and by what; or why never, and what
 * to do instead. PATCH, retry, adopt and docs/changes.md go by it.
 */
export const changeTable: ChangeTable = {
  name: never(
    [],
    'it is claimed for as long as the load balancer lives, and alerts go by it',
    'rename what the console shows by loadBalancer.name and serverGroup.name',
  ),
  regionId: never(
    [],
    'an installation works in one region',
    'ask an installation of the other region for a load balancer, and let that take the name over once it is ready',
  ),
  ...networkChanges,
  ...backendChanges,
  ...securityGroupChanges,
  ...loadBalancerChanges,
  ...serverGroupChanges,
  ...listenerChanges,
  ...dnsChanges,
  onFailure: inPlace([], 'the record: it holds for the next failure', onlyOurs),
  'alerts.**': inPlace([], 'the record: it holds from the next tick', onlyOurs),
  'probe.**': inPlace([], 'the record: it holds from the next tick', onlyOurs),
};

/** The entry of a field, by its own name, as a member of a list, or by that of something above it; undefined: no such field. */
export function changeOf(path: string): FieldChange | undefined {
  const parts = path.split('.');
  const known = [
    path,
    `${parts[0]}.*.${parts.at(-1)}`,
    ...parts.map((_, index) => [...parts.slice(0, index + 1), '**'].join('.')),
  ];
  return known.map((candidate) => valueAt(changeTable, candidate)).find((change) => change !== undefined);
}
