import { ApiError } from '../action.ts';
import type { CloudContext } from '../cloud-context.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from '../wire.ts';
import { type MnsAction, type MnsAnswer, readBody } from './action.ts';
import { batchDeleteMessage } from './actions/batch-delete-message.ts';
import { batchPeekMessage } from './actions/batch-peek-message.ts';
import { batchReceiveMessage } from './actions/batch-receive-message.ts';
import { batchSendMessage } from './actions/batch-send-message.ts';
import { changeMessageVisibility } from './actions/change-message-visibility.ts';
import { createQueue } from './actions/create-queue.ts';
import { deleteMessage } from './actions/delete-message.ts';
import { deleteQueue } from './actions/delete-queue.ts';
import { getQueueAttributes } from './actions/get-queue-attributes.ts';
import { listQueue } from './actions/list-queue.ts';
import { peekMessage } from './actions/peek-message.ts';
import { receiveMessage } from './actions/receive-message.ts';
import { sendMessage } from './actions/send-message.ts';
import { setQueueAttributes } from './actions/set-queue-attributes.ts';
import type { QueueAttributes } from './attributes.ts';
import { refuse } from './errors.ts';
import { mnsResources } from './resources.ts';
import { commonKeys } from '../authorization/request.ts';
import { accessesOf, printedArn } from '../authorization/resources.ts';
import type { DeadLetterPolicy, Queue } from './queue.ts';
import { routeOf } from './route.ts';
import { authenticateMns, mnsVersion } from './signature.ts';
import { type MnsOptions, MnsState } from './state.ts';
import { writeXml } from './xml.ts';
import { setAt, valueAt } from '../dictionary.ts';

/** Wire name to operation. The RAM action is `mns:` and the wire name, also for the batch calls. */
const actions: Record<string, MnsAction> = {
  CreateQueue: createQueue,
  SetQueueAttributes: setQueueAttributes,
  GetQueueAttributes: getQueueAttributes,
  DeleteQueue: deleteQueue,
  ListQueue: listQueue,
  SendMessage: sendMessage,
  BatchSendMessage: batchSendMessage,
  ReceiveMessage: receiveMessage,
  BatchReceiveMessage: batchReceiveMessage,
  PeekMessage: peekMessage,
  BatchPeekMessage: batchPeekMessage,
  DeleteMessage: deleteMessage,
  BatchDeleteMessage: batchDeleteMessage,
  ChangeMessageVisibility: changeMessageVisibility,
};

export interface MessageSnapshot {
  id: string;
  body: string;
  state: 'Active' | 'Inactive' | 'Delayed' | 'Lost';
  priority: number;
  delaySeconds: number;
  dequeueCount: number;
  enqueuedAtMs: number;
  visibleAtMs: number;
  systemProperties: Record<string, string>;
}

export interface QueueSnapshot {
  name: string;
  attributes: QueueAttributes;
  deadLetterPolicy?: DeadLetterPolicy;
  /** Long polls that wait now. */
  parked: number;
  messages: MessageSnapshot[];
}

/** MNS 2015-06-06: queues over XML with `MNS` signatures. Topics are refused. */
export class MnsService implements WireService {
  readonly name = 'mns';
  readonly api = { version: mnsVersion, actions: Object.keys(actions) };
  readonly state: MnsState;

  constructor(context: CloudContext, options: MnsOptions = {}) {
    this.state = new MnsState(context, options);
  }

  get queues(): ReadonlyMap<string, Queue> {
    return this.state.queues;
  }

  /** Long polls that wait now, over all queues. */
  get parked(): number {
    return [...this.queues.values()].reduce((sum, queue) => sum + queue.parked, 0);
  }

  /** Messages that could be received now, of one queue or of all. */
  visible(queueName?: string): number {
    const of = queueName === undefined ? [...this.queues.values()] : [this.queues.get(queueName)];
    return of.reduce((sum, queue) => sum + (queue?.visible().length ?? 0), 0);
  }

  snapshot(): { queues: QueueSnapshot[] } {
    return { queues: [...this.queues.values()].map(snapshotOf) };
  }

  /** What the control plane does; the same rules as over the wire. @returns whether the queue is new. */
  createQueue(name: string, attributes: Partial<QueueAttributes> = {}, deadLetterPolicy?: DeadLetterPolicy): boolean {
    const isNew = this.state.create(name, attributes);
    if (deadLetterPolicy !== undefined) this.state.setDeadLetterPolicy(name, deadLetterPolicy);
    return isNew;
  }

  /** @param policy - `undefined` turns it off. @throws ApiError `QueueNotExist` */
  setDeadLetterPolicy(queueName: string, policy: DeadLetterPolicy | undefined): void {
    this.state.setDeadLetterPolicy(queueName, policy);
  }

