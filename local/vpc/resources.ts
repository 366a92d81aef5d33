import { resourceTable, valuesOf } from '../authorization/resources.ts';
import type { Collection, Kept } from '../lifecycle.ts';
import { tagsIn } from '../lifecycle.ts';
import type { VpcState } from './state.ts';
import { valueAt } from '../dictionary.ts';

const collections = (state: VpcState): Record<string, Pick<Collection<Kept>, 'find'>> => ({
  vpc: state.vpcs,
  vswitch: state.vSwitches,
  ipv6gateway: state.ipv6Gateways,
});

/** Tags of a VPC, a vSwitch or an IPv6 gateway, for ECS too. */
export const vpcTagsOf = (state: VpcState, type: string, id: string): Record<string, string> | undefined =>
  tagsIn(valueAt(collections(state), type)?.find(id));

/**
 * Read (public copies of the vendor's API pages, https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-ram):
 * CreateVpc, DescribeVpcs, DescribeVSwitches, DescribeVSwitchAttributes, and CreateIpv6Gateway in part. That a create in a VPC
 * also asks for that VPC is read for its siblings (CreateNetworkAcl). inf: the other rows, by the same form; tags, where the
 * sources say nothing of an associated action.
 */
export const vpcResources = resourceTable<VpcState>()({
  source: 'https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-ram',
  service: 'vpc',
  actions: {
    CreateVpc: ['vpc/*'],
    DescribeVpcs: ['vpc/{VpcId}'],
    DescribeVpcAttribute: ['vpc/{VpcId}'],
    ModifyVpcAttribute: ['vpc/{VpcId}'],
    DeleteVpc: ['vpc/{VpcId}'],
    CreateVSwitch: ['vswitch/*', 'vpc/{VpcId}'],
    DescribeVSwitches: ['vswitch/*'],
    DescribeVSwitchAttributes: ['vswitch/{VSwitchId}'],
    ModifyVSwitchAttribute: ['vswitch/{VSwitchId}'],
    DeleteVSwitch: ['vswitch/{VSwitchId}'],
    CreateIpv6Gateway: ['ipv6gateway/*', 'vpc/{VpcId}'],
    DescribeIpv6Gateways: ['ipv6gateway/*'],
    DescribeIpv6GatewayAttribute: ['ipv6gateway/{Ipv6GatewayId}'],
    DeleteIpv6Gateway: ['ipv6gateway/{Ipv6GatewayId}'],
    TagResources: ['{tagged}'],
    UnTagResources: ['{tagged}'],
    ListTagResources: ['{tagged}'],
  },
  variables: {
    tagged: (_state, params) => {
      const type = (valueAt(params, 'ResourceType') ?? '').toLowerCase();
      const ids = valuesOf(params, 'ResourceId');
      return (ids.length === 0 ? ['*'] : ids).map((id) => `${type}/${id}`);
    },
  },
  tagsOf: vpcTagsOf,
});
