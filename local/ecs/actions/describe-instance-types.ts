import { integer, list, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { type InstanceType, instanceTypes } from '../catalog.ts';
import { refuse } from '../errors.ts';
import type { EcsState } from '../state.ts';

const typeForm = (type: InstanceType) => ({
  InstanceTypeId: type.name,
  InstanceTypeFamily: type.family,
  CpuArchitecture: type.cpuArchitecture ?? 'X86',
  CpuCoreCount: type.cpu,
  MemorySize: type.memoryMiB / 1024,
  EniIpv6AddressQuantity: type.ipv6PerInterface,
});

/**
 * DescribeInstanceTypes, ECS 2014-05-26: what there is to a type, whether a zone sells it or not. Of the answer's 60 members
 * the few that the catalogue knows. That an unknown name is left out, rather than refused, is inferred.
 * Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstancetypes (text as in
 * SDK 7.11.6).
 */
export const describeInstanceTypes = rpcAction<EcsState>()({
  isWrite: false,
  params: {
    InstanceTypes: list(required(text()), 10, 1),
    InstanceTypeFamily: text(),
    CpuArchitecture: oneOf('X86', 'ARM'),
    MinimumEniIpv6AddressQuantity: integer(1),
    MaxResults: integer(1, 1600),
    NextToken: text(),
  },
  apply(_state, params) {
    const found = instanceTypes
      .map(typeForm)
      .filter(
        (type) =>
          (params.InstanceTypes === undefined || params.InstanceTypes.includes(type.InstanceTypeId)) &&
          (params.InstanceTypeFamily ?? type.InstanceTypeFamily) === type.InstanceTypeFamily &&
          (params.CpuArchitecture ?? type.CpuArchitecture) === type.CpuArchitecture &&
          type.EniIpv6AddressQuantity >= (params.MinimumEniIpv6AddressQuantity ?? 0),
      );
    const start = Number(params.NextToken ?? 0);
    if (!Number.isInteger(start) || start < 0) throw refuse('InvalidParameter.NextToken', params.NextToken);
    const end = start + (params.MaxResults ?? 1600);
    return {
      InstanceTypes: { InstanceType: found.slice(start, end) },
      NextToken: end < found.length ? String(end) : '',
    };
  },
});
