import type { CloudContext } from '../cloud-context.ts';
import { resourceTable } from '../authorization/resources.ts';

/** GetCallerIdentity needs no permission; the row only says so. */
export const stsResources = resourceTable<CloudContext>()({
  source: 'https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity',
  service: 'sts',
  actions: { GetCallerIdentity: '*' },
});
