import { type RpcService, rpcService } from '../rpc.ts';
import { listProductQuotas } from './actions/list-product-quotas.ts';
import { refuse } from './errors.ts';
import type { QuotaState } from './state.ts';
import { quotaResources } from './resources.ts';

/** Quota Center 2020-05-10, as far as it lists quotas. One endpoint for all regions. */
export const quotaService = (state: QuotaState): RpcService<QuotaState> => {
  const { context } = state;
  return rpcService({
    name: 'quotas',
    version: '2020-05-10',
    clock: context.clock,
    credentials: context.credentials,
    regionId: context.regionId,
    isGlobal: true,
    state,
    errors: {
      missing: (name) =>
        name === 'ProductCode' ? refuse('MissingProductCode') : refuse('PARAMETER.ILLEGALL', `${name} must be given.`),
      invalid: (name, why) => refuse('PARAMETER.ILLEGALL', `${name} ${why}.`),
    },
    forbidden: { code: 'RAM.PERMISSION.DENIED', status: 400 },
    resources: quotaResources,
    actions: { ListProductQuotas: listProductQuotas },
  });
};
