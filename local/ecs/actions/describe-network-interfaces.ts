import { flag, integer, list, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { page } from '../paging.ts';
import type { EcsState } from '../state.ts';
import { readTagFilter, tagFilter } from '../tagging.ts';
import { networkInterfaceForm } from '../wire-forms.ts';

/** DescribeNetworkInterfaces, ECS 2014-05-26; also shows the cards of other services. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describenetworkinterfaces (read 2026-11-22). */
export const describeNetworkInterfaces = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    NetworkInterfaceId: list(required(text()), 100),
    NetworkInterfaceName: text(),
    VpcId: text(),
    VSwitchId: text(),
    InstanceId: text(),
    SecurityGroupId: text(),
    ServiceManaged: flag(),
    Status: oneOf('Available', 'Attaching', 'InUse', 'Detaching', 'Deleting'),
    Type: oneOf('Primary', 'Secondary'),
    PrimaryIpAddress: text(),
    PrivateIpAddress: list(required(text()), 100),
    Ipv6Address: list(required(text()), 100),
    ResourceGroupId: text(),
    Tag: tagFilter(),
    MaxResults: integer(1),
    NextToken: text(),
    PageNumber: integer(1),
    PageSize: integer(1, 1000),
  },
  apply(state, params) {
    const found = state.networkInterfaces
      .listByTags(readTagFilter(params.Tag))
      .filter(
        (card) =>
          (params.NetworkInterfaceId === undefined || params.NetworkInterfaceId.includes(card.id)) &&
          (params.NetworkInterfaceName === undefined || card.name === params.NetworkInterfaceName) &&
          (params.VpcId === undefined || card.vpcId === params.VpcId) &&
          (params.VSwitchId === undefined || card.vSwitchId === params.VSwitchId) &&
          (params.InstanceId === undefined || card.instanceId === params.InstanceId) &&
          (params.SecurityGroupId === undefined || card.securityGroupIds.includes(params.SecurityGroupId)) &&
          (params.ServiceManaged === undefined || card.serviceManaged === params.ServiceManaged) &&
          (params.Status === undefined || state.networkInterfaces.statusOf(card) === params.Status) &&
          (params.Type === undefined || (params.Type === 'Primary') === (card.instanceId !== '')) &&
          (params.PrimaryIpAddress === undefined || card.privateIpAddress === params.PrimaryIpAddress) &&
          (params.PrivateIpAddress === undefined || params.PrivateIpAddress.includes(card.privateIpAddress)) &&
          (params.Ipv6Address === undefined ||
            params.Ipv6Address.some((address) => card.ipv6Addresses.includes(address))),
      );
    const { items, fields } = page(found, params, { min: 10, max: 500 }, () => refuse('InvalidParameter', 'NextToken'));
    return {
      ...fields,
      NetworkInterfaceSets: { NetworkInterfaceSet: items.map((card) => networkInterfaceForm(state, card)) },
    };
  },
});
