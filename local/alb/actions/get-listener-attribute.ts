import { required, text } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { listenerForm } from '../listener-form.ts';

/** GetListenerAttribute, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-getlistenerattribute (read 2026-11-22). */
export const getListenerAttribute = albRead({
  params: { ListenerId: required(text()) },
  apply(state, params) {
    const listener = state.listener(params.ListenerId);
    return {
      ...listenerForm(state, listener),
      AclConfig: { AclRelations: [] },
      CaCertificates: [],
      CaEnabled: false,
      Certificates: listener.certificateIds.map((id) => ({ CertificateId: id })),
    };
  },
});
