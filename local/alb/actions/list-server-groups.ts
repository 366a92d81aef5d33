import { oneOf, text } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { ids, paging, tagFilter, takePage, wanted } from '../params.ts';
import { serverGroupForm } from '../wire-forms.ts';

/** ListServerGroups, ALB 2020-06-16: at most 10 tags (P-084); an unknown id gives an empty list. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listservergroups (read 2026-11-22). */
export const listServerGroups = albRead({
  params: {
    ...paging(),
    ServerGroupIds: ids(20),
    ServerGroupNames: ids(10),
    ServerGroupType: oneOf('Instance', 'Ip', 'Fc'),
    VpcId: text(),
    ResourceGroupId: text(),
    Tag: tagFilter(10),
  },
  apply(state, params) {
    const found = state.serverGroups
      .listByTags(wanted(params.Tag))
      .filter(
        (group) =>
          (params.ServerGroupIds?.includes(group.id) ?? true) &&
          (params.ServerGroupNames?.includes(group.name) ?? true) &&
          (params.ServerGroupType ?? 'Instance') === 'Instance' &&
          (params.VpcId === undefined || params.VpcId === group.vpcId) &&
          (params.ResourceGroupId === undefined || params.ResourceGroupId === group.resourceGroupId),
      );
    const { rows, tail } = takePage(found, params);
    return { ServerGroups: rows.map((group) => serverGroupForm(state, group)), ...tail };
  },
});
