import { flag, integer, oneOf, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { page } from '../paging.ts';
import type { EcsState } from '../state.ts';
import { readTagFilter, tagFilter, tagSet } from '../tagging.ts';
import { seconds } from '../wire-forms.ts';

/** Output kept of one run, in bytes; the rest is counted in `Dropped`. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinvocationresults */
const keptOutputBytes = 24 * 1024;

/**
 * Of too long an output the client sends the beginning, at most so many bytes, and the end; what is between is dropped.
 * Source: defaultQuotoPre in https://github.com/aliyun/aliyun_assist_client/blob/main/agent/taskengine/basetask.go
 */
const keptFirstBytes = 6000;

const keptOf = (output: Buffer): Buffer =>
  output.length <= keptOutputBytes
    ? output
    : Buffer.concat([output.subarray(0, keptFirstBytes), output.subarray(keptFirstBytes - keptOutputBytes)]);

/** DescribeInvocationResults, ECS 2014-05-26. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinvocationresults (read 2026-11-22). */
export const describeInvocationResults = rpcAction<EcsState>()({
  isWrite: false,
  needsRegionId: true,
  params: {
    InvokeId: text(),
    InstanceId: text(),
    CommandId: text(),
    InvokeRecordStatus: oneOf('Running', 'Finished', 'Success', 'Failed', 'Stopped'),
    IncludeHistory: flag(),
    ContentEncoding: oneOf('PlainText', 'Base64'),
    ResourceGroupId: text(),
    Tag: tagFilter(),
    MaxResults: integer(1, 50),
    NextToken: text(),
    PageNumber: integer(1),
    PageSize: integer(1, 50),
  },
  apply(state, params) {
    const now = state.context.clock.nowMs();
    const tags = readTagFilter(params.Tag);
    const found = [...state.invocations.values()]
      .map((run) => {
        const end = run.end !== undefined && now >= run.end.atMs ? run.end : undefined;
        const record = end === undefined ? 'Running' : end.status === 'Success' ? 'Finished' : 'Failed';
        return { ...run, end, record };
      })
      .filter(
        (run) =>
          (params.InvokeId === undefined || run.invokeId === params.InvokeId) &&
          (params.InstanceId === undefined || run.instanceId === params.InstanceId) &&
          (params.CommandId === undefined || run.commandId === params.CommandId) &&
          (params.InvokeRecordStatus === undefined || run.record === params.InvokeRecordStatus) &&
          tags.every((wanted) =>
            run.tags.some((tag) => tag.key === wanted.key && [undefined, tag.value].includes(wanted.value)),
          ),
      );
    const { items, fields } = page(found, params, { min: 1, max: 50 }, () => refuse('InvalidParameter.NextToken'));
    return {
      Invocation: {
        ...fields,
        InvocationResults: {
          InvocationResult: items.map((run) => {
            const { end } = run;
            const bytes = Buffer.from(end?.output ?? '');
            const kept = keptOf(bytes);
            return {
              InvokeId: run.invokeId,
              CommandId: run.commandId,
              InstanceId: run.instanceId,
              InvocationStatus: end?.status ?? 'Running',
              InvokeRecordStatus: run.record,
              Output: kept.toString(params.ContentEncoding === 'PlainText' ? 'utf8' : 'base64'),
              Dropped: bytes.length - kept.length,
              ...(end?.exitCode === undefined ? {} : { ExitCode: end.exitCode }),
              ErrorCode: end?.errorCode ?? '',
              ErrorInfo: end?.errorInfo ?? '',
              Repeats: end?.exitCode === undefined ? 0 : 1,
              Username: run.username,
              StartTime: seconds(run.startedAtMs),
              FinishedTime: end === undefined ? '' : seconds(end.atMs),
              StopTime: '',
              Tags: tagSet(run.tags),
            };
          }),
        },
      },
    };
  },
});
