import { type RpcService, rpcService } from '../rpc.ts';
import { listUserCertificateOrder } from './actions/list-user-certificate-order.ts';
import { refuse } from './errors.ts';
import type { CertificateState } from './state.ts';
import { certificateResources } from './resources.ts';

/** Certificate Management 2020-04-07, as far as it lists certificates. Its actions are called `yundun-cert:` in policies. */
export const certificateService = (state: CertificateState): RpcService<CertificateState> =>
  rpcService({
    name: 'cas',
    version: '2020-04-07',
    clock: state.context.clock,
    credentials: state.context.credentials,
    regionId: state.context.regionId,
    isGlobal: true,
    state,
    errors: {
      missing: (name) => refuse('InvalidParameter', `${name} must be given.`),
      invalid: (name, why) => refuse('InvalidParameter', `${name} ${why}.`),
    },
    resources: certificateResources,
    actions: { ListUserCertificateOrder: listUserCertificateOrder },
  });
