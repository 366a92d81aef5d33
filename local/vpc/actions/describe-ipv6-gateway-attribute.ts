import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { VpcState } from '../state.ts';
import { ipv6GatewayForm } from '../wire-forms.ts';

/**
 * DescribeIpv6GatewayAttribute, VPC 2016-04-28. A gateway that is not there answers 200 with an empty id (P-029; TF-VPC2).
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describeipv6gatewayattribute (text as in SDK 7.3.2).
 */
export const describeIpv6GatewayAttribute = rpcAction<VpcState>()({
  isWrite: false,
  needsRegionId: true,
  params: { Ipv6GatewayId: required(text()) },
  apply(state, params) {
    const gateway = state.ipv6Gateways.find(params.Ipv6GatewayId);
    if (gateway === undefined) return { Ipv6GatewayId: '', Name: '', VpcId: '', Status: '' };
    return ipv6GatewayForm(state, gateway);
  },
});
