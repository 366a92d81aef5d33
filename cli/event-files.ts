import { queueOf, stageNames } from '../shared/pipeline.ts';
import { type StageMessage, stageMessageSchema } from '../shared/messages.ts';
import { loadConfig } from '../shared/config.ts';
import { seal } from '../shared/queue/seal.ts';

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

/**
 * The event with its queue messages sealed as this installation sends them: the files of `events/` hold the messages alone, since
 * every installation has keys of its own. What is none of its messages stays as it is.
 *
 * @param functionName - without the installation's prefix.
 * @param environment - of the function.
 */
export function sealedEvent(event: Buffer, functionName: string, environment: Record<string, string>): Buffer {
  const config = loadConfig({ DUALSTACK_ALB_REGION: 'cn-shanghai', DUALSTACK_ALB_ACCOUNT_ID: '12345', ...environment });
  const text = event.toString('utf8');
  const parsed = jsonOf(text);
  if (parsed === undefined || !/"(messageBody|requestPayload)"/.test(text)) return event;
  const sealedBody = (body: string): string => {
    const isBase64 = jsonOf(body) === undefined && jsonOf(Buffer.from(body, 'base64').toString('utf8')) !== undefined;
    const plain = isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body;
    const message = jsonOf(plain);
    if (typeof message !== 'object' || message === null) return body;
    // The platform's own record of a message that it gave up on.
    const isRecord = 'specversion' in message || 'requestContext' in message;
    const queue = queueOfMessage(message, functionName, config.stageQueue);
    const sealed = isRecord
      ? JSON.stringify(walk(message))
      : seal(config.messageKeys, { ...config, queue }, plain, Date.now());
    return isBase64 ? Buffer.from(sealed).toString('base64') : sealed;
  };
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => {
        if (name === 'messageBody' && typeof one === 'string') return [name, sealedBody(one)];
        if (name === 'requestPayload' && typeof one === 'string')
          return [name, JSON.stringify(walk(jsonOf(one) ?? one))];
        return [name, walk(one)];
      }),
    );
  };
  return Buffer.from(JSON.stringify(walk(parsed)));
}

/** A stage's message is sealed for the queue of the stage, also where it comes back as a dead letter. */
function queueOfMessage(message: object, functionName: string, stageQueue: string | undefined): string {
  const stage = stageMessageSchema.shape.stage.safeParse('stage' in message ? message.stage : functionName);
  if (stage.success) return queueOf(stage.data, stageQueue);
  return functionName === 'stages' ? queueOf('preflight', stageQueue) : functionName;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
