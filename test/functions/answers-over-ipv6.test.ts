import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Budget, OutOfTimeError } from '../../shared/budget.ts';
import { dialUntil } from '../../shared/net/dial.ts';
import { answersOverIpv6, triesFor } from '../../functions/verify/answers-over-ipv6.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { Backends } from '../support/backends.ts';

const servers = new Backends();
afterEach(async () => await servers.close());

const adopted = (...names: string[]) =>
  names.map((name) => ({ name, family: 'ipv4', port: 80, weight: 100, instanceId: `i-${name}` }));

interface Given {
  serverGroup?: { healthCheck?: object; scheduler?: string };
  probe?: SpecInput['probe'];
  backends?: { name: string; weight: number }[];
  addresses?: string[];
  port?: number;
}

/** The condition, as `verify` records it, of a load balancer each of whose addresses leads to this server. */
async function conditionOf(answer: RequestListener, given: Given = {}) {
  const port = await servers.listen(createHttpServer(answer) as never);
  return await conditionAt(() => connect(port, '::1'), given);
}

async function conditionAt(dial: (target: { address: string }) => unknown, given: Given) {
  const { serverGroup, probe, backends = adopted('a'), addresses = ['2408:4002:1000:101::1'], port = 80 } = given;
  const context = {
    spec: {
      dns: { domain: 'example.com', rr: 'www' },
      backends,
      serverGroup: {
        scheduler: 'Wrr',
        healthCheck: { enabled: true, path: '/', codes: ['http_2xx', 'http_3xx'] },
        ...serverGroup,
      },
      ...(probe === undefined ? {} : { probe }),
    },
    dial,
    outputs: {
      'ipv6-internet': { ipv6AddressType: 'Internet', zones: addresses.map((ipv6Address) => ({ ipv6Address })) },
      listener: { port, protocol: 'HTTP' },
    },
  };
  const { condition } = await answersOverIpv6(context as never, 180_000);
  return condition;
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(code, headers).end('x');
  };
const byPath =
  (codes: Record<string, number>): RequestListener =>
  (request, response) =>
    status(codes[request.url ?? ''] ?? 404)(request, response);
/** One after the other, as a load balancer gives requests to its servers. */
const inTurn = (...answers: RequestListener[]): RequestListener => {
  let turn = 0;
  return (request, response) => {
    turn += 1;
    answers[turn % answers.length]?.(request, response);
  };
};

describe('a site is well', () => {
  it.each<[string, RequestListener, Given]>([
    [
      'that answers at the path of its health check only',
      byPath({ '/healthz': 200 }),
      { serverGroup: { healthCheck: { enabled: true, path: '/healthz', codes: ['http_2xx'] } } },
    ],
    [
      'that answers 401 where the health check takes it for healthy',
      status(401),
      { serverGroup: { healthCheck: { enabled: true, path: '/', codes: ['http_2xx', 'http_4xx'] } } },
    ],
    ['that redirects to another name', status(302, { location: 'https://login.example.net/' }), {}],
    [
      'that answers what the probe wants',
      byPath({ '/private': 401 }),
      { probe: { path: '/private', acceptedStatus: ['401'] } as never },
    ],
    [
      'that answers 404 at / without a health check, where the probe says so',
      status(404),
      { serverGroup: { healthCheck: { enabled: false } }, probe: { acceptedStatus: ['404'] } as never },
    ],
    [
      'that redirects as the probe wants',
      status(301, { location: 'https://www.example.com/' }),
      { probe: { redirectTo: 'https://www.example.com/' } as never },
    ],
    [
      'that answers the method that the probe sends',
      (request, response) => status(request.method === 'HEAD' ? 204 : 405)(request, response),
      { probe: { method: 'HEAD' } as never },
    ],
    [
      'that knows the host that the probe names',
      (request, response) => status(request.headers.host === 'shop.example.com' ? 200 : 404)(request, response),
      { probe: { host: 'shop.example.com' } as never },
    ],
    [
      'that knows its own name',
      (request, response) => status(request.headers.host === 'www.example.com' ? 200 : 404)(request, response),
      {},
    ],
    [
      'that knows its port',
      (request, response) => status(request.headers.host === 'www.example.com:8080' ? 200 : 404)(request, response),
      { port: 8080 },
    ],
    [
      'with a body of any length that HEAD only announces',
      (_request, response) => response.writeHead(200, { 'content-length': '9999' }).end(),
      { probe: { method: 'HEAD' } as never },
    ],
  ])('%s', async (_what, answer, given) => {
    expect(await conditionOf(answer, given)).toMatchObject({ status: 'True', reason: 'AllBackendsAnswer' });
  });

  it.each<[string, RequestListener, Given, string]>([
    [
      'that answers 404 there',
      byPath({ '/': 200 }),
      { serverGroup: { healthCheck: { enabled: true, path: '/healthz', codes: ['http_2xx'] } } },
      'answered 404 at /healthz; wanted 200-299',
    ],
    [
      'that redirects where the health check wants none',
      status(302, { location: '/login' }),
      { serverGroup: { healthCheck: { enabled: true, path: '/', codes: ['http_2xx'] } } },
      'answered 302 to /login at /; wanted 200-299',
    ],
    [
      'that redirects elsewhere',
      status(302, { location: '/logout' }),
      { probe: { redirectTo: '/login' } as never },
      'answered 302 to /logout at /; wanted 300-399 to /login',
    ],
    [
      'that answers well where it should not',
      status(200),
      { probe: { acceptedStatus: ['401'] } as never },
      'answered 200 at /; wanted 401',
    ],
    [
      'for which a load balancer answers 503, whatever the class of the health check',
      status(503),
      { serverGroup: { healthCheck: { enabled: true, path: '/', codes: ['http_5xx'] } } },
      'answered 503 at /; wanted 500-501 or 505-599',
    ],
  ])('not one %s', async (_what, answer, given, message) => {
    expect(await conditionOf(answer, given)).toMatchObject({
      status: 'False',
      reason: 'no-answer',
      message: `[2408:4002:1000:101::1]: ${message}`,
    });
  });

  it('only if it is so at every address', async () => {
    const good = await servers.listen(createHttpServer(status(200)) as never);
    const bad = await servers.listen(createHttpServer(status(404)) as never);
    const addresses = ['2408::1', '2408::2'];
    const dial = ({ address }: { address: string }) => connect(address === '2408::1' ? good : bad, '::1');
    expect(await conditionAt(dial, { addresses })).toMatchObject({
      status: 'False',
      message: '[2408::2]: answered 404 at /; wanted 200-399',
    });
  });
});

