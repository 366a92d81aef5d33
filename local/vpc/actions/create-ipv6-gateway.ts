import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { checkWording, tagsParam } from '../params.ts';
import type { VpcState } from '../state.ts';
import { newTags } from '../tagging.ts';
import { defaultResourceGroupId } from '../wire-forms.ts';

/**
 * CreateIpv6Gateway, VPC 2016-04-28. One per VPC, and none comes with a VPC made by the API (P-026). IPv6 on a vSwitch is
 * asked for by the page but not enforced: vendors' own examples make a gateway in a VPC without vSwitches.
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-createipv6gateway (text as in SDK 7.3.2); codes META-VPC. Rate limit:
 * https://help.aliyun.com/zh/vpc/developer-reference/api-vpc-2016-04-28-quota
 */
export const createIpv6Gateway = rpcAction<VpcState>()({
  isWrite: true,
  clientToken: true,
  dryRun: true,
  needsRegionId: true,
  limit: { calls: 300, perMs: 60_000 },
  params: { VpcId: required(text()), Name: text(), Description: text(), Tag: tagsParam() },
  apply(state, params, _call, commit) {
    const { clock, latency, nextId } = state.context;
    checkWording(params.Name, 128, 'IllegalParam.Name');
    checkWording(params.Description, 256, 'IllegalParam.Description');
    const tags = newTags(params.Tag);
    const vpc = state.vpc(params.VpcId);
    if (state.vpcs.statusOf(vpc) !== 'Available') throw refuse('IncorrectStatus.Vpc');
    if (vpc.ipv6CidrBlock === '') throw refuse('OperationFailed.VpcIpv6Disabled');
    const existing = state.gatewayOf(vpc.id);
    if (existing !== undefined) throw refuse('OperationUnsupported.OnlyOneIpv6GatewayInVpc', existing.id);
    commit();
    const gateway = state.ipv6Gateways.add({
      id: nextId('ipv6gw-uf6'),
      createdAtMs: clock.nowMs(),
      status: begin(clock, 'Creating', 'Available', latency.ipv6GatewayMs),
      tags,
      vpcId: vpc.id,
      name: params.Name ?? '',
      description: params.Description ?? '',
    });
    return { Ipv6GatewayId: gateway.id, ResourceGroupId: defaultResourceGroupId };
  },
});
