import { flag, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { page, pageParams, tagsParam } from '../params.ts';
import type { VpcState } from '../state.ts';
import { tagFilter } from '../tagging.ts';
import { vSwitchForm } from '../wire-forms.ts';

/**
 * DescribeVSwitches, VPC 2016-04-28. Ids that are not there give an empty list. RegionId or VpcId must be given.
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describevswitches (text as in SDK 7.3.2).
 */
export const describeVSwitches = rpcAction<VpcState>()({
  isWrite: false,
  dryRun: true,
  needsRegionId: ({ VpcId: vpcId = '' }) => vpcId === '',
  params: {
    VpcId: text(),
    VSwitchId: text(),
    VSwitchName: text(),
    ZoneId: text(),
    EnableIpv6: flag(),
    IsDefault: flag(),
    Tag: tagsParam(),
    ...pageParams(50),
  },
  apply(state, params, _call, commit) {
    const filter = tagFilter(params.Tag);
    commit();
    // Lets the other services drop what has reached its end, so that the addresses of those things count as free.
    state.dependents({});
    const found = state.vSwitches.listByTags(filter).filter(
      (vSwitch) =>
        (params.VpcId === undefined || vSwitch.vpcId === params.VpcId) &&
        (params.VSwitchId === undefined || vSwitch.id === params.VSwitchId) &&
        (params.VSwitchName === undefined || vSwitch.name === params.VSwitchName) &&
        (params.ZoneId === undefined || vSwitch.zoneId === params.ZoneId) &&
        (params.EnableIpv6 === undefined || (vSwitch.ipv6CidrBlock !== '') === params.EnableIpv6) &&
        // The embedded cloud has no default vSwitch.
        params.IsDefault !== true,
    );
    const { items, fields } = page(found, params);
    return { ...fields, VSwitches: { VSwitch: items.map((vSwitch) => vSwitchForm(state, vSwitch)) } };
  },
});
