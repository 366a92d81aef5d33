import { flag, oneOf, required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { checkWording } from '../params.ts';
import type { Vpc, VpcState } from '../state.ts';

function checkIpv6CanGo(state: VpcState, vpc: Vpc): void {
  if (state.gatewayOf(vpc.id) !== undefined) throw refuse('OperationFailed.Ipv6GatewayInUse');
  if (state.vSwitchesOf(vpc.id).some((vSwitch) => vSwitch.ipv6CidrBlock !== ''))
    throw refuse('OperationFailed.IpV6VSwitchInuse');
}

/**
 * ModifyVpcAttribute, VPC 2016-04-28. The parameter is EnableIPv6 here and EnableIpv6 in CreateVpc (P-024).
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-modifyvpcattribute (text as in SDK 7.3.2); codes META-VPC.
 */
export const modifyVpcAttribute = rpcAction<VpcState>()({
  isWrite: true,
  params: {
    VpcId: required(text()),
    VpcName: text(),
    Description: text(),
    EnableIPv6: flag(),
    Ipv6Isp: oneOf('BGP', 'ChinaMobile', 'ChinaUnicom', 'ChinaTelecom'),
  },
  apply(state, params) {
    const { clock, latency } = state.context;
    checkWording(params.VpcName, 128, 'InvalidVpcName.Malformed');
    checkWording(params.Description, 256, 'InvalidVpcDiscription.Malformed');
    if ((params.Ipv6Isp ?? 'BGP') !== 'BGP') throw refuse('UnsupportedFeature.Ipv6Isp');
    const vpc = state.vpc(params.VpcId);
    if (state.vpcs.statusOf(vpc) !== 'Available') throw refuse('IncorrectVpcStatus');
    const changesIpv6 = params.EnableIPv6 !== undefined && params.EnableIPv6 !== (vpc.ipv6CidrBlock !== '');
    if (changesIpv6 && params.EnableIPv6 === false) checkIpv6CanGo(state, vpc);
    vpc.name = params.VpcName ?? vpc.name;
    vpc.description = params.Description ?? vpc.description;
    if (changesIpv6) {
      vpc.ipv6CidrBlock = params.EnableIPv6 === true ? state.nextIpv6Block() : '';
      vpc.status = begin(clock, 'Pending', 'Available', latency.vpcMs);
    }
    return {};
  },
});