  /**
   * The next `count` messages received from the queue are delivered once more: after they are deleted, or (`at-once`) while
   * the first receiver still has them. @throws ApiError `QueueNotExist`
   */
  duplicateNext(queueName: string, count = 1, when: 'after-delete' | 'at-once' = 'after-delete'): void {
    this.state.queue(queueName).duplicateNext(count, when);
  }

  /** The next `count` messages sent to the queue are accepted but never seen again. @throws ApiError `QueueNotExist` */
  loseNext(queueName: string, count = 1): void {
    this.state.queue(queueName).loseNext(count);
  }

  /** Forgets all queues; long polls end with `QueueNotExist`. */
  reset(): void {
    this.state.reset();
  }

  /** Ends all long polls. */
  close(): void {
    this.state.close();
  }

  accepts({ headers }: WireRequest): boolean {
    return headers['x-mns-version'] !== undefined || (headers['authorization'] ?? '').startsWith('MNS ');
  }

  describe(request: WireRequest): CallFacts {
    const accessKeyId = /^MNS ([^:\s]+):/.exec(request.headers['authorization'] ?? '')?.[1];
    return {
      service: this.name,
      version: request.headers['x-mns-version'] ?? '',
      ...describeRequest(request),
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
    };
  }

  refuse(request: WireRequest, status: number, code: string, message: string): WireAnswer {
    const body = writeXml('Error', {
      Code: code,
      Message: message,
      RequestId: request.id,
      HostId: `http://${request.headers['host'] ?? ''}`,
    });
    return this.#answer(request, { status, xml: body, code });
  }

  async handle(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    try {
      const { credentials, clock, regionId } = this.state.context;
      const principal = authenticateMns(request, credentials, clock);
      const { action: name, queueName, query } = routeOf(request);
      const action = valueAt(actions, name);
      if (action === undefined) throw refuse('EmbeddedCloud.TopicsNotEmulated');
      const place = { regionId, accountId: credentials.accountId };
      const params: Record<string, string> = queueName === '' ? {} : { QueueName: queueName };
      const call = { state: this.state, params, place, keys: commonKeys(request, clock) };
      const refused = credentials.refusedOf(principal, accessesOf(mnsResources, name, call));
      if (refused !== undefined) throw refuse('AccessDenied', `(${refused.action}) on ${printedArn(refused.arn)}`);
      return this.#answer(request, await action({ state: this.state, queueName, query, request, signal }));
    } catch (error) {
      if (error instanceof ApiError) return this.refuse(request, error.httpStatus, error.code, error.message);
      throw error;
    }
  }

  #answer(request: WireRequest, { status, xml, headers, code }: MnsAnswer): WireAnswer {
    return {
      status,
      headers: {
        'x-mns-request-id': request.id,
        'x-mns-version': mnsVersion,
        ...(xml === undefined ? {} : { 'content-type': 'text/xml;charset=utf-8' }),
        ...headers,
      },
      body: xml ?? '',
      ...(code === undefined ? {} : { code }),
    };
  }
}

export const mnsService = (context: CloudContext, options: MnsOptions = {}): MnsService =>
  new MnsService(context, options);

/** Never throws: what cannot be read is left out, and `handle` says what is wrong with it. */
function describeRequest(request: WireRequest): { action: string; params: Record<string, unknown> } {
  const params: Record<string, unknown> = {};
  let action = '';
  try {
    const route = routeOf(request);
    action = route.action;
    if (route.queueName !== '') params['QueueName'] = route.queueName;
    for (const [name, value] of request.query) setAt(params, name, value);
    if (action === 'SendMessage')
      for (const { name, text } of readBody(request, 'Message').children) setAt(params, name, text);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  return { action, params };
}

function snapshotOf(queue: Queue): QueueSnapshot {
  const lost = new Set(queue.lost);
  return {
    name: queue.name,
    attributes: { ...queue.attributes },
    ...(queue.deadLetterPolicy === undefined ? {} : { deadLetterPolicy: { ...queue.deadLetterPolicy } }),
    parked: queue.parked,
    messages: [...queue.messages, ...queue.lost].map((message) => ({
      id: message.id,
      body: message.body,
      state: lost.has(message) ? 'Lost' : queue.stateOf(message),
      priority: message.priority,
      delaySeconds: message.delaySeconds,
      dequeueCount: message.dequeueCount,
      enqueuedAtMs: message.enqueuedAtMs,
      visibleAtMs: message.visibleAtMs,
      systemProperties: { ...message.systemProperties },
    })),
  };
}
