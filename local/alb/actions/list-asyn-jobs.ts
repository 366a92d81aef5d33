import { integer, oneOf, text } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { ids, paging, takePage } from '../params.ts';

/** ListAsynJobs (spelt so), ALB 2020-06-16: an unknown job id gives an empty list. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listasynjobs (read 2026-11-22). */
export const listAsynJobs = albRead({
  params: {
    ...paging(),
    JobIds: ids(10),
    ResourceIds: ids(10),
    ResourceType: oneOf('loadbalancer', 'listener', 'rule', 'servergroup', 'acl', 'securitypolicy'),
    ApiName: text(),
    BeginTime: integer(0),
    EndTime: integer(0),
  },
  apply(state, params) {
    const found = state.jobs
      .list()
      .filter(
        (job) =>
          (params.JobIds?.includes(job.id) ?? true) &&
          (params.ResourceIds?.includes(job.resourceId) ?? true) &&
          (params.ResourceType === undefined || params.ResourceType === job.resourceType) &&
          (params.ApiName === undefined || params.ApiName === job.apiName) &&
          job.createdAtMs >= (params.BeginTime ?? 0) &&
          job.createdAtMs <= (params.EndTime ?? Number.MAX_SAFE_INTEGER),
      );
    const { rows, tail } = takePage(found, params);
    return {
      Jobs: rows.map((job) => {
        const status = state.jobs.statusOf(job);
        return {
          Id: job.id,
          ApiName: job.apiName,
          OperateType: job.operateType,
          ResourceId: job.resourceId,
          ResourceType: job.resourceType,
          Status: status,
          CreateTime: job.createdAtMs,
          ModifyTime: status === 'Processing' ? job.createdAtMs : job.doneAtMs,
          ...(status === 'Failed' ? { ErrorCode: job.error?.code, ErrorMessage: job.error?.message } : {}),
        };
      }),
      ...tail,
    };
  },
});
