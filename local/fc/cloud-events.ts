import { randomBytes } from 'node:crypto';
import type { MnsClient } from '../mns/client.ts';
import { queueSubject } from './arn.ts';
import type { QueueTriggerSpec } from './spec.ts';
import { valueAt } from '../dictionary.ts';

export type ReceivedMessage = NonNullable<Awaited<ReturnType<MnsClient['receive']>>>;

interface Origin {
  functionName: string;
  accountId: string;
  regionId: string;
}

/** Strict: what is not base64 of text stays as it is (what EventBridge does then is not documented). */
function decodeBody(body: string): string {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(body)) return body;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  } catch {
    return body;
  }
}

/**
 * One message as EventBridge hands it on, by the trigger's schema and mode. Neither receipt handle nor dequeue count is
 * in it (P-116).
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/mns-queue-triggers (read 2026-11-22)
 */
export function eventOf(message: ReceivedMessage, trigger: QueueTriggerSpec, origin: Origin, nowMs: number): object {
  const { triggerConfig: config, triggerName } = trigger;
  const source = config.eventSourceConfig.eventSourceParameters.sourceMNSParameters;
  const data = {
    requestId: randomBytes(12).toString('hex').toUpperCase(),
    messageId: message.messageId,
    messageBody: source.IsBase64Decode ? decodeBody(message.body) : message.body,
  };
  if (config.eventSinkConfig.deliveryOption.eventSchema === 'RawData') return data;
  const isStream = config.mode === 'event-streaming';
  return {
    id: randomBytes(16).toString('hex'),
    source: isStream ? 'acs:mns' : `MNS-${origin.functionName}-${triggerName}`,
    specversion: '1.0',
    type: 'mns:Queue:SendMessage',
    datacontenttype: 'application/json; charset=utf-8',
    subject: queueSubject(origin.regionId, origin.accountId, source.QueueName),
    time: new Date(message.enqueuedAtMs || nowMs).toISOString(),
    aliyunaccountid: origin.accountId,
    aliyunpublishtime: new Date(nowMs).toISOString(),
    aliyunregionid: origin.regionId,
    aliyuneventbusname: `MNS-${origin.functionName}-${triggerName}`,
    ...(isStream ? {} : { aliyunoriginalaccountid: origin.accountId, aliyunpublishaddr: '127.0.0.1' }),
    data,
  };
}

/** Whether an event passes `eventRuleFilterPattern`: lists of exact values of top-level fields. */
export function passesFilter(event: object, pattern: string): boolean {
  const wanted = JSON.parse(pattern) as Record<string, string[]>;
  return Object.entries(wanted).every(([field, values]) => values.includes(String(valueAt(event, field))));
}
