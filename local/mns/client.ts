import { createHash, createHmac } from 'node:crypto';
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { readXml, writeXml, type XmlElement } from './xml.ts';
import { valueAt } from '../dictionary.ts';

export interface MnsCredential {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken?: string;
}

export interface ReceivedMessage {
  messageId: string;
  receiptHandle: string;
  /** As sent: base64 is not decoded. */
  body: string;
  enqueuedAtMs: number;
  firstDequeuedAtMs: number;
  nextVisibleAtMs: number;
  dequeueCount: number;
  priority: number;
}

export interface MnsClientOptions {
  /** `http://host:port`, with or without a slash at the end. */
  endpoint: string;
  /** Asked for every request. */
  credential: () => MnsCredential;
  /** Gives the date that is signed; default the system's. */
  clock?: Clock;
  /**
   * Real time after which a request is given up, a long poll's own wait not counted; default none, since a long poll lasts as
   * long as the service's clock says.
   */
  timeoutMs?: number;
}

/** Anything but the expected XML answer. */
export class MnsClientError extends Error {
  /** The service's code; `NotXml` for another answer than MNS gives; `Timeout`; else the socket's code, such as `ECONNRESET`. */
  readonly code: string;
  /** 0 without answer. */
  readonly status: number;
  readonly requestId: string;

  constructor(code: string, status: number, message: string, options: { requestId?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MnsClientError';
    this.code = code;
    this.status = status;
    this.requestId = options.requestId ?? '';
  }
}

interface Answer {
  status: number;
  root: XmlElement | undefined;
}

/** The calls that the embedded cloud itself makes to a queue, at any endpoint, over connections that stay open. Never repeats a call. */
export class MnsClient {
  readonly #options: MnsClientOptions;
  readonly #endpoint: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(options: MnsClientOptions) {
    this.#options = options;
    this.#endpoint = new URL(options.endpoint);
  }

  /** @returns undefined when the queue stayed empty or `signal` aborted. @throws MnsClientError */
  async receive(
    queue: string,
    options: { waitSeconds: number },
    signal?: AbortSignal,
  ): Promise<ReceivedMessage | undefined> {
    const { waitSeconds } = options;
    const root = await this.#receive(queue, `?waitseconds=${waitSeconds}`, 'Message', waitSeconds, signal);
    return root === undefined ? undefined : messageOf(root);
  }

  /** @param options - `count` 1 to 16. @returns no message when the queue stayed empty or `signal` aborted. @throws MnsClientError */
  async receiveBatch(
    queue: string,
    options: { waitSeconds: number; count: number },
    signal?: AbortSignal,
  ): Promise<ReceivedMessage[]> {
    const { count, waitSeconds } = options;
    const query = `?numOfMessages=${count}&waitseconds=${waitSeconds}`;
    const root = await this.#receive(queue, query, 'Messages', waitSeconds, signal);
    return root === undefined ? [] : root.children.map(messageOf);
  }

  /** @throws MnsClientError `ReceiptHandleError`, `MessageNotExist` */
  async delete(queue: string, receiptHandle: string): Promise<void> {
    await this.#call('DELETE', queue, `?ReceiptHandle=${encodeURIComponent(receiptHandle)}`, '', 204);
  }

  /** @returns the message's id. @throws MnsClientError */
  async send(queue: string, body: string, delaySeconds?: number): Promise<string> {
    const document = writeXml('Message', { MessageBody: body, DelaySeconds: delaySeconds });
    const { root } = await this.#call('POST', queue, '', document, 201, 'Message');
    return memberOf(root, 'MessageId');
  }

  /** @param visibilityTimeoutSeconds - 1 to 43200, from now. @returns the new handle. @throws MnsClientError */
  async changeVisibility(
    queue: string,
    receiptHandle: string,
    visibilityTimeoutSeconds: number,
  ): Promise<{ receiptHandle: string; nextVisibleAtMs: number }> {
    const query = `?receiptHandle=${encodeURIComponent(receiptHandle)}&visibilityTimeout=${visibilityTimeoutSeconds}`;
    const { root } = await this.#call('PUT', queue, query, '', 200, 'ChangeVisibility');
    return {
      receiptHandle: memberOf(root, 'ReceiptHandle'),
      nextVisibleAtMs: Number(memberOf(root, 'NextVisibleTime')),
    };
  }

  /** Closes the connections, also those in use. */
  close(): void {
    this.#agent.destroy();
  }

