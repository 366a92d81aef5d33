import { integer, list, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { page } from '../paging.ts';
import type { EcsState } from '../state.ts';
import { seconds } from '../wire-forms.ts';

/** DescribeCloudAssistantStatus, ECS 2014-05-26: the answer is the string `"true"`. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describecloudassistantstatus (read 2026-11-22). */
export const describeCloudAssistantStatus = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    InstanceId: list(required(text()), 100),
    OSType: oneOf('Linux', 'Windows', 'FreeBSD'),
    MaxResults: integer(1, 50),
    NextToken: text(),
    PageNumber: integer(1),
    PageSize: integer(1, 50),
  },
  apply(state, params) {
    for (const id of params.InstanceId ?? [])
      if (state.instances.find(id) === undefined) throw refuse('InvalidInstance.NotFound', id);
    const found = state.instances
      .list()
      .filter(
        (instance) =>
          [undefined, 'Linux'].includes(params.OSType) &&
          (params.InstanceId === undefined || params.InstanceId.includes(instance.id)),
      );
    // All asked-for instances are answered at once, up to the documented 100.
    const paged = params.InstanceId === undefined ? params : { ...params, PageSize: params.PageSize ?? 100 };
    const { items, fields } = page(found, paged, { min: 1, max: 50 }, () => refuse('InvalidParameter.NextToken'));
    const now = state.context.clock.nowMs();
    return {
      ...fields,
      InstanceCloudAssistantStatusSet: {
        InstanceCloudAssistantStatus: items.map((instance) => {
          const isConnected = state.isGuestUp(instance);
          const runs = [...state.invocations.values()].filter((run) => run.instanceId === instance.id);
          return {
            InstanceId: instance.id,
            CloudAssistantStatus: String(isConnected),
            CloudAssistantVersion: isConnected ? '2.2.4.958' : '',
            LastHeartbeatTime: isConnected ? seconds(now) : '',
            LastInvokedTime: runs.length === 0 ? '' : seconds(runs.at(-1)?.startedAtMs ?? 0),
            InvocationCount: runs.length,
            ActiveTaskCount: runs.filter(({ end }) => end === undefined || now < end.atMs).length,
            OSType: 'Linux',
            SupportSessionManager: isConnected,
          };
        }),
      },
    };
  },
});
