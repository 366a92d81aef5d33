import type { Queue } from './queue.ts';

/** `<Queue>` as GetQueueAttributes and ListQueue with meta show it. The two times are epoch seconds. */
export function attributeMembers(queue: Queue) {
  const states = queue.messages.map((message) => queue.stateOf(message));
  const count = (wanted: string) => states.filter((state) => state === wanted).length;
  return {
    QueueName: queue.name,
    CreateTime: Math.floor(queue.createdAtMs / 1000),
    LastModifyTime: Math.floor(queue.modifiedAtMs / 1000),
    DelaySeconds: queue.attributes.delaySeconds,
    MaximumMessageSize: queue.attributes.maximumMessageSize,
    MessageRetentionPeriod: queue.attributes.messageRetentionPeriod,
    VisibilityTimeout: queue.attributes.visibilityTimeout,
    PollingWaitSeconds: queue.attributes.pollingWaitSeconds,
    ActiveMessages: count('Active'),
    InactiveMessages: count('Inactive'),
    DelayMessages: count('Delayed'),
    LoggingEnabled: queue.attributes.loggingEnabled ? 'True' : 'False',
  };
}
