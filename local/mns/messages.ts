import { readInteger } from './attributes.ts';
import { offSchema, outOfRange, refuse } from './errors.ts';
import type { Queue, StoredMessage } from './queue.ts';
import type { XmlElement, XmlValue } from './xml.ts';

/** A batch is at most 16 messages and 64 KB. Source: https://help.aliyun.com/en/mns/developer-reference/batchsendmessage (read 2026-11-22). */
export const maxBatch = 16;
export const maxBatchBytes = 65_536;

export interface SentMessage {
  body: string;
  delaySeconds?: number;
  priority?: number;
}

const notEmulated = new Set(['UserProperties', 'SystemProperties', 'MessageGroupId']);

/** Text of each member by name. @throws ApiError `InvalidArgument` for members that no message has. */
export function membersOf(message: XmlElement): Map<string, string> {
  if (message.name !== 'Message' || message.text.trim() !== '') throw offSchema(message.name);
  const members = new Map<string, string>();
  for (const { name, text, children } of message.children) {
    if (notEmulated.has(name)) throw refuse('EmbeddedCloud.NotEmulated', `${name} of a message.`);
    if (!['MessageBody', 'DelaySeconds', 'Priority'].includes(name) || children.length > 0 || members.has(name))
      throw offSchema(name);
    members.set(name, text);
  }
  return members;
}

/** Checks the values against the queue's limits. The size is that of the text as sent, base64 or not. */
export function readMessage(members: Map<string, string>, queue: Queue): SentMessage {
  const body = members.get('MessageBody');
  if (body === undefined) throw offSchema('MessageBody');
  const bytes = Buffer.byteLength(body);
  if (bytes < 1 || bytes > queue.attributes.maximumMessageSize)
    throw outOfRange('MessageBody', 1, queue.attributes.maximumMessageSize, 'bytes');
  const delay = members.get('DelaySeconds');
  const priority = members.get('Priority');
  return {
    body,
    ...(delay === undefined ? {} : { delaySeconds: readInteger(delay, 'DelaySeconds', 0, 604_800) }),
    ...(priority === undefined ? {} : { priority: readInteger(priority, 'Priority', 1, 16, '') }),
  };
}

/** What the sender learns. A delayed message comes with a handle by which it can be deleted or moved. */
export const sentMembers = (message: StoredMessage) => ({
  MessageId: message.id,
  MessageBodyMD5: message.bodyMd5,
  ReceiptHandle: message.handle,
});

/** What a receiver (`peeked: false`) or onlooker gets to see. Times are epoch milliseconds. */
export function receivedMembers(message: StoredMessage, peeked: boolean): { [name: string]: XmlValue | XmlValue[] } {
  const properties = Object.entries(message.systemProperties);
  return {
    MessageId: message.id,
    ReceiptHandle: peeked ? undefined : message.handle,
    MessageBody: message.body,
    MessageBodyMD5: message.bodyMd5,
    EnqueueTime: message.enqueuedAtMs,
    NextVisibleTime: peeked ? undefined : message.visibleAtMs,
    FirstDequeueTime: message.firstDequeuedAtMs ?? 0,
    DequeueCount: message.dequeueCount,
    Priority: message.priority,
    SystemProperties:
      properties.length === 0
        ? undefined
        : { SystemPropertyValue: properties.map(([Name, Value]) => ({ Name, Value, Type: 'STRING' })) },
  };
}
