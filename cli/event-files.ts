import { stageNames } from '../shared/pipeline.ts';
import type { StageMessage } from '../shared/messages.ts';

const stageEvents = [
  'queue-single.json',
  'queue-stream.json',
  'queue-raw-data.json',
  'queue-previous-version.json',
  'queue-foreign.json',
];

/** The files of `events/` that a function can receive. */
export function eventsOf(functionName: string, files: string[]): string[] {
  if (functionName === 'stages' || (stageNames as readonly string[]).includes(functionName)) return stageEvents;
  const start = functionName === 'api' ? 'http-' : functionName === 'dead-letter' ? 'dead-letter-' : undefined;
  if (start !== undefined) return files.filter((file) => file.startsWith(start));
  return files.filter((file) => new RegExp(`^(timer|queue)-${functionName}(-[a-z-]+)?\\.json$`).test(file));
}

/** The event with another body of its queue message; everything else, also how the body is encoded, is as it was. */
function withBody(event: Buffer, change: (body: Record<string, unknown>) => Record<string, unknown>): Buffer {
  const parsed = JSON.parse(event.toString('utf8')) as unknown;
  const element = (Array.isArray(parsed) ? parsed[0] : parsed) as { data?: object };
  const holder = (element.data ?? element) as { messageBody: string };
  const isBase64 = !holder.messageBody.startsWith('{');
  const text = isBase64 ? Buffer.from(holder.messageBody, 'base64').toString('utf8') : holder.messageBody;
  const changed = JSON.stringify(change(JSON.parse(text) as Record<string, unknown>));
  holder.messageBody = isBase64 ? Buffer.from(changed).toString('base64') : changed;
  return Buffer.from(JSON.stringify(parsed, undefined, 2));
}

/** The event of a stage message as another stage, or at another turn, receives it. */
export const addressed = (event: Buffer, to: Partial<Pick<StageMessage, 'stage' | 'turn'>>): Buffer =>
  withBody(event, (message) => ({ ...message, ...to }));

/** The event of a tick, by the timer or by the queue, as of `tickMs`: a late one is dropped. */
export function dated(event: Buffer, tickMs: number): Buffer {
  const parsed = JSON.parse(event.toString('utf8')) as object;
  if (!('triggerTime' in parsed))
    return withBody(event, (message) => ('tickMs' in message ? { ...message, tickMs } : message));
  return Buffer.from(JSON.stringify({ ...parsed, triggerTime: new Date(tickMs).toISOString() }));
}
