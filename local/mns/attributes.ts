import { offSchema, outOfRange } from './errors.ts';
import type { XmlElement } from './xml.ts';
import { valueAt } from '../dictionary.ts';

export interface QueueAttributes {
  delaySeconds: number;
  maximumMessageSize: number;
  messageRetentionPeriod: number;
  visibilityTimeout: number;
  pollingWaitSeconds: number;
  loggingEnabled: boolean;
}

/** Source: https://www.alibabacloud.com/help/doc-detail/175656.htm (read 2026-11-22). */
export const defaultAttributes: QueueAttributes = {
  delaySeconds: 0,
  maximumMessageSize: 65_536,
  messageRetentionPeriod: 345_600,
  visibilityTimeout: 30,
  pollingWaitSeconds: 0,
  loggingEnabled: false,
};

interface Range {
  key: Exclude<keyof QueueAttributes, 'loggingEnabled'>;
  low: number;
  high: number;
  unit?: string;
}

const ranges: Record<string, Range> = {
  DelaySeconds: { key: 'delaySeconds', low: 0, high: 604_800 },
  MaximumMessageSize: { key: 'maximumMessageSize', low: 1024, high: 65_536, unit: 'bytes' },
  MessageRetentionPeriod: { key: 'messageRetentionPeriod', low: 60, high: 604_800 },
  VisibilityTimeout: { key: 'visibilityTimeout', low: 1, high: 43_200 },
  PollingWaitSeconds: { key: 'pollingWaitSeconds', low: 0, high: 30 },
};

/** Text to a number within a range. @throws ApiError `InvalidArgument` */
export function readInteger(text: string, name: string, low: number, high: number, unit?: string): number {
  const trimmed = text.trim();
  if (!/^[+-]?\d{1,15}$/.test(trimmed)) throw offSchema(name);
  const value = Number(trimmed);
  if (value < low || value > high) throw outOfRange(name, low, high, unit);
  return value;
}

/** Members of a `<Queue>` that were given. Tags and a dead-letter policy are none of them: only mns-open takes those. */
export function readAttributes(queue: XmlElement): Partial<QueueAttributes> {
  if (queue.name !== 'Queue' || queue.text.trim() !== '') throw offSchema(queue.name);
  const given: Partial<QueueAttributes> = {};
  const seen = new Set<string>();
  for (const { name, text, children } of queue.children) {
    if (seen.has(name) || children.length > 0) throw offSchema(name);
    seen.add(name);
    if (name === 'LoggingEnabled') {
      const flag = text.trim().toLowerCase();
      if (flag !== 'true' && flag !== 'false') throw offSchema(name);
      given.loggingEnabled = flag === 'true';
      continue;
    }
    const range = valueAt(ranges, name);
    if (range === undefined) throw offSchema(name);
    given[range.key] = readInteger(text, name, range.low, range.high, range.unit);
  }
  return given;
}
