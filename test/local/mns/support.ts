import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { onTestFinished } from 'vitest';
import type { Credential } from '../../../local/credentials.ts';
import { MnsClient } from '../../../local/mns/client.ts';
import { mnsService } from '../../../local/mns/index.ts';
import type { MnsOptions } from '../../../local/mns/state.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';

type Members = Record<string, string>;
interface SdkAnswer<Body> {
  code: number;
  headers: Record<string, string>;
  body: Body;
}
type Answer<Body = Members> = Promise<SdkAnswer<Body>>;

/** The part of the untyped package `@alicloud/mns` that the tests use. */
export interface OfficialClient {
  createQueue(name: string, params?: object): Answer;
  deleteQueue(name: string): Answer;
  listQueue(marker?: string, limit?: number, prefix?: string): Answer<Members[] | undefined>;
  getQueueAttributes(name: string): Answer;
  setQueueAttributes(name: string, params: object): Answer;
  sendMessage(queue: string, message: object): Answer;
  batchSendMessage(queue: string, messages: object[]): Answer<Members[]>;
  receiveMessage(queue: string, waitSeconds?: number): Answer;
  batchReceiveMessage(queue: string, count: number, waitSeconds?: number): Answer<Members[]>;
  peekMessage(queue: string): Answer;
  batchPeekMessage(queue: string, count: number): Answer<Members[]>;
  deleteMessage(queue: string, handle: string): Answer;
  batchDeleteMessage(queue: string, handles: string[]): Answer<Members[] | undefined>;
  changeMessageVisibility(queue: string, handle: string, seconds: number): Answer;
  publishMessage(topic: string, message: object): Answer;
  listTopic(marker?: string, limit?: number, prefix?: string): Answer<Members[] | undefined>;
}

const Official = createRequire(import.meta.url)('@alicloud/mns') as new (
  accountId: string,
  options: object,
) => OfficialClient;

/** The service behind an edge on a clock that stands still, with the official client as root. */
export async function start(options: MnsOptions = {}) {
  const context = testContext('none');
  const service = mnsService(context, options);
  onTestFinished(() => service.close());
  const { edge, url, calls } = await testEdge(context, [service]);
  const { root } = context.credentials;
  const official = (overrides: object = {}, credential: Credential = root) =>
    new Official(context.credentials.accountId, {
      endpoint: url,
      accessKeyId: credential.accessKeyId,
      accessKeySecret: credential.accessKeySecret,
      ...(credential.securityToken === undefined ? {} : { securityToken: credential.securityToken }),
      ...overrides,
    });
  const own = (credential: Credential = root) => {
    const client = new MnsClient({ endpoint: url, clock: context.clock, credential: () => credential });
    onTestFinished(() => client.close());
    return client;
  };
  return { context, service, edge, url, calls, official, client: official(), own, credential: root };
}

export interface RawRequest {
  method?: string;
  target: string;
  body?: string | Buffer;
  /** Replace what is sent; undefined leaves a header out. They are signed as far as the protocol signs them. */
  headers?: Record<string, string | undefined>;
  credential?: Credential;
  /** Signed instead of `target`. */
  signedTarget?: string;
}

/** One request written and signed by hand, at the instant of the cloud's clock. */
export async function raw(cloud: Awaited<ReturnType<typeof start>>, request: RawRequest) {
  const method = request.method ?? 'GET';
  const body = Buffer.from(request.body ?? '');
  const credential = request.credential ?? cloud.credential;
  const headers: Record<string, string | undefined> = {
    host: new URL(cloud.url).host,
    date: new Date(cloud.context.clock.nowMs()).toUTCString(),
    'x-mns-version': '2015-06-06',
    'content-type': 'text/xml',
    'content-md5': createHash('md5').update(body).digest('base64'),
    'content-length': String(body.length),
    ...request.headers,
  };
  const mns = Object.keys(headers)
    .filter((name) => name.startsWith('x-mns-') && headers[name] !== undefined)
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const signed = [
    method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    headers['date'] ?? '',
    mns + (request.signedTarget ?? request.target),
  ].join('\n');
  const signature = createHmac('sha1', credential.accessKeySecret).update(signed).digest('base64');
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries({
    authorization: `MNS ${credential.accessKeyId}:${signature}`,
    ...(credential.securityToken === undefined ? {} : { 'security-token': credential.securityToken }),
    ...headers,
  }))
    if (value !== undefined) sent[name] = value;
  return await new Promise<{ status: number; text: string; headers: Record<string, unknown>; code: string }>(
    (resolve, reject) => {
      const outgoing = httpRequest(
        cloud.url,
        { method, path: request.target, headers: sent, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const code = /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? '';
            resolve({ status: response.statusCode ?? 0, text, headers: response.headers, code });
          });
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    },
  );
}

/** Resolves when the condition holds; for what other sockets bring about, never for the passing of time. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
