import { type ChangeTable, inPlace, never, onlyOurs, secondLoadBalancer } from './entry.ts';

const why = 'what stands in a network cannot move to another one';

export const networkChanges: ChangeTable = {
  'network.vpcName': never(
    ['network'],
    'it is given at creation',
    'rename the VPC in the console: its name is not compared',
  ),
  'network.cidrBlock': never(['network'], why, secondLoadBalancer),
  'network.vSwitches.**': never(['network'], why, secondLoadBalancer),
  'network.vpcId': never(['network'], why, secondLoadBalancer),
  'network.vSwitchIds': never(['network'], why, secondLoadBalancer),
  'network.enableIpv6': inPlace(['network'], 'the next apply, which may turn IPv6 on from then on, or not', onlyOurs),
};
