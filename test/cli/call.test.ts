import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCall } from '../../cli/call.ts';

const root = new URL('../../', import.meta.url).pathname;
const keys = { AccessKeyID: 'id', AccessKeySecret: 'secret', HOME: '/nowhere' };

const said = () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  onTestFinished(() => log.mockRestore());
  return log;
};

/** An API that answers everything with what it was asked. */
async function anApi(): Promise<{
  url: string;
  asked: { authorization: string | undefined; url: string | undefined }[];
}> {
  const asked: { authorization: string | undefined; url: string | undefined }[] = [];
  const server = createServer(({ headers: { authorization }, url }, response) => {
    asked.push({ authorization, url });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('npm run call with --url', () => {
  it('signs with the keys, and asks nobody whose they are', async () => {
    said();
    const { url, asked } = await anApi();
    // Nothing listens there: a call of STS would fail.
    const env = { ...keys, DUALSTACK_ALB_ENDPOINT: 'http://127.0.0.1:9' };
    expect(await runCall(['GET', '/load-balancers', '--url', url], { root }, env)).toBe(0);
    expect(asked).toEqual([
      { url: '/load-balancers', authorization: expect.stringContaining('ACS3-HMAC-SHA256 Credential=id') as string },
    ]);
  });

  it('signs the hash of the body and the Idempotency-Key', async () => {
    said();
    const sent: Headers[] = [];
    const call: typeof fetch = (_url, init) => {
      sent.push(new Headers(init?.headers));
      return Promise.resolve(Response.json({}, { status: 202 }));
    };
    const event = `${root}events/create-load-balancer.json`;
    expect(
      await runCall(['POST', '/load-balancers', event, '--url', 'https://api.example.com'], { root }, keys, call),
    ).toBe(0);
    const [headers] = sent;
    const signed = /SignedHeaders=([^,]*),/.exec(headers?.get('authorization') ?? '')?.[1]?.split(';');
    expect(signed).toEqual(['idempotency-key', 'x-acs-content-sha256', 'x-acs-date']);
    expect(headers?.get('x-acs-content-sha256')).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['asks in the form of the samples where the platform refuses the signature', 'application/json', 2],
    ['takes a refusal of the API as it is', 'application/problem+json', 1],
  ])('%s', async (_what, type, times) => {
    said();
    let count = 0;
    const call: typeof fetch = () => {
      count += 1;
      return Promise.resolve(new Response('{}', { status: 403, headers: { 'content-type': type } }));
    };
    expect(await runCall(['GET', '/channels', '--url', 'https://api.example.com'], { root }, keys, call)).toBe(1);
    expect(count).toBe(times);
  });

  it('needs no keys for an API on this machine', async () => {
    said();
    const { url, asked } = await anApi();
    expect(await runCall(['GET', '/load-balancers', '--url', url], { root }, { HOME: '/nowhere' })).toBe(0);
    expect(asked).toEqual([{ url: '/load-balancers', authorization: undefined }]);
  });

  it('needs keys elsewhere', async () => {
    const call = runCall(
      ['GET', '/load-balancers', '--url', 'https://api.example.com'],
      { root },
      { HOME: '/nowhere' },
    );
    await expect(call).rejects.toThrow(/^This is missing or wrong:/);
  });

  it('says that nothing answers there, and what to look at', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    const call = runCall(['GET', '/load-balancers', '--url', url], { root }, keys);
    await expect(call).rejects.toThrow(`${url} is unreachable: ECONNREFUSED. Check the address (--url)`);
  });

  it('says that no answer came in time', async () => {
    const late = () => Promise.reject(new DOMException('too late', 'TimeoutError'));
    const call = runCall(['GET', '/load-balancers', '--url', 'http://127.0.0.1:9'], { root }, keys, late);
    await expect(call).rejects.toThrow('http://127.0.0.1:9 is unreachable: no answer within 40 s.');
  });

  it.each(['127.0.0.1:8080', 'ftp://example.com', ''])('refuses %j as an address', async (url) => {
    const call = runCall(['GET', '/load-balancers', '--url', url], { root }, keys);
    await expect(call).rejects.toThrow(/is not the address of an API/);
  });
});

describe('npm run call with --curl', () => {
  const answering = (observation: object) => () => Promise.resolve(Response.json(observation));
  const probe = ['POST', '/load-balancers/01/probe', '--url', 'http://127.0.0.1:9', '--curl'];

  it('prints the lines of a probe as curl -6 -v does', async () => {
    const log = said();
    const curl = [
      ['*   Trying [2408::1]:80...', '> GET / HTTP/1.1', '> ', '< HTTP/1.1 200 OK', '< '],
      ['*   Trying [2408::2]:80...'],
    ];
    expect(await runCall(probe, { root }, keys, answering({ verdict: 'ok', curl }))).toBe(0);
    expect(log.mock.calls.at(-1)).toEqual([curl.flat().join('\n')]);
  });

  it('says which observations have none', async () => {
    said();
    const call = runCall(probe, { root }, keys, answering({ status: 'pending', vantage: 'instance' }));
    await expect(call).rejects.toThrow(/^The answer has no lines of curl: .*POST …\/probe/);
  });
});
