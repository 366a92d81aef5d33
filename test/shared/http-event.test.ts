import { describe, expect, it } from 'vitest';
import { readHttpEvent, toRequest, toResult } from '../../shared/http-event.ts';

/** The event of the trigger's page, cut down to what is read. */
const event = {
  version: 'v1',
  rawPath: '/load-balancers',
  body: '{"name":"x"}',
  isBase64Encoded: false,
  headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k-1', Host: 'api.cn-shanghai.fcapp.run' },
  queryParameters: { limit: '5', cursor: '202611.a+b c' },
  requestContext: {
    accountId: '1234567890123456',
    domainName: 'api.cn-shanghai.fcapp.run',
    http: { method: 'POST', path: '/load-balancers', sourceIp: '203.0.113.7' },
    requestId: '1-64f6cd87',
  },
};

const requestOf = (changes: object) => toRequest(readHttpEvent(JSON.stringify({ ...event, ...changes })));

describe('the event of an HTTP trigger', () => {
  it('becomes a request', async () => {
    const request = requestOf({});
    expect(request.method).toBe('POST');
    expect(request.headers.get('idempotency-key')).toBe('k-1');
    expect(await request.json()).toEqual({ name: 'x' });
  });

  it('keeps values of the query as they are', () => {
    const url = new URL(requestOf({}).url);
    expect(url.pathname).toBe('/load-balancers');
    expect(url.searchParams.get('cursor')).toBe('202611.a+b c');
  });

  it.each(['//', '///x', '//load-balancers', '/%zz', '/a%2Fb'])('keeps the path %s with its host', (rawPath) => {
    const url = new URL(requestOf({ rawPath }).url);
    expect([url.hostname, url.pathname]).toEqual(['api.cn-shanghai.fcapp.run', rawPath]);
  });

  it('may have a body in base64', async () => {
    const request = requestOf({ body: Buffer.from('{"ü":1}').toString('base64'), isBase64Encoded: true });
    expect(await request.text()).toBe('{"ü":1}');
  });

  it.each(['GET', 'HEAD'])('has no body with %s', async (method) => {
    const request = requestOf({ requestContext: { ...event.requestContext, http: { method } } });
    expect(await request.text()).toBe('');
  });

  it('may leave out everything that a plain GET has not', () => {
    const request = toRequest(
      readHttpEvent(JSON.stringify({ rawPath: '/', requestContext: { http: { method: 'GET' } } })),
    );
    expect(new URL(request.url).pathname).toBe('/');
  });

  it.each([
    ['a queue event', '[{"data":{"messageBody":"x"}}]'],
    ['null', 'null'],
    ['an event without method', '{"rawPath":"/","requestContext":{}}'],
    ['an event without path', '{"requestContext":{"http":{"method":"GET"}}}'],
  ])('is not %s', (_, text) => {
    expect(() => readHttpEvent(text)).toThrow('the event is not one of an HTTP trigger');
  });

  it('is not text that is not JSON', () => {
    expect(() => readHttpEvent(Buffer.from('<html>'))).toThrow(SyntaxError);
  });
});

describe('the result for an HTTP trigger', () => {
  it('holds status, headers, body', async () => {
    const response = new Response('{"a":1}', {
      status: 202,
      headers: { location: '/load-balancers/x', 'content-type': 'application/json' },
    });
    expect(await toResult(response)).toEqual({
      statusCode: 202,
      headers: { location: '/load-balancers/x', 'content-type': 'application/json' },
      isBase64Encoded: false,
      body: '{"a":1}',
    });
  });

  it('has an empty body where the response has none', async () => {
    expect(await toResult(new Response(null, { status: 204 }))).toMatchObject({ statusCode: 204, body: '' });
  });
});
