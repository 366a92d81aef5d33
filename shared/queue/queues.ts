import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import MnsSdk from '@alicloud/mns';
import { type Budget, OutOfTimeError } from '../budget.ts';
import { valueAt } from '../dictionary.ts';
import { type MessageKey, seal } from './seal.ts';

export interface QueueSettings {
  endpoint: string;
  accountId: string;
  regionId: string;
  /** Prefix of queue names: the installation's name. */
  prefix: string;
  /** What messages are sealed with; without any none can be sent. */
  messageKeys: readonly MessageKey[];
  nowMs: () => number;
  credentials: { accessKeyId: string; accessKeySecret: string; securityToken?: string | undefined };
  readTimeoutMs: number;
  connectTimeoutMs: number;
  /** No call, and no repeat of one, outlives it. */
  budget: Budget;
  pause?: (ms: number) => Promise<void>;
}

export interface QueueAttributes {
  visibilityTimeoutSeconds: number;
  retentionSeconds: number;
}

const wireAttributes = ({ visibilityTimeoutSeconds, retentionSeconds }: QueueAttributes): Record<string, number> => ({
  DelaySeconds: 0,
  MaximumMessageSize: 65_536,
  MessageRetentionPeriod: retentionSeconds,
  VisibilityTimeout: visibilityTimeoutSeconds,
  // 0, since the SDK cannot ask for a short poll by itself (P-100).
  PollingWaitSeconds: 0,
});

/** The queue service refused or did not answer. `code` is MNS's own, or `ConnectionFailed`. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The SDK's errors carry their code only inside `name`: `MNSQueueNotExistError` (P-098). */
const codeOf = (error: unknown): string => {
  const name = error instanceof Error ? error.name : '';
  return /^MNS(.+)Error$/.exec(name)?.[1] ?? 'ConnectionFailed';
};

/** Refusals that repeating at once cannot change. */
const finalCodes = new Set([
  'QueueNotExist',
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'MalformedXML',
  'InvalidArgument',
  'TimeExpired',
  'InvalidQueueName',
  'QueueNameLengthError',
  // It passes, but not within the pauses here.
  'QueueDeletedRecently',
]);

/** 7 days (P-107). */
const longestDelaySeconds = 604_800;

const httpAgent = new HttpAgent({ keepAlive: true });
const httpsAgent = new HttpsAgent({ keepAlive: true });

/**
 * On sockets of its own. The SDKs share one HTTP client, and an OpenAPI call leaves its timer running behind its answer: on
 * a socket that both use it would end the read of a queue answer that has just come, and the message would be sent twice.
 */
class MnsOnOwnSockets extends MnsSdk {
  override request(...[method, resource, type, body, attentions, options]: MnsSdk.Request): Promise<MnsSdk.Answer> {
    const agent = this.endpoint.startsWith('https:') ? httpsAgent : httpAgent;
    return super.request(method, resource, type, body, attentions, { ...options, agent });
  }
}

/** Sends messages. Receiving is the trigger's business. */
export class Queues {
  readonly #settings: QueueSettings;
  readonly #client: MnsSdk;
  readonly #pause: (ms: number) => Promise<void>;

  constructor(settings: QueueSettings) {
    this.#settings = settings;
    this.#pause = settings.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    const { accessKeyId, accessKeySecret, securityToken } = settings.credentials;
    this.#client = new MnsOnOwnSockets(settings.accountId, {
      accessKeyId,
      accessKeySecret,
      ...(securityToken === undefined ? {} : { securityToken }),
      region: settings.regionId,
      endpoint: settings.endpoint,
      readTimeout: settings.readTimeoutMs,
      connectTimeout: settings.connectTimeoutMs,
    });
  }

  /**
   * Sends a JSON message, sealed by the installation for this queue and base64-encoded (P-095). A lost answer is sent again:
   * twice is harmless, never is not.
   *
   * @param delayMs - rounded up to whole seconds, at most 7 days.
   */
  async send(queue: string, message: unknown, delayMs = 0): Promise<void> {
    const { prefix: name, regionId, accountId, messageKeys, nowMs } = this.#settings;
    const sealed = seal(messageKeys, { name, regionId, accountId, queue }, JSON.stringify(message), nowMs());
    const MessageBody = Buffer.from(sealed).toString('base64');
    const DelaySeconds = Math.min(longestDelaySeconds, Math.ceil(delayMs / 1000));
    await this.#try(`SendMessage ${queue}`, [201], () =>
      this.#client.sendMessage(this.#name(queue), { MessageBody, DelaySeconds }),
    );
  }

  /** Creates the queue or gives an existing one these attributes. @returns whether it is new. */
  async ensure(queue: string, attributes: QueueAttributes): Promise<boolean> {
    const wire = wireAttributes(attributes);
    try {
      const { code } = await this.#try(`CreateQueue ${queue}`, [201, 204], () =>
        this.#client.createQueue(this.#name(queue), wire),
      );
      return code === 201;
    } catch (error) {
      if (!(error instanceof QueueError) || error.code !== 'QueueAlreadyExist') throw error;
      await this.#try(`SetQueueAttributes ${queue}`, [204], () =>
        this.#client.setQueueAttributes(this.#name(queue), wire),
      );
      return false;
    }
  }

  /** In what the queue differs, one sentence each; undefined: there is no such queue. */
  async differences(queue: string, attributes: QueueAttributes): Promise<string[] | undefined> {
    let found: Record<string, string>;
    try {
      const { body } = await this.#try(`GetQueueAttributes ${queue}`, [200], () =>
        this.#client.getQueueAttributes(this.#name(queue)),
      );
      found = body as Record<string, string>;
    } catch (error) {
      if (error instanceof QueueError && error.code === 'QueueNotExist') return undefined;
      throw error;
    }
    return Object.entries(wireAttributes(attributes)).flatMap(([name, wanted]) =>
      Number(valueAt(found, name)) === wanted ? [] : [`${name} is ${valueAt(found, name)}, not ${wanted}`],
    );
  }

  /** Deletes the queue with its messages; one that is gone counts as deleted. */
  async remove(queue: string): Promise<void> {
    await this.#try(`DeleteQueue ${queue}`, [204], () => this.#client.deleteQueue(this.#name(queue)));
  }

  #name(queue: string): string {
    return `${this.#settings.prefix}-${queue}`;
  }

  /** An answer that is not XML does not throw in the SDK, so the status is looked at here (P-096). */
  async #try(operation: string, expected: number[], call: () => Promise<MnsSdk.Answer>): Promise<MnsSdk.Answer> {
    for (let attempt = 1; ; attempt += 1) {
      let failure: QueueError;
      try {
        const answer = await this.#settings.budget.within(`MNS ${operation}`, call);
        if (expected.includes(answer.code)) return answer;
        failure = new QueueError('UnreadableAnswer', `MNS ${operation}: HTTP status ${answer.code}`);
      } catch (error) {
        if (error instanceof OutOfTimeError) throw error;
        const code = codeOf(error);
        failure = new QueueError(code, `MNS ${operation}: ${code}`, error);
        if (finalCodes.has(code) || code === 'QueueAlreadyExist') throw failure;
      }
      if (attempt >= 4) throw failure;
      await this.#pause(50 * 2 ** attempt);
    }
  }
}
