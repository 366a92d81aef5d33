import { integer, required, text } from '../../action.ts';
import { parseIpv4Cidr, rangeContains, rangesOverlap } from '../../addresses.ts';
import { begin } from '../../lifecycle.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { ipv6SubnetFor } from '../ipv6-subnets.ts';
import { checkWording, isReservedRange, tagsParam } from '../params.ts';
import type { Vpc, VpcState } from '../state.ts';
import { newTags } from '../tagging.ts';

function checkCidrBlock(state: VpcState, vpc: Vpc, cidrBlock: string): void {
  const range = parseIpv4Cidr(cidrBlock);
  if (range === undefined || isReservedRange(range)) throw refuse('InvalidCidrBlock.Malformed', cidrBlock);
  if (range.prefix < 16 || range.prefix > 29) throw refuse('InvalidCirdrBlock.MaskLength', cidrBlock);
  const whole = parseIpv4Cidr(vpc.cidrBlock);
  if (whole === undefined || !rangeContains(whole, range))
    throw refuse('InvalidParameter', `${cidrBlock} is not in the VPC's ${vpc.cidrBlock}.`);
  for (const other of state.vSwitchesOf(vpc.id)) {
    const taken = parseIpv4Cidr(other.cidrBlock);
    if (taken !== undefined && rangesOverlap(taken, range)) throw refuse('InvalidCidrBlock.Overlapped', other.id);
  }
}

/** vSwitches of one VPC are created one after the other (P-027). */
function checkNoOtherTask(state: VpcState, vpc: Vpc): void {
  if (state.vpcs.statusOf(vpc) !== 'Available') throw refuse('IncorrectVpcStatus');
  for (const other of state.vSwitchesOf(vpc.id))
    switch (state.vSwitchTask(other)) {
      case 'creating':
        throw refuse('OperationDenied.OtherSubnetCreating', other.id);
      case 'modifying':
        throw refuse('IncorrectVSwitchStatus', other.id);
      case 'deleting':
        throw refuse('TaskConflict', other.id);
      case undefined:
    }
}

/**
 * CreateVSwitch, VPC 2016-04-28. Ipv6CidrBlock is the subnet byte, not a CIDR block (P-028); there is no DryRun (P-002).
 * Source: https://www.alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-createvswitch (text as in SDK 7.3.2); codes META-VPC. Rate limit:
 * https://help.aliyun.com/zh/vpc/developer-reference/api-vpc-2016-04-28-quota
 */
export const createVSwitch = rpcAction<VpcState>()({
  isWrite: true,
  clientToken: true,
  limit: { calls: 300, perMs: 60_000 },
  params: {
    VpcId: required(text()),
    ZoneId: required(text()),
    CidrBlock: required(text()),
    Ipv6CidrBlock: integer(),
    Ipv6CidrMask: integer(64, 64),
    VpcIpv6CidrBlock: text(),
    VSwitchName: text(),
    Description: text(),
    Tag: tagsParam(),
  },
  apply(state, params) {
    const { clock, latency, nextId, zoneIds } = state.context;
    checkWording(params.VSwitchName, 128, 'InvalidVSwitchName.Malformed');
    checkWording(params.Description, 256, 'InvalidVSwitchDiscription.Malformed');
    const tags = newTags(params.Tag);
    const vpc = state.vpc(params.VpcId);
    if (!zoneIds.includes(params.ZoneId)) throw refuse('InvalidZoneId.NotFound', params.ZoneId);
    checkCidrBlock(state, vpc, params.CidrBlock);
    const ipv6CidrBlock =
      params.Ipv6CidrBlock === undefined
        ? ''
        : ipv6SubnetFor(state, vpc, params.Ipv6CidrBlock, params.VpcIpv6CidrBlock);
    if (state.vSwitchesOf(vpc.id).length >= state.quota.vSwitchesPerVpc) throw refuse('QuotaExceeded.VSwitch');
    checkNoOtherTask(state, vpc);
    const vSwitch = state.vSwitches.add({
      id: nextId('vsw-uf6'),
      createdAtMs: clock.nowMs(),
      status: begin(clock, 'Pending', 'Available', latency.vSwitchMs),
      tags,
      vpcId: vpc.id,
      zoneId: params.ZoneId,
      name: params.VSwitchName ?? '',
      description: params.Description ?? '',
      cidrBlock: params.CidrBlock,
      ipv6CidrBlock,
      addresses: new Map(),
    });
    return { VSwitchId: vSwitch.id };
  },
});
