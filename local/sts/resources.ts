import type { CloudContext } from '../cloud-context.ts';
import type { ResourceTable } from '../authorization/resources.ts';

/** GetCallerIdentity needs no permission; the row only says so. */
export const stsResources: ResourceTable<CloudContext> = {
  source: 'https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity',
  service: 'sts',
  actions: { GetCallerIdentity: '*' },
};
