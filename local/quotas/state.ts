import type { CloudContext } from '../cloud-context.ts';
import type { EventBridgeState } from '../eventbridge/state.ts';

export interface Quota {
  productCode: string;
  actionCode: string;
  name: string;
  total: number;
  /** Undefined where the quota center does not count. */
  usage: number | undefined;
}

/** What the account may have of each thing in the region: of EventBridge only. */
export class QuotaState {
  readonly context: CloudContext;
  readonly #eventBridge: EventBridgeState;

  constructor(context: CloudContext, eventBridge: EventBridgeState) {
    this.context = context;
    this.#eventBridge = eventBridge;
  }

  /** Numbers of buses and rules: see `EventBridgeState`. Codes and names of quotas are inferred: no public list has them. */
  list(productCode: string): Quota[] | undefined {
    if (productCode !== 'eventbridge') return undefined;
    const { streams, streamQuota } = this.#eventBridge;
    return [
      { productCode, actionCode: 'q_event-bus', name: 'Custom event buses', total: 50, usage: 0 },
      { productCode, actionCode: 'q_event-rule', name: 'Event rules per event bus', total: 50, usage: undefined },
      {
        productCode,
        actionCode: 'q_event-streaming',
        name: 'Event streams',
        total: streamQuota,
        usage: streams.size,
      },
    ];
  }
}
