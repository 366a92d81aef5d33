import type { Spec } from '../spec.ts';
import { type ChangeTable, inPlace, never, onlyOurs, secondLoadBalancer } from './entry.ts';

type PlannedVSwitch = Extract<Spec['network'], { vSwitches: unknown }>['vSwitches'][number];

const why = 'what stands in a network cannot move to another one';

/** What of a vSwitch that stays would be another. */
function otherVSwitch(before: unknown, after: unknown): string | undefined {
  const known = new Map((before as PlannedVSwitch[]).map((one) => [one.zoneId, one]));
  for (const { zoneId, cidrBlock, name } of after as PlannedVSwitch[]) {
    const stands = known.get(zoneId);
    if (stands === undefined) continue;
    if (stands.cidrBlock !== cidrBlock)
      return `the vSwitch in zone ${zoneId} stands with ${stands.cidrBlock}, and no call changes that. Instead take the zone out, and add it with ${cidrBlock} once it has gone.`;
    if (stands.name !== name)
      return `the vSwitch in zone ${zoneId} is called ${stands.name}: it is given at creation. Instead rename it in the console: its name is not compared.`;
  }
  return undefined;
}

export const networkChanges: ChangeTable = {
  'network.vpcName': never(
    ['network'],
    'it is given at creation',
    'rename the VPC in the console: its name is not compared',
  ),
  'network.cidrBlock': never(['network'], why, secondLoadBalancer),
  'network.vSwitches.**': inPlace(
    ['network', 'load-balancer'],
    'CreateVSwitch, UpdateLoadBalancerZones, DeleteVSwitch',
    {
      note: 'Zones come and go, two stay at least; a vSwitch that we made goes with its zone once no server is left in it',
      refuses: otherVSwitch,
      notAdopted: 'vSwitches that others made are no part of a network that is ours',
    },
  ),
  'network.vpcId': never(['network'], why, secondLoadBalancer),
  // The load balancer's stage compares it.
  'network.vSwitchIds': inPlace(['load-balancer', 'network'], 'UpdateLoadBalancerZones', {
    note: 'Zones come and go, two stay at least; a zone that stays keeps its vSwitch',
  }),
  'network.enableIpv6': inPlace(['network'], 'the next apply, which may turn IPv6 on from then on, or not', onlyOurs),
};
