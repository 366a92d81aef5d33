import { flag, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { VpcState } from '../state.ts';
import { vpcForm } from '../wire-forms.ts';

/** What still blocks the deletion of a VPC, counted by kind. */
function cloudResources(state: VpcState, vpcId: string): { ResourceType: string; ResourceCount: number }[] {
  const kinds = [
    ...state.dependents({ vpcId }).map(({ kind }): string => kind),
    ...state.vSwitchesOf(vpcId).map(() => 'VSwitch'),
    ...(state.gatewayOf(vpcId) === undefined ? [] : ['Ipv6Gateway']),
  ];
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([ResourceType, ResourceCount]) => ({ ResourceType, ResourceCount }));
}

/**
 * DescribeVpcAttribute, VPC 2016-04-28. A VPC that is not there answers 200 with an empty id (P-029; TF-VPC2).
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describevpcattribute (text as in SDK 7.3.2).
 */
export const describeVpcAttribute = rpcAction<VpcState>()({
  isWrite: false,
  dryRun: true,
  needsRegionId: true,
  params: { VpcId: required(text()), IsDefault: flag() },
  apply(state, params, _call, commit) {
    commit();
    const vpc = state.vpcs.find(params.VpcId);
    if (vpc === undefined)
      return { VpcId: '', VpcName: '', Status: '', EnabledIpv6: false, VSwitchIds: { VSwitchId: [] } };
    return {
      ...vpcForm(state, vpc),
      ClassicLinkEnabled: false,
      SupportIpv4Gateway: false,
      AssociatedCens: { AssociatedCen: [] },
      CloudResources: { CloudResourceSetType: cloudResources(state, vpc.id) },
    };
  },
});
