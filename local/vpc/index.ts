import { ApiError } from '../action.ts';
import type { CloudContext } from '../cloud-context.ts';
import { type RpcService, rpcService } from '../rpc.ts';
import { createIpv6Gateway } from './actions/create-ipv6-gateway.ts';
import { createVSwitch } from './actions/create-v-switch.ts';
import { createVpc } from './actions/create-vpc.ts';
import { deleteIpv6Gateway } from './actions/delete-ipv6-gateway.ts';
import { deleteVSwitch } from './actions/delete-v-switch.ts';
import { deleteVpc } from './actions/delete-vpc.ts';
import { describeIpv6GatewayAttribute } from './actions/describe-ipv6-gateway-attribute.ts';
import { describeIpv6Gateways } from './actions/describe-ipv6-gateways.ts';
import { describeVSwitchAttributes } from './actions/describe-v-switch-attributes.ts';
import { describeVSwitches } from './actions/describe-v-switches.ts';
import { describeVpcAttribute } from './actions/describe-vpc-attribute.ts';
import { describeVpcs } from './actions/describe-vpcs.ts';
import { listTagResources } from './actions/list-tag-resources.ts';
import { modifyVSwitchAttribute } from './actions/modify-v-switch-attribute.ts';
import { modifyVpcAttribute } from './actions/modify-vpc-attribute.ts';
import { tagResources } from './actions/tag-resources.ts';
import { unTagResources } from './actions/un-tag-resources.ts';
import { VpcState } from './state.ts';
import { vpcResources } from './resources.ts';

/** VPC 2016-04-28: wire name to action. */
export const vpcService = (context: CloudContext, state = new VpcState(context)): RpcService<VpcState> =>
  rpcService({
    name: 'vpc',
    version: '2016-04-28',
    clock: context.clock,
    credentials: context.credentials,
    regionId: context.regionId,
    state,
    errors: {
      missing: (name) =>
        new ApiError(
          `MissingParameter`,
          400,
          `The input parameter "${name}" that is mandatory for processing this request is not supplied.`,
        ),
      invalid: (name, why) => new ApiError(`InvalidParameter`, 400, `The specified parameter "${name}" ${why}.`),
    },
    tokenMismatch: (action) => ({
      code: action === 'CreateVSwitch' ? 'Duplicated.ClientToken' : 'IdempotentParameterMismatch',
      status: 400,
    }),
    tokenRunning: (action) => ({
      code:
        action === 'CreateVpc'
          ? 'TOKEN_PROCESSING'
          : action === 'CreateVSwitch'
            ? 'OperationFailed.IdempotentTokenProcessing'
            : 'LastTokenProcessing',
      status: 400,
    }),
    resources: vpcResources,
    actions: {
      CreateVpc: createVpc,
      DescribeVpcs: describeVpcs,
      DescribeVpcAttribute: describeVpcAttribute,
      ModifyVpcAttribute: modifyVpcAttribute,
      DeleteVpc: deleteVpc,
      CreateVSwitch: createVSwitch,
      DescribeVSwitches: describeVSwitches,
      DescribeVSwitchAttributes: describeVSwitchAttributes,
      ModifyVSwitchAttribute: modifyVSwitchAttribute,
      DeleteVSwitch: deleteVSwitch,
      CreateIpv6Gateway: createIpv6Gateway,
      DescribeIpv6Gateways: describeIpv6Gateways,
      DescribeIpv6GatewayAttribute: describeIpv6GatewayAttribute,
      DeleteIpv6Gateway: deleteIpv6Gateway,
      ListTagResources: listTagResources,
      TagResources: tagResources,
      UnTagResources: unTagResources,
    },
  });
