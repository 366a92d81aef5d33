import { tagSet } from './tagging.ts';
import type { Ipv6Gateway, VpcState, VSwitch, Vpc } from './state.ts';

/** How the answers of VPC 2016-04-28 spell a resource; collections are wrapped twice. Source: SDK-VPC response models. */

export const defaultResourceGroupId = 'rg-acfmxlocaldefault';

const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** The fields that DescribeVpcs and DescribeVpcAttribute share. */
export const vpcForm = (state: VpcState, vpc: Vpc) => ({
  VpcId: vpc.id,
  VpcName: vpc.name,
  Description: vpc.description,
  Status: state.vpcs.statusOf(vpc),
  RegionId: state.context.regionId,
  CidrBlock: vpc.cidrBlock,
  EnabledIpv6: vpc.ipv6CidrBlock !== '',
  Ipv6CidrBlock: vpc.ipv6CidrBlock,
  Ipv6CidrBlocks: {
    Ipv6CidrBlock: vpc.ipv6CidrBlock === '' ? [] : [{ Ipv6CidrBlock: vpc.ipv6CidrBlock, Ipv6Isp: 'BGP' }],
  },
  VSwitchIds: { VSwitchId: state.vSwitchesOf(vpc.id).map(({ id }) => id) },
  SecondaryCidrBlocks: { SecondaryCidrBlock: [] },
  UserCidrs: { UserCidr: [] },
  VRouterId: vpc.vRouterId ?? '',
  CreationTime: time(vpc.createdAtMs),
  IsDefault: false,
  OwnerId: Number(state.context.credentials.accountId),
  ResourceGroupId: defaultResourceGroupId,
  Tags: tagSet(vpc.tags),
});

/** Of DescribeVSwitches and DescribeVSwitchAttributes alike. */
export const vSwitchForm = (state: VpcState, vSwitch: VSwitch) => ({
  VSwitchId: vSwitch.id,
  VSwitchName: vSwitch.name,
  Description: vSwitch.description,
  Status: state.vSwitches.statusOf(vSwitch),
  VpcId: vSwitch.vpcId,
  ZoneId: vSwitch.zoneId,
  CidrBlock: vSwitch.cidrBlock,
  EnabledIpv6: vSwitch.ipv6CidrBlock !== '',
  Ipv6CidrBlock: vSwitch.ipv6CidrBlock,
  AvailableIpAddressCount: state.availableIpAddressCount(vSwitch),
  CreationTime: time(vSwitch.createdAtMs),
  IsDefault: false,
  NetworkAclId: '',
  OwnerId: Number(state.context.credentials.accountId),
  ResourceGroupId: defaultResourceGroupId,
  RouteTable: { RouteTableId: state.vpcs.find(vSwitch.vpcId)?.routeTableId ?? '', RouteTableType: 'System' },
  ShareType: '',
  Tags: tagSet(vSwitch.tags),
});

/** Of DescribeIpv6Gateways and DescribeIpv6GatewayAttribute alike. */
export const ipv6GatewayForm = (state: VpcState, gateway: Ipv6Gateway) => ({
  Ipv6GatewayId: gateway.id,
  Name: gateway.name,
  Description: gateway.description,
  Status: state.ipv6Gateways.statusOf(gateway),
  BusinessStatus: 'Normal',
  VpcId: gateway.vpcId,
  RegionId: state.context.regionId,
  CreationTime: time(gateway.createdAtMs),
  ExpiredTime: '',
  InstanceChargeType: 'PostPaid',
  OwnerId: Number(state.context.credentials.accountId),
  ResourceGroupId: defaultResourceGroupId,
  Tags: tagSet(gateway.tags),
});
