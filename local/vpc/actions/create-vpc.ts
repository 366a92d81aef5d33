import { flag, oneOf, text } from '../../action.ts';
import { parseIpv4Cidr } from '../../addresses.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { checkWording, isReservedRange, tagsParam } from '../params.ts';
import type { VpcState } from '../state.ts';
import { newTags } from '../tagging.ts';
import { defaultResourceGroupId } from '../wire-forms.ts';

/**
 * The page asks for a mask of 16 to 28 bits and itself gives 172.16.0.0/12 as the example; the private blocks of RFC 1918
 * as a whole are therefore allowed besides.
 */
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

function checkCidrBlock(cidrBlock: string): void {
  const range = parseIpv4Cidr(cidrBlock);
  if (range === undefined || isReservedRange(range)) throw refuse('InvalidParameter', cidrBlock);
  if ((range.prefix < 16 || range.prefix > 28) && !privateBlocks.includes(cidrBlock))
    throw refuse('InvalidParameter', `The mask of ${cidrBlock} must be between 16 and 28 bits.`);
}

/** CreateVpc, VPC 2016-04-28. Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-createvpc (text as in SDK 7.3.2); codes META-VPC. */
export const createVpc = rpcAction<VpcState>()({
  isWrite: true,
  clientToken: true,
  dryRun: true,
  needsRegionId: true,
  params: {
    CidrBlock: text(),
    VpcName: text(),
    Description: text(),
    EnableIpv6: flag(),
    Ipv6Isp: oneOf('BGP', 'ChinaMobile', 'ChinaUnicom', 'ChinaTelecom'),
    Tag: tagsParam(),
  },
  apply(state, params, _call, commit) {
    const { clock, latency, nextId } = state.context;
    const cidrBlock = params.CidrBlock ?? '172.16.0.0/12';
    checkCidrBlock(cidrBlock);
    checkWording(params.VpcName, 128, 'InvalidVpcName.Malformed');
    checkWording(params.Description, 256, 'InvalidVpcDiscription.Malformed');
    if (params.Ipv6Isp !== undefined && params.EnableIpv6 !== true) throw refuse('MissingParam.EnableIpv6');
    // The single-carrier blocks are for accounts on a list; ours is not on it.
    if ((params.Ipv6Isp ?? 'BGP') !== 'BGP') throw refuse('UnsupportedFeature.Ipv6Isp');
    const tags = newTags(params.Tag);
    if (state.vpcs.list().length >= state.quota.vpcs) throw refuse('QuotaExceeded.Vpc');
    commit();
    const vpc = state.vpcs.add({
      id: nextId('vpc-uf6'),
      createdAtMs: clock.nowMs(),
      status: begin(clock, 'Pending', 'Available', latency.vpcMs),
      tags,
      name: params.VpcName ?? '',
      description: params.Description ?? '',
      cidrBlock,
      ipv6CidrBlock: params.EnableIpv6 === true ? state.nextIpv6Block() : '',
      vRouterId: nextId('vrt-uf6'),
      routeTableId: nextId('vtb-uf6'),
    });
    return {
      VpcId: vpc.id,
      VRouterId: vpc.vRouterId,
      RouteTableId: vpc.routeTableId,
      ResourceGroupId: defaultResourceGroupId,
    };
  },
});
