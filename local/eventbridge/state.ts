import type { CloudContext } from '../cloud-context.ts';

/** A stream from a queue to a function: what Function Compute makes of a queue trigger. */
export interface EventStream {
  name: string;
  description: string;
  status: 'RUNNING' | 'PAUSED';
  source: { regionId: string; queueName: string; isBase64Decode: boolean };
  /** ARN of the function that it calls. */
  sinkArn: string;
}

/** The account's event streams in the region. */
export class EventBridgeState {
  readonly context: CloudContext;
  readonly streams = new Map<string, EventStream>();
  /**
   * 50 unless the quota center has granted more. Source: https://alibabacloud.com/help/tc/eventbridge/product-overview/limits
   * (text of July 2024; newer ones leave the number out; read 2026-11-29)
   */
  streamQuota = 50;

  constructor(context: CloudContext) {
    this.context = context;
  }

  get isFull(): boolean {
    return this.streams.size >= this.streamQuota;
  }
}
