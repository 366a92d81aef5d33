import type { WireRequest } from '../wire.ts';
import { Query } from './action.ts';
import { refuse } from './errors.ts';

export interface Route {
  action: string;
  /** Empty for ListQueue. */
  queueName: string;
  query: Query;
}

/** The operation that method, path, query and the body's root element ask for. @throws ApiError `InvalidRequestURL` */
export function routeOf(request: WireRequest): Route {
  const query = new Query(request.query);
  const [empty, kind, name, part, ...rest] = request.path.split('/');
  const action =
    empty !== '' || rest.length > 0
      ? undefined
      : kind === 'topics'
        ? topicAction(request.method, part)
        : kind !== 'queues'
          ? undefined
          : name === undefined
            ? queuesAction(request.method)
            : part === undefined
              ? queueAction(request.method, query)
              : part === 'messages'
                ? messageAction(request, query)
                : undefined;
  if (action === undefined) throw refuse('InvalidRequestURL', `(${request.method} ${request.path})`);
  return { action, queueName: decode(name ?? ''), query };
}

const isTrue = (value: string | undefined): boolean => value?.toLowerCase() === 'true';

const queuesAction = (method: string): string | undefined => (method === 'GET' ? 'ListQueue' : undefined);

function queueAction(method: string, query: Query): string | undefined {
  switch (method) {
    case 'PUT':
      return isTrue(query.get('metaoverride')) ? 'SetQueueAttributes' : 'CreateQueue';
    case 'GET':
      return 'GetQueueAttributes';
    case 'DELETE':
      return 'DeleteQueue';
    default:
      return undefined;
  }
}

function messageAction({ method, body }: WireRequest, query: Query): string | undefined {
  const isBatch = query.get('numOfMessages') !== undefined;
  switch (method) {
    case 'POST':
      return rootOf(body) === 'Messages' ? 'BatchSendMessage' : 'SendMessage';
    case 'GET':
      if (isTrue(query.get('peekonly'))) return isBatch ? 'BatchPeekMessage' : 'PeekMessage';
      return isBatch ? 'BatchReceiveMessage' : 'ReceiveMessage';
    case 'PUT':
      return 'ChangeMessageVisibility';
    case 'DELETE':
      return query.get('ReceiptHandle') === undefined && body.length > 0 ? 'BatchDeleteMessage' : 'DeleteMessage';
    default:
      return undefined;
  }
}

/** Only for the wire log: none of them is emulated. */
const topicAction = (method: string, part: string | undefined): string =>
  part === 'messages' ? 'PublishMessage' : part === 'subscriptions' ? 'Subscription' : `Topic${method}`;

/** Name of the first element, without reading the document. */
const rootOf = (body: Buffer): string | undefined =>
  /^(?:\s|<\?[^>]*\?>|<!--[\s\S]*?-->)*<([\w.:-]+)/.exec(body.toString('utf8').replace(/^\ufeff/, ''))?.[1];

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw refuse('InvalidRequestURL');
  }
}
