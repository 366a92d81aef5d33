import { ApiError } from '../action.ts';
import type { CloudContext } from '../cloud-context.ts';
import { RpcService } from '../rpc.ts';
import { createVpc } from './actions/create-vpc.ts';
import { VpcState } from './state.ts';

/** VPC 2016-04-28: wire name to action. */
export const vpcService = (context: CloudContext, state = new VpcState(context)): RpcService<VpcState> =>
  new RpcService({
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
    actions: { CreateVpc: createVpc },
  });
