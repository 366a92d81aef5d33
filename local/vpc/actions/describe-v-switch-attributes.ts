import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { VpcState } from '../state.ts';
import { vSwitchForm } from '../wire-forms.ts';

/**
 * DescribeVSwitchAttributes, VPC 2016-04-28. A vSwitch that is not there answers 200 with an empty id (P-029; TF-VPC2).
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-describevswitchattributes (text as in SDK 7.3.2).
 */
export const describeVSwitchAttributes = rpcAction<VpcState>()({
  isWrite: false,
  dryRun: true,
  params: { VSwitchId: required(text()) },
  apply(state, params, _call, commit) {
    commit();
    // Lets the other services drop what has reached its end, so that the addresses of those things count as free.
    state.dependents({});
    const vSwitch = state.vSwitches.find(params.VSwitchId);
    if (vSwitch === undefined) return { VSwitchId: '', VSwitchName: '', VpcId: '', Status: '', EnabledIpv6: false };
    return vSwitchForm(state, vSwitch);
  },
});
