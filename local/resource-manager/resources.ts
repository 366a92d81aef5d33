import { resourceTable } from '../authorization/resources.ts';
import type { ResourceManagerState } from './state.ts';

/**
 * RAM knows these actions as its own. Read: CreateServiceLinkedRole is granted on `*` with the condition key `ram:ServiceName`
 * in every policy that the vendor publishes for it; GetRole on the role. inf: CheckServiceLinkedRoleExistence, which is undocumented.
 */
export const resourceManagerResources = resourceTable<ResourceManagerState>()({
  source: 'https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-ram',
  service: 'ram',
  isGlobal: true,
  actions: {
    CreateServiceLinkedRole: '*',
    GetRole: ['role/{RoleName}'],
    CheckServiceLinkedRoleExistence: '*',
  },
});
