import { oneOf, required, text } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { certificateForms, mustBeHttps } from '../certificates.ts';
import { ids, paging, takePage } from '../params.ts';

/** ListListenerCertificates, ALB 2020-06-16: the default certificate and those beside it; the only action that shows the latter. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listlistenercertificates (read 2026-11-22). */
export const listListenerCertificates = albRead({
  params: {
    ...paging(),
    ListenerId: required(text()),
    CertificateType: oneOf('Ca', 'Server'),
    CertificateIds: ids(20),
  },
  apply(state, params) {
    const listener = state.listener(params.ListenerId);
    mustBeHttps(listener);
    const found = certificateForms(state, listener).filter(
      (form) => params.CertificateType !== 'Ca' && (params.CertificateIds?.includes(form.CertificateId) ?? true),
    );
    const { rows, tail } = takePage(found, params);
    return { Certificates: rows, ...tail };
  },
});
