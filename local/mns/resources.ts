import type { ResourceTable } from '../authorization/resources.ts';
import type { MnsState } from './state.ts';

/**
 * Read in a public copy of the page: the queue for its attributes, its `messages` for what goes through it, `/queues` for the
 * list. inf: the batch calls ask for the wire name's own action, on the same resource.
 */
export const mnsResources: ResourceTable<MnsState> = {
  source:
    'https://www.alibabacloud.com/help/en/mns/security-and-compliance/message-service-custom-permission-policy-reference',
  service: 'mns',
  actions: {
    ListQueue: ['/queues'],
    CreateQueue: ['/queues/{QueueName}'],
    SetQueueAttributes: ['/queues/{QueueName}'],
    GetQueueAttributes: ['/queues/{QueueName}'],
    DeleteQueue: ['/queues/{QueueName}'],
    SendMessage: ['/queues/{QueueName}/messages'],
    BatchSendMessage: ['/queues/{QueueName}/messages'],
    ReceiveMessage: ['/queues/{QueueName}/messages'],
    BatchReceiveMessage: ['/queues/{QueueName}/messages'],
    PeekMessage: ['/queues/{QueueName}/messages'],
    BatchPeekMessage: ['/queues/{QueueName}/messages'],
    DeleteMessage: ['/queues/{QueueName}/messages'],
    BatchDeleteMessage: ['/queues/{QueueName}/messages'],
    ChangeMessageVisibility: ['/queues/{QueueName}/messages'],
  },
};
