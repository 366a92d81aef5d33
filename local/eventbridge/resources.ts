import { resourceTable } from '../authorization/resources.ts';
import type { EventBridgeState } from './state.ts';

/** inf: a list of event streams has no resource-level permission; no page was seen. */
export const eventBridgeResources = resourceTable<EventBridgeState>()({
  source: 'https://www.alibabacloud.com/help/en/eventbridge/developer-reference/api-eventbridge-2020-04-01-ram',
  service: 'eventbridge',
  actions: { ListEventStreamings: '*' },
});
