import { flag, required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { Vpc, VpcState } from '../state.ts';

function checkNothingLeft(state: VpcState, vpc: Vpc, isForced: boolean): void {
  const left = state.dependents({ vpcId: vpc.id });
  const detail = left.map(({ id }) => id).join(', ');
  if (state.vSwitchesOf(vpc.id).length > 0) throw refuse('DependencyViolation.VSwitch');
  if (left.some(({ kind }) => kind === 'SecurityGroup')) throw refuse('DependencyViolation.SecurityGroup', detail);
  if (left.length > 0) throw refuse('DependencyViolation.CloudServiceResource', detail);
  const gateway = state.gatewayOf(vpc.id);
  if (gateway === undefined) return;
  if (!isForced) throw refuse('DependencyViolation.Ipv6Gateway', gateway.id);
  if (state.ipv6Gateways.statusOf(gateway) === 'Creating') throw refuse('TaskConflict');
}

/**
 * DeleteVpc, VPC 2016-04-28. ForceDelete takes an IPv6 gateway along, and nothing else.
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-deletevpc (text as in SDK 7.3.2); codes META-VPC.
 */
export const deleteVpc = rpcAction<VpcState>()({
  isWrite: true,
  clientToken: true,
  dryRun: true,
  params: { VpcId: required(text()), ForceDelete: flag() },
  apply(state, params, _call, commit) {
    const { clock, latency } = state.context;
    const vpc = state.vpc(params.VpcId);
    if (state.vpcs.statusOf(vpc) !== 'Available') throw refuse('IncorrectVpcStatus');
    checkNothingLeft(state, vpc, params.ForceDelete === true);
    commit();
    const gateway = state.gatewayOf(vpc.id);
    if (gateway !== undefined) gateway.status = begin(clock, 'Deleting', undefined, latency.deleteMs);
    vpc.status = begin(clock, 'Deleting', undefined, latency.deleteMs);
    return {};
  },
});
