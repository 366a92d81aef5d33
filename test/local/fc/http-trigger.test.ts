import { request as httpRequest } from 'node:http';
import openApiUtil from '@alicloud/openapi-util';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../local/credentials.ts';
import { triggerHost } from '../../../local/fc/http-trigger.ts';
import { testEdge } from '../../support/edge.ts';
import { accountId, regionId, startFunctions, until } from './support/function-compute.ts';

const echo = 'exports.handler = async (event) => JSON.parse(event)';
const host = triggerHost('f', regionId, accountId);

async function start(source = echo, triggerConfig: object = {}, more: object = {}) {
  const fc = await startFunctions(
    { f: source },
    {
      f: {
        triggers: [
          {
            triggerName: 'api',
            triggerType: 'http',
            triggerConfig: { authType: 'anonymous', methods: ['GET', 'POST', 'HEAD'], ...triggerConfig },
          },
        ],
        ...more,
      },
    },
  );
  const { url, calls } = await testEdge(fc.context, [fc.compute.httpService]);
  const send = (
    method: string,
    path: string,
    options: { headers?: Record<string, string>; body?: string | Buffer } = {},
  ) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const outgoing = httpRequest(`${url}${path}`, { method, headers: { host, ...options.headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(options.body);
    });
  return { ...fc, send, calls };
}

describe('HTTP trigger: request', () => {
  it('hands the request on in the documented form', async () => {
    const { send } = await start('exports.handler = async (event) => ({ statusCode: 200, body: String(event) })');
    const { text, headers } = await send('POST', '/a%20b?x=1&y=2&x=3', {
      headers: { 'content-type': 'application/json', 'user-agent': 'test' },
      body: '{"q":1}',
    });
    expect(JSON.parse(text)).toMatchObject({
      version: 'v1',
      rawPath: '/a%20b',
      body: '{"q":1}',
      isBase64Encoded: false,
      headers: { 'Content-Type': 'application/json' },
      queryParameters: { x: '1,3', y: '2' },
      requestContext: {
        accountId,
        domainName: host,
        domainPrefix: host.split('.')[0],
        http: { method: 'POST', path: '/a b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
        requestId: headers['x-fc-request-id'],
        timeEpoch: expect.stringMatching(/^\d{13}$/),
      },
    });
  });

  it('encodes a binary body in base64', async () => {
    const { send } = await start('exports.handler = async (event) => ({ statusCode: 200, body: String(event) })');
    const { text } = await send('POST', '/', {
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.from('ff00', 'hex'),
    });
    expect(JSON.parse(text)).toMatchObject({ isBase64Encoded: true, body: '/wA=' });
  });

  it('accepts asynchronous requests with 202', async () => {
    const { send, compute } = await start();
    const { status, text } = await send('POST', '/', { headers: { 'x-fc-invocation-type': 'Async' }, body: '{}' });
    expect([status, text]).toEqual([202, '']);
    await until(() => compute.stats.get('f')?.invocations === 1);
  });
});

describe('HTTP trigger: response', () => {
  it('maps status, headers and base64 body', async () => {
    const { send } = await start(
      "exports.handler = async () => ({ statusCode: 201, headers: { 'X-Own': 'a', 'Content-Type': 'text/plain' }, isBase64Encoded: true, body: 'aGk=' })",
    );
    const { status, headers, text } = await send('GET', '/');
    expect([status, headers['x-own'], headers['content-type'], text]).toEqual([201, 'a', 'text/plain', 'hi']);
  });

  it('P-157: forces a download and names the request', async () => {
    const { send } = await start('exports.handler = async () => ({ statusCode: 200, body: "x" })');
    const { headers } = await send('GET', '/');
    expect(headers['content-disposition']).toBe('attachment');
    expect(headers['x-fc-request-id']).toMatch(/^[0-9A-F-]{36}$/);
  });

  it('takes output without statusCode as the body of a 200', async () => {
    const { send } = await start('exports.handler = async () => ({ ok: true })');
    const { status, headers, text } = await send('GET', '/');
    expect([status, headers['content-type'], text]).toEqual([200, 'application/json', '{"ok":true}']);
  });

  it('does not pass on headers that the platform sets', async () => {
    const { send, logs } = await start(
      "exports.handler = async () => ({ statusCode: 200, headers: { 'x-fc-own': '1', Server: 'mine', Date: 'never' }, body: '' })",
    );
    const { headers } = await send('GET', '/');
    expect(headers['x-fc-own']).toBeUndefined();
    expect(headers['server']).toBeUndefined();
    expect(logs.some((entry) => entry.message.includes('x-fc-own, Server, Date'))).toBe(true);
  });

  it('answers 502 with the error when the handler throws', async () => {
    const { send } = await start("exports.handler = async () => { throw new Error('oops') }");
    const { status, headers, text } = await send('GET', '/');
    expect([status, headers['x-fc-error-type']]).toEqual([502, 'UnhandledInvocationError']);
    expect(JSON.parse(text)).toMatchObject({ errorMessage: 'oops', errorType: 'Error' });
  });

  it('answers 502 when the response has not the documented form', async () => {
    const { send } = await start('exports.handler = async () => ({ statusCode: 200, body: { a: 1 } })');
    expect(await send('GET', '/')).toMatchObject({ status: 502, text: expect.stringContaining('body is not a text') });
  });
});

describe('HTTP trigger: refusals', () => {
  it('refuses a method that is not listed', async () => {
    const { send, compute } = await start();
    expect((await send('PUT', '/')).status).toBe(405);
    expect(compute.stats.get('f')?.invocations).toBe(0);
  });

  it('refuses an unknown host', async () => {
    const { send } = await start();
    const answer = await send('GET', '/', { headers: { host: `g-abcdefghij.${regionId}.fcapp.run` } });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      404,
      expect.objectContaining({ Code: 'DomainNameNotFound' }),
    ]);
  });

  it('serves only the VPC host when the public URL is disabled', async () => {
    const { send } = await start(echo, { disableURLInternet: true });
    expect((await send('GET', '/')).status).toBe(403);
    const internal = host.replace(`.${regionId}.`, `.${regionId}-vpc.`);
    expect((await send('GET', '/', { headers: { host: internal } })).status).toBe(200);
  });

  it('P-160: refuses headers above 8 KB', async () => {
    const { send } = await start();
    expect((await send('GET', '/', { headers: { 'x-long': 'a'.repeat(8192) } })).status).toBe(400);
  });

  it('says that JWT authentication is not emulated', async () => {
    const { send } = await start(echo, { authType: 'jwt' });
    const answer = await send('GET', '/');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      501,
      expect.objectContaining({ Code: 'EmbeddedCloud.NotEmulated' }),
    ]);
  });

  it('answers 45 requests at once where nothing is reserved, each by an instance of its own', async () => {
    const slow = "exports.handler = async () => new Promise((resolve) => setTimeout(() => resolve('ok'), 300))";
    const { send, compute } = await start(slow);
    const answers = await Promise.all(Array.from({ length: 45 }, () => send('GET', '/')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(compute.stats.get('f')).toMatchObject({ throttles: 0 });
  });

  it('answers 429 above the reserved concurrency', async () => {
    const { send, compute } = await start(
      'exports.handler = () => new Promise(() => {})',
      {},
      { reservedConcurrency: 1 },
    );
    const first = send('GET', '/');
    await until(() => compute.stats.get('f')?.coldStarts === 1);
    expect(await send('GET', '/')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    await compute.kill('f');
    expect((await first).status).toBe(502);
  });
});

describe('HTTP trigger: authType function', () => {
  const sign = (
    context: Awaited<ReturnType<typeof start>>['context'],
    method: string,
    target: string,
    options: { dateMs?: number; secret?: string; credential?: Credential } = {},
  ) => {
    const { accessKeyId, accessKeySecret, securityToken } = options.credential ?? context.credentials.root;
    const url = new URL(`https://${host}${target}`);
    const headers: Record<string, string> = {
      'x-acs-date': new Date(options.dateMs ?? context.clock.nowMs()).toISOString(),
      ...(securityToken === undefined ? {} : { 'x-acs-security-token': securityToken }),
    };
    // Word by word the sample of the vendor's page.
    headers['authorization'] = openApiUtil.default.getAuthorization(
      {
        method,
        pathname: url.pathname.replace('$', '%24'),
        headers,
        query: Object.fromEntries(url.searchParams),
      } as never,
      'ACS3-HMAC-SHA256',
      '',
      accessKeyId,
      options.secret ?? accessKeySecret,
    );
    return headers;
  };

  it.each(['/', '/load-balancers?limit=2&after=a%2Fb', '/a%20b$c'])(
    'accepts the official sample for %s',
    async (target) => {
      const { send, context } = await start(echo, { authType: 'function' });
      const headers = sign(context, 'POST', target);
      expect((await send('POST', target, { headers, body: '{"a":1}' })).status).toBe(200);
    },
  );

  it('P-156: does not cover the body', async () => {
    const { send, context } = await start(echo, { authType: 'function' });
    const headers = sign(context, 'POST', '/');
    expect((await send('POST', '/', { headers, body: 'anything' })).status).toBe(200);
  });

  it('P-158: refuses an unsigned request', async () => {
    const { send, compute } = await start(echo, { authType: 'function' });
    expect((await send('GET', '/')).status).toBe(403);
    expect(compute.stats.get('f')?.invocations).toBe(0);
  });

  it.each([
    ['acs:fc:*:*:functions/f', 200],
    ['acs:fc:*:*:functions/g', 403],
  ])('lets a role in that may invoke %s: %d', async (resource, status) => {
    const { send, context } = await start(echo, { authType: 'function' });
    context.credentials.setRolePolicies('caller', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: 'fc:InvokeFunction', Resource: resource }] },
    ]);
    const headers = sign(context, 'GET', '/', { credential: context.credentials.issue('caller', 'cli') });
    expect((await send('GET', '/', { headers })).status).toBe(status);
  });

  it('refuses credentials that have expired', async () => {
    const { send, context } = await start(echo, { authType: 'function' });
    const credential = context.credentials.issue('caller', 'cli', 60_000);
    context.clock.advance(60_000);
    const answer = await send('GET', '/', { headers: sign(context, 'GET', '/', { credential }) });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ Code: 'InvalidSecurityToken' });
  });

  it('refuses a signature by another secret', async () => {
    const { send, context } = await start(echo, { authType: 'function' });
    const answer = await send('GET', '/', { headers: sign(context, 'GET', '/', { secret: 'other' }) });
    expect(JSON.parse(answer.text)).toMatchObject({ Code: 'SignatureNotMatch' });
  });

  it('refuses a signature for another path', async () => {
    const { send, context } = await start(echo, { authType: 'function' });
    expect((await send('GET', '/b', { headers: sign(context, 'GET', '/a') })).status).toBe(403);
  });

  it('refuses a date 16 minutes off', async () => {
    const { send, context } = await start(echo, { authType: 'function' });
    const headers = sign(context, 'GET', '/', { dateMs: context.clock.nowMs() - 16 * 60_000 });
    expect(JSON.parse((await send('GET', '/', { headers })).text)).toMatchObject({ Code: 'RequestTimeTooSkewed' });
  });
});
