import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { VpcState } from '../state.ts';

/**
 * DeleteVSwitch, VPC 2016-04-28. Takes no client token (P-016); waits for the VPC's other vSwitches (P-027).
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-deletevswitch (text as in SDK 7.3.2); codes META-VPC.
 */
export const deleteVSwitch = rpcAction<VpcState>()({
  isWrite: true,
  dryRun: true,
  params: { VSwitchId: required(text()) },
  apply(state, params, _call, commit) {
    const { clock, latency } = state.context;
    const vSwitch = state.vSwitches.find(params.VSwitchId);
    if (vSwitch === undefined) throw refuse('InvalidVSwitchId.NotFound', params.VSwitchId);
    if (state.vSwitches.statusOf(vSwitch) !== 'Available') throw refuse('IncorrectVSwitchStatus', vSwitch.id);
    for (const other of state.vSwitchesOf(vSwitch.vpcId))
      if (state.vSwitchTask(other) !== undefined) throw refuse('OperationDenied.OtherSubnetProcessing', other.id);
    const left = state.dependents({ vSwitchId: vSwitch.id });
    if (left.length > 0) throw refuse('DependencyViolation', left.map(({ kind, id }) => `${kind} ${id}`).join(', '));
    const holders = new Set(vSwitch.addresses.values());
    if (holders.size > 0) throw refuse('DependencyViolation', [...holders].join(', '));
    commit();
    vSwitch.status = begin(clock, 'Pending', undefined, latency.deleteMs);
    return {};
  },
});
