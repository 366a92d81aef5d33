import { ApiError } from '../action.ts';
import type { CloudContext } from '../cloud-context.ts';
import { type RpcService, rpcService } from '../rpc.ts';
import { getCallerIdentity } from './actions/get-caller-identity.ts';
import { stsResources } from './resources.ts';

/** STS 2015-04-01, as far as it says who asks. One endpoint for all regions. */
export const stsService = (context: CloudContext): RpcService<CloudContext> =>
  rpcService({
    name: 'sts',
    version: '2015-04-01',
    clock: context.clock,
    credentials: context.credentials,
    regionId: context.regionId,
    isGlobal: true,
    state: context,
    errors: {
      missing: (name) => new ApiError('MissingParameter', 400, `The parameter ${name} must be given.`),
      invalid: (name, why) => new ApiError(`InvalidParameter.${name}`, 400, `The parameter ${name} ${why}.`),
    },
    resources: stsResources,
    actions: { GetCallerIdentity: getCallerIdentity },
  });
