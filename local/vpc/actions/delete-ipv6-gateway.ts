import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { VpcState } from '../state.ts';

/**
 * DeleteIpv6Gateway, VPC 2016-04-28. Refused while IPv6 addresses of the VPC have Internet bandwidth (P-034).
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-deleteipv6gateway (text as in SDK 7.3.2); codes META-VPC.
 */
export const deleteIpv6Gateway = rpcAction<VpcState>()({
  isWrite: true,
  clientToken: true,
  dryRun: true,
  needsRegionId: true,
  params: { Ipv6GatewayId: required(text()) },
  apply(state, params, _call, commit) {
    const { clock, latency } = state.context;
    const gateway = state.ipv6Gateways.find(params.Ipv6GatewayId);
    if (gateway === undefined) throw refuse('InvalidIpv6GatewayId.NotFound', params.Ipv6GatewayId);
    if (state.ipv6Gateways.statusOf(gateway) !== 'Available') throw refuse('IncorrectStatus.Ipv6Gateway');
    const holders = state
      .dependents({ vpcId: gateway.vpcId })
      .filter(({ kind }) => kind === 'Ipv6InternetBandwidth')
      .map(({ id }) => id);
    if (holders.length > 0) throw refuse('DependencyViolation.Ipv6InternetBandwidth', holders.join(', '));
    commit();
    gateway.status = begin(clock, 'Deleting', undefined, latency.deleteMs);
    return {};
  },
});
