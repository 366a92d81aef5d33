import { resourceTable } from '../authorization/resources.ts';
import type { QuotaState } from './state.ts';

/** inf: lists of quotas have no resource-level permission, as the vendor's own policies grant them on `*`; no page was seen. */
export const quotaResources = resourceTable<QuotaState>()({
  source: 'https://www.alibabacloud.com/help/en/quota-center/developer-reference/api-quotas-2020-05-10-ram',
  service: 'quotas',
  actions: { ListProductQuotas: '*' },
});
