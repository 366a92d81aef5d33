import { flag, oneOf, tags, text } from '../../action.ts';
import { parseIpv4Cidr } from '../../addresses.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { VpcState } from '../state.ts';

/** CreateVpc, VPC 2016-04-28. Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-createvpc (read 2026-11-22). */
export const createVpc = rpcAction<VpcState>()({
  isWrite: true,
  clientToken: true,
  dryRun: true,
  params: {
    CidrBlock: text(),
    VpcName: text({ min: 1, max: 128 }),
    Description: text({ min: 1, max: 256 }),
    EnableIpv6: flag(),
    Ipv6Isp: oneOf('BGP', 'ChinaMobile', 'ChinaUnicom', 'ChinaTelecom'),
    Tag: tags(),
  },
  apply(state, params, _call, commit) {
    const cidrBlock = params.CidrBlock ?? '172.16.0.0/12';
    const range = parseIpv4Cidr(cidrBlock);
    if (range === undefined || range.prefix < 8 || range.prefix > 28)
      throw refuse('InvalidCidrBlock.Malformed', cidrBlock);
    if (state.vpcs.list().length >= state.quota.vpcs) throw refuse('QuotaExceeded.Vpc');
    commit();
    const vpc = state.vpcs.add({
      id: state.context.nextId('vpc-uf6'),
      createdAtMs: state.context.clock.nowMs(),
      status: begin(state.context.clock, 'Pending', 'Available', state.context.latency.vpcMs),
      tags: (params.Tag ?? []).map(({ Key, Value }) => ({ key: Key, value: Value ?? '' })),
      name: params.VpcName ?? '',
      description: params.Description ?? '',
      cidrBlock,
      ipv6CidrBlock: params.EnableIpv6 === true ? state.nextIpv6Block() : '',
    });
    return { VpcId: vpc.id, VRouterId: state.context.nextId('vrt-uf6'), RouteTableId: state.context.nextId('vtb-uf6') };
  },
});
