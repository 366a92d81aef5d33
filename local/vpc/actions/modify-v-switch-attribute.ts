import { flag, integer, required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { ipv6SubnetFor } from '../ipv6-subnets.ts';
import { checkWording } from '../params.ts';
import type { VpcState, VSwitch } from '../state.ts';

interface Wanted {
  EnableIPv6: boolean | undefined;
  Ipv6CidrBlock: number | undefined;
  VpcIpv6CidrBlock: string | undefined;
}

/** The vSwitch's IPv6 block after the change. EnableIPv6 defaults to false, so the byte alone contradicts itself. */
function ipv6After(state: VpcState, vSwitch: VSwitch, wanted: Wanted): string {
  if (wanted.EnableIPv6 !== true && wanted.Ipv6CidrBlock !== undefined)
    throw refuse('ParamExclusive.DisableIpv6AndIpv6CidrBlock');
  if (wanted.EnableIPv6 === undefined) return vSwitch.ipv6CidrBlock;
  if (wanted.EnableIPv6) {
    if (vSwitch.ipv6CidrBlock !== '') throw refuse('OperationFailed.Ipv6AlreadyEnabled');
    if (wanted.Ipv6CidrBlock === undefined) throw refuse('MissingParam.Ipv6CidrBlock');
    return ipv6SubnetFor(state, state.vpc(vSwitch.vpcId), wanted.Ipv6CidrBlock, wanted.VpcIpv6CidrBlock);
  }
  if (vSwitch.ipv6CidrBlock === '') throw refuse('OperationFailed.IPv6Disabled');
  state.dependents({});
  if ([...vSwitch.addresses.keys()].some((address) => address.includes(':')))
    throw refuse('OperationFailed.Ipv6InstanceExist');
  return '';
}

/**
 * ModifyVSwitchAttribute, VPC 2016-04-28. The parameter is EnableIPv6, with a capital P (P-024); no token, no DryRun.
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-modifyvswitchattribute (text as in SDK 7.3.2); codes META-VPC.
 */
export const modifyVSwitchAttribute = rpcAction<VpcState>()({
  isWrite: true,
  params: {
    VSwitchId: required(text()),
    VSwitchName: text(),
    Description: text(),
    EnableIPv6: flag(),
    Ipv6CidrBlock: integer(),
    Ipv6CidrMask: integer(64, 64),
    VpcIpv6CidrBlock: text(),
  },
  apply(state, params) {
    const { clock, latency } = state.context;
    checkWording(params.VSwitchName, 128, 'InvalidVSwitchName.Malformed');
    checkWording(params.Description, 256, 'InvalidVSwitchDiscription.Malformed');
    const vSwitch = state.vSwitches.find(params.VSwitchId);
    if (vSwitch === undefined) throw refuse('InvalidVSwitchId.NotFound', params.VSwitchId);
    if (state.vSwitches.statusOf(vSwitch) !== 'Available') throw refuse('IncorrectStatus.VSwitch');
    if (state.vpcs.statusOf(state.vpc(vSwitch.vpcId)) !== 'Available') throw refuse('OperationConflict');
    vSwitch.ipv6CidrBlock = ipv6After(state, vSwitch, params);
    vSwitch.name = params.VSwitchName ?? vSwitch.name;
    vSwitch.description = params.Description ?? vSwitch.description;
    vSwitch.isBeingModified = true;
    vSwitch.status = begin(clock, 'Pending', 'Available', latency.vSwitchMs);
    return {};
  },
});
