import { refuse } from './errors.ts';
import type { Vpc, VpcState } from './state.ts';

/**
 * The `/64` that a vSwitch gets for its subnet byte.
 *
 * @throws IllegalParam.Ipv6CidrBlock outside 0 to 255, IllegalParam.VpcIpv6CidrBlock for a block that is not the VPC's,
 *   OperationFailed.VpcIpv6Disabled, OperationFailed.Ipv6CidrBlockExisted when another vSwitch has the byte.
 */
export function ipv6SubnetFor(state: VpcState, vpc: Vpc, index: number, vpcBlock: string | undefined): string {
  if (index < 0 || index > 255) throw refuse('IllegalParam.Ipv6CidrBlock', `${index} is not between 0 and 255.`);
  if (vpc.ipv6CidrBlock === '') throw refuse('OperationFailed.VpcIpv6Disabled');
  if (vpcBlock !== undefined && vpcBlock !== vpc.ipv6CidrBlock) throw refuse('IllegalParam.VpcIpv6CidrBlock', vpcBlock);
  const subnet = state.ipv6Subnet(vpc, index);
  const holder = state.vSwitchesOf(vpc.id).find((vSwitch) => vSwitch.ipv6CidrBlock === subnet);
  if (holder !== undefined) throw refuse('OperationFailed.Ipv6CidrBlockExisted', `${holder.id} has ${subnet}.`);
  return subnet;
}
