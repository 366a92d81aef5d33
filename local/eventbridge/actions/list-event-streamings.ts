import { ApiError, integer, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { EventBridgeState, EventStream } from '../state.ts';

const streamForm = ({ name, description, status, source, sinkArn }: EventStream) => ({
  EventStreamingName: name,
  Description: description,
  Status: status,
  FilterPattern: '{}',
  Source: {
    SourceMNSParameters: {
      RegionId: source.regionId,
      QueueName: source.queueName,
      IsBase64Decode: source.isBase64Decode,
    },
  },
  Sink: { SinkFcParameters: { FunctionName: { Form: 'CONSTANT', Value: sinkArn } } },
});

/**
 * ListEventStreamings, EventBridge 2020-04-01, without its filters by ARN and tag.
 * Source: https://alibabacloud.com/help/en/eventbridge/developer-reference/api-eventbridge-2020-04-01-listeventstreamings
 * (read 2026-11-29); members of the answer by the vendor's SDK.
 */
export const listEventStreamings = rpcAction<EventBridgeState>()({
  isWrite: false,
  params: { NamePrefix: text(), Limit: integer(1, 100), NextToken: text() },
  apply({ streams }, { NamePrefix: prefix = '', Limit: limit = 100, NextToken: token = '0' }) {
    const from = Number(token);
    if (!Number.isInteger(from) || from < 0)
      throw new ApiError('InvalidArgument', 400, 'The parameter NextToken is not valid.');
    const found = [...streams.values()].filter(({ name }) => name.startsWith(prefix));
    const next = from + limit;
    return {
      Code: 'Success',
      Message: 'success',
      Data: {
        EventStreamings: found.slice(from, next).map(streamForm),
        ...(next < found.length ? { NextToken: String(next) } : {}),
        Total: found.length,
      },
    };
  },
});
