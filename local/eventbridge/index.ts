import { ApiError } from '../action.ts';
import { type RpcService, rpcService } from '../rpc.ts';
import { listEventStreamings } from './actions/list-event-streamings.ts';
import type { EventBridgeState } from './state.ts';
import { eventBridgeResources } from './resources.ts';

/** EventBridge 2020-04-01, as far as it shows the streams behind queue triggers. */
export const eventBridgeService = (state: EventBridgeState): RpcService<EventBridgeState> => {
  const { context } = state;
  return rpcService({
    name: 'eventbridge',
    version: '2020-04-01',
    clock: context.clock,
    credentials: context.credentials,
    regionId: context.regionId,
    state,
    // inf: the product's page of codes has none for parameters.
    errors: {
      missing: (name) => new ApiError('MissingParameter', 400, `The parameter ${name} must be given.`),
      invalid: (name, why) => new ApiError('InvalidArgument', 400, `The parameter ${name} ${why}.`),
    },
    // Source: https://www.alibabacloud.com/help/en/eventbridge/error-codes (read 2026-11-29)
    forbidden: { code: 'AccessDenied', status: 403 },
    resources: eventBridgeResources,
    actions: { ListEventStreamings: listEventStreamings },
  });
};
