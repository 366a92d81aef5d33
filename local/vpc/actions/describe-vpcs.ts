import { flag, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { page, pageParams, tagsParam } from '../params.ts';
import type { VpcState } from '../state.ts';
import { tagFilter } from '../tagging.ts';
import { vpcForm } from '../wire-forms.ts';

/** DescribeVpcs, VPC 2016-04-28. Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describevpcs (text as in SDK 7.3.2); codes META-VPC. */
export const describeVpcs = rpcAction<VpcState>()({
  isWrite: false,
  dryRun: true,
  needsRegionId: true,
  params: {
    /** Ids separated by commas (P-049). */
    VpcId: text(),
    VpcName: text(),
    EnableIpv6: flag(),
    IsDefault: flag(),
    Tag: tagsParam(),
    ...pageParams(50),
  },
  apply(state, params, _call, commit) {
    const ids = params.VpcId?.split(',').map((id) => id.trim());
    if (ids !== undefined && ids.length > 20) throw refuse('InvalidVpcIdNumber.NotSupported');
    const filter = tagFilter(params.Tag);
    commit();
    const found = state.vpcs.listByTags(filter).filter(
      (vpc) =>
        (ids === undefined || ids.includes(vpc.id)) &&
        (params.VpcName === undefined || vpc.name === params.VpcName) &&
        (params.EnableIpv6 === undefined || (vpc.ipv6CidrBlock !== '') === params.EnableIpv6) &&
        // The embedded cloud has no default VPC.
        params.IsDefault !== true,
    );
    const { items, fields } = page(found, params);
    return {
      ...fields,
      Vpcs: {
        Vpc: items.map((vpc) => ({
          ...vpcForm(state, vpc),
          CenStatus: 'Detached',
          NatGatewayIds: { NatGatewayIds: [] },
          RouterTableIds: { RouterTableIds: vpc.routeTableId === undefined ? [] : [vpc.routeTableId] },
        })),
      },
    };
  },
});
