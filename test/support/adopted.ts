import type { EmbeddedCloud } from '../../local/cloud.ts';
import { seedExisting } from '../../local/seed-existing.ts';
import { seedNetwork, type NetworkSeed, type SeededNetwork } from '../../local/vpc/seed.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { existingNetwork } from './tutorial.ts';

export const zones = ['cn-shanghai-e', 'cn-shanghai-g'];

/** The tutorial's servers in a network that stands there already. */
export function inNetwork(
  cloud: EmbeddedCloud,
  seed: Partial<NetworkSeed> = {},
): { seeded: SeededNetwork; spec: SpecInput } {
  const seeded = seedNetwork(cloud.vpc, { zones, ...seed });
  return { seeded, spec: { network: { vpcId: seeded.vpcId, vSwitchIds: seeded.vSwitchIds } } };
}

/** Network and servers of the event that adopts them, and that event. */
export function seedServers(cloud: EmbeddedCloud): { vpcId: string; instanceIds: string[]; spec: SpecInput } {
  const spec = existingNetwork();
  const network = spec.network as { vpcId: string; vSwitchIds: string[] };
  const backends = (spec.backends ?? []) as { name: string; family: string; instanceId: string }[];
  seedExisting(cloud, {
    vpcId: network.vpcId,
    vSwitches: network.vSwitchIds.map((vSwitchId, index) => ({ vSwitchId, zoneId: zones[index] ?? '' })),
    instances: backends.map(({ name, family, instanceId }) => ({
      instanceId,
      name,
      ipv6: family === 'ipv6',
      page: `Hello World ! this is ${family} rs.`,
    })),
  });
  return { vpcId: network.vpcId, instanceIds: backends.map(({ instanceId }) => instanceId), spec };
}
