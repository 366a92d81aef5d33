import { resourceTable } from '../authorization/resources.ts';
import type { CertificateState } from './state.ts';

/** Certificates are called `yundun-cert` in RAM. inf: a list of them has no resource-level permission: public
 * policies grant it on `*` and say that nothing narrower works; no page was seen. */
export const certificateResources = resourceTable<CertificateState>()({
  source: 'https://www.alibabacloud.com/help/en/ssl-certificate/developer-reference/api-cas-2020-04-07-ram',
  service: 'yundun-cert',
  actions: { ListUserCertificateOrder: '*' },
});