  async #receive(
    queue: string,
    query: string,
    expected: string,
    waitSeconds: number,
    signal?: AbortSignal,
  ): Promise<XmlElement | undefined> {
    try {
      return (await this.#call('GET', queue, query, '', 200, expected, this.#until(waitSeconds, signal))).root;
    } catch (error) {
      if (signal?.aborted === true) return undefined;
      if (error instanceof MnsClientError && error.code === 'MessageNotExist' && error.status === 404) return undefined;
      throw error;
    }
  }

  async #call(
    method: string,
    queue: string,
    query: string,
    document: string,
    expectedStatus: number,
    expectedRoot?: string,
    signal = this.#until(0),
  ): Promise<Answer> {
    const { status, type, requestId, text } = await this.#exchange(
      method,
      `${this.#endpoint.pathname.replace(/\/+$/, '')}/queues/${queue}/messages${query}`,
      Buffer.from(document),
      signal,
    );
    const root = parse(type, text);
    if (root?.name === 'Error')
      throw new MnsClientError(memberOf(root, 'Code') || 'Unknown', status, memberOf(root, 'Message'), { requestId });
    if (status !== expectedStatus || root?.name !== expectedRoot)
      throw new MnsClientError(
        root === undefined && text !== '' ? 'NotXml' : 'UnexpectedAnswer',
        status,
        `${method} of queue ${queue} was answered with ${status} ${type || 'without content type'}`,
        { requestId },
      );
    return { status, root };
  }

  async #exchange(
    method: string,
    target: string,
    body: Buffer,
    signal: AbortSignal | undefined,
  ): Promise<{ status: number; type: string; requestId: string; text: string }> {
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const outgoing = httpRequest(
          {
            host: this.#endpoint.hostname.replace(/^\[|\]$/g, ''),
            port: this.#endpoint.port === '' ? 80 : Number(this.#endpoint.port),
            method,
            path: target,
            agent: this.#agent,
            headers: this.#headers(method, target, body),
            ...(signal === undefined ? {} : { signal }),
          },
          resolve,
        );
        outgoing.once('error', reject);
        outgoing.end(body);
      });
      const chunks: Buffer[] = [];
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
      const header = (name: string) => String(valueAt(response.headers, name) ?? '');
      return {
        status: response.statusCode ?? 0,
        type: header('content-type'),
        requestId: header('x-mns-request-id'),
        text: Buffer.concat(chunks).toString('utf8'),
      };
    } catch (error) {
      const cause = error as NodeJS.ErrnoException;
      const isTimeout = cause.code === 'ABORT_ERR' && (signal?.reason as Error | undefined)?.name === 'TimeoutError';
      throw new MnsClientError(isTimeout ? 'Timeout' : (cause.code ?? cause.name), 0, cause.message, { cause });
    }
  }

  #until(waitSeconds: number, signal?: AbortSignal): AbortSignal | undefined {
    if (this.#options.timeoutMs === undefined) return signal;
    const timeout = AbortSignal.timeout(this.#options.timeoutMs + waitSeconds * 1000);
    return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  }

  #headers(method: string, target: string, body: Buffer): Record<string, string> {
    const { accessKeyId, accessKeySecret, securityToken } = this.#options.credential();
    const date = new Date((this.#options.clock ?? systemClock).nowMs()).toUTCString();
    const md5 = createHash('md5').update(body).digest('base64');
    const signed = [method, md5, 'text/xml', date, 'x-mns-version:2015-06-06', target].join('\n');
    const signature = createHmac('sha1', accessKeySecret).update(signed).digest('base64');
    return {
      host: this.#endpoint.host,
      date,
      'content-type': 'text/xml',
      'content-md5': md5,
      'content-length': String(body.length),
      'x-mns-version': '2015-06-06',
      authorization: `MNS ${accessKeyId}:${signature}`,
      ...(securityToken === undefined ? {} : { 'security-token': securityToken }),
    };
  }
}

function parse(type: string, text: string): XmlElement | undefined {
  if (text === '' || !/^(?:text|application)\/xml\b/.test(type)) return undefined;
  try {
    return readXml(text);
  } catch {
    return undefined;
  }
}

const memberOf = (element: XmlElement | undefined, name: string): string =>
  element?.children.find((child) => child.name === name)?.text ?? '';

const messageOf = (element: XmlElement): ReceivedMessage => ({
  messageId: memberOf(element, 'MessageId'),
  receiptHandle: memberOf(element, 'ReceiptHandle'),
  body: memberOf(element, 'MessageBody'),
  enqueuedAtMs: Number(memberOf(element, 'EnqueueTime')),
  firstDequeuedAtMs: Number(memberOf(element, 'FirstDequeueTime')),
  nextVisibleAtMs: Number(memberOf(element, 'NextVisibleTime')),
  dequeueCount: Number(memberOf(element, 'DequeueCount')),
  priority: Number(memberOf(element, 'Priority')),
});
