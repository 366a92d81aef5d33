import { text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { page, pageParams, tagsParam } from '../params.ts';
import type { VpcState } from '../state.ts';
import { tagFilter } from '../tagging.ts';
import { ipv6GatewayForm } from '../wire-forms.ts';

/**
 * DescribeIpv6Gateways, VPC 2016-04-28. The tag filter is spelt Tags here (P-025); Tag, its name everywhere else, is
 * refused, since the real service may ignore it and answer every gateway.
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describeipv6gateways (text as in SDK 7.3.2); limits META2-VPC.
 */
export const describeIpv6Gateways = rpcAction<VpcState>()({
  isWrite: false,
  needsRegionId: true,
  params: { Ipv6GatewayId: text(), VpcId: text(), Name: text(), Tags: tagsParam(), ...pageParams(100) },
  apply(state, params) {
    const found = state.ipv6Gateways
      .listByTags(tagFilter(params.Tags, 10))
      .filter(
        (gateway) =>
          (params.Ipv6GatewayId === undefined || gateway.id === params.Ipv6GatewayId) &&
          (params.VpcId === undefined || gateway.vpcId === params.VpcId) &&
          (params.Name === undefined || gateway.name === params.Name),
      );
    const { items, fields } = page(found, params);
    return { ...fields, Ipv6Gateways: { Ipv6Gateway: items.map((gateway) => ipv6GatewayForm(state, gateway)) } };
  },
});