describe('every server must answer', () => {
  const page =
    (text: string, code: number, header?: string): RequestListener =>
    (_request, response) => {
      response.writeHead(code, header === undefined ? {} : { 'x-node': header }).end(text);
    };
  const wanting401: Given = {
    backends: adopted('a', 'b'),
    serverGroup: { healthCheck: { enabled: true, path: '/', codes: ['http_4xx'] } },
  };

  it('by what differs in answers of 401 too', async () => {
    expect(await conditionOf(inTurn(page('one', 401), page('two', 401)), wanting401)).toMatchObject({
      status: 'True',
      message: expect.stringContaining('2 different answers from 2 servers') as string,
    });
  });

  it('by the header that the request names', async () => {
    const identifyBy = { by: 'header' as const, header: 'X-Node' };
    const given = { ...wanting401, probe: { identifyBy } as never };
    expect(await conditionOf(inTurn(page('x', 401, 'a'), page('x', 401, 'b')), given)).toMatchObject({
      status: 'True',
      message: expect.stringContaining('a and b answered') as string,
    });
    expect(await conditionOf(page('x', 401, 'a'), given)).toMatchObject({
      status: 'False',
      reason: 'backend-silent',
      message: expect.stringContaining('no answer from b in 20 requests') as string,
    });
  });

  it('or it is said that nothing tells them apart', async () => {
    expect(await conditionOf(page('x', 401), wanting401)).toMatchObject({
      status: 'Unknown',
      reason: 'ServersNotToldApart',
    });
    const byHead = await conditionOf(page('x', 401), { ...wanting401, probe: { method: 'HEAD' } as never });
    expect(byHead).toMatchObject({
      status: 'Unknown',
      message: expect.stringContaining('answers to HEAD have no body') as string,
    });
  });

  it('or no more is asked once it has', async () => {
    let requests = 0;
    const counted: RequestListener = (request, response) => {
      requests += 1;
      inOrder(request, response);
    };
    const inOrder = inTurn(page('one', 200), page('two', 200));
    expect(triesFor(0.5)).toBe(20);
    expect(await conditionOf(counted, { backends: adopted('a', 'b') })).toMatchObject({ status: 'True' });
    expect(requests).toBeLessThan(10);
  });
});

it('P-155: one address without a route, beside others that answer, is no vantage without IPv6', async () => {
  const port = await servers.listen(createHttpServer(status(200)) as never);
  const addresses = ['2408::1', '2408::2'];
  const dial = ({ address }: { address: string }) => {
    const socket = connect(port, '::1');
    if (address === '2408::2') socket.destroy(Object.assign(new Error('no way'), { code: 'EHOSTUNREACH' }));
    return socket;
  };
  expect(await conditionAt(dial, { addresses })).toMatchObject({ status: 'False', message: '[2408::2]: EHOSTUNREACH' });
  expect(await conditionAt(dial, { addresses: ['2408::2'] })).toMatchObject({
    status: 'Unknown',
    reason: 'NoIpv6Route',
    message: 'this vantage has no IPv6 route (EHOSTUNREACH)',
  });
});

describe('within the budget of a turn', () => {
  const slow =
    (ms: number, counted: () => void = () => undefined): RequestListener =>
    (_request, response) => {
      counted();
      setTimeout(() => response.end('one page'), ms);
    };

  it('ten servers with one page and slow answers are asked as far as the time goes', async () => {
    let requests = 0;
    const port = await servers.listen(createHttpServer(slow(40, () => (requests += 1))) as never);
    const dial = dialUntil(new Budget(300), () => connect(port, '::1'));
    const backends = adopted(...Array.from({ length: 10 }, (_, index) => `s${index}`));
    const condition = await conditionAt(dial as never, { backends, addresses: ['2408::1', '2408::2'] });
    expect(condition).toMatchObject({
      status: 'Unknown',
      reason: 'ServersNotToldApart',
      message: expect.stringContaining('the same answer from 10 servers') as string,
    });
    expect(requests).toBeGreaterThan(4);
    // Of 262 that ten servers ask for.
    expect(requests).toBeLessThan(100);
  });

  it('a backend that is slower than the turn is no verdict', async () => {
    const port = await servers.listen(createHttpServer(slow(60_000)) as never);
    const dial = dialUntil(new Budget(80), () => connect(port, '::1'));
    await expect(conditionAt(dial as never, {})).rejects.toBeInstanceOf(OutOfTimeError);
  });
});
