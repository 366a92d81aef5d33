import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemDial } from '../../../shared/net/dial.ts';
import { certificateProblem } from '../../../shared/probe/certificate.ts';
import { exchange, type ExchangeTarget } from '../../../shared/probe/exchange.ts';
import { keptBodyBytes } from '../../../shared/probe/response-reader.ts';
import { Backends, hostileBackends } from '../../support/backends.ts';

const backends = new Backends();
afterEach(async () => await backends.close());

const ask = async (port: number, more: Partial<ExchangeTarget> = {}) =>
  await exchange(systemDial, {
    address: '::1',
    port,
    host: 'www.example.com',
    path: '/',
    tls: false,
    timeoutMs: 15_000,
    ...more,
  });

describe('a request', () => {
  it('P-071: says who it is for, over a connection of its own', async () => {
    let seen = '';
    const port = await backends.serve((socket, request) => {
      seen = request;
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    });
    const { sample } = await ask(port);
    expect(seen).toContain(`GET / HTTP/1.1\r\nHost: www.example.com:${port}\r\n`);
    expect(seen).toContain('Connection: close');
    expect(sample).toMatchObject({ address: '::1', remoteAddress: '::1', status: 200 });
    expect(sample.error).toBeUndefined();
  });

  it('leaves the default port out of the Host header', async () => {
    let seen = '';
    const port = await backends.serve((socket, request) => {
      seen = request;
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    });
    await exchange(({ address }) => systemDial({ address, port }), {
      address: '::1',
      port: 80,
      host: 'www.example.com',
      path: '/',
      tls: false,
      timeoutMs: 15_000,
    });
    expect(seen).toContain('Host: www.example.com\r\n');
  });

  it('times its phases', async () => {
    const port = await backends.serve((socket) => {
      setTimeout(() => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), 40);
    });
    const { phases } = (await ask(port)).sample;
    expect(phases.connectMs).toBeGreaterThanOrEqual(0);
    expect(phases.firstByteMs).toBeGreaterThan(30);
    expect(phases.totalMs).toBeGreaterThanOrEqual((phases.firstByteMs ?? 0) + (phases.connectMs ?? 0));
  });

  it('never goes to an IPv4 address', async () => {
    const { sample } = await ask(1, { address: '127.0.0.1' });
    expect(sample).toMatchObject({ error: { code: 'NOT_IPV6', phase: 'connect' } });
  });

  it('never goes to an IPv4-mapped address, although a server answers there', async () => {
    const port = await backends.listen(
      createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')),
      '127.0.0.1',
    );
    for (const address of ['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '::127.0.0.1'])
      expect((await ask(port, { address })).sample).toMatchObject({ error: { code: 'NOT_IPV6' } });
  });

  it('takes no answer of an IPv4 peer for one', async () => {
    const port = await backends.listen(
      createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')),
      '127.0.0.1',
    );
    const { sample } = await exchange(() => systemDial({ address: '127.0.0.1', port }), {
      address: '::1',
      port,
      host: 'www.example.com',
      path: '/',
      tls: false,
      timeoutMs: 15_000,
    });
    expect(sample).toMatchObject({ remoteAddress: '127.0.0.1', error: { code: 'NOT_IPV6', phase: 'connect' } });
    expect(sample.status).toBeUndefined();
  });

  it('fails over IPv6 where only IPv4 answers', async () => {
    const port = await backends.listen(
      createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')),
      '127.0.0.1',
    );
    expect((await ask(port)).sample).toMatchObject({ error: { code: 'ECONNREFUSED', phase: 'connect' } });
  });

  it('may be HEAD, whose answer ends with its headers', async () => {
    let seen = '';
    const port = await backends.serve((socket, request) => {
      seen = request;
      socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 9999\r\nX-Node: a\r\n\r\n');
    });
    const { sample, headers } = await ask(port, { method: 'HEAD' });
    expect(seen).toMatch(/^HEAD \/ HTTP\/1\.1\r\n/);
    expect(sample).toMatchObject({ status: 401 });
    expect(sample).not.toHaveProperty('error');
    expect(sample).not.toHaveProperty('bodyHash');
    expect(headers?.get('x-node')).toBe('a');
  });

  it('tells of a redirect and does not follow it', async () => {
    let requests = 0;
    const port = await backends.serve((socket) => {
      requests += 1;
      socket.end('HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n');
    });
    expect((await ask(port)).sample).toMatchObject({ status: 302, location: '/again' });
    expect(requests).toBe(1);
  });

  it('reads a chunked body that comes in pieces', async () => {
    const whole = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n';
    const port = await backends.serve((socket) => {
      socket.setNoDelay();
      const send = (index: number) => {
        if (index >= whole.length) return;
        socket.write(whole.slice(index, index + 3));
        setImmediate(send, index + 3);
      };
      send(0);
    });
    const answer = await ask(port);
    expect(answer.body?.toString()).toBe('hello world');
    expect(answer.sample.error).toBeUndefined();
  });

  it('reads a body that ends with the connection', async () => {
    const port = await backends.serve((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
    expect((await ask(port)).body?.toString()).toBe('all of it');
  });

  it('passes over interim answers', async () => {
    const port = await backends.serve((socket) =>
      socket.end('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx'),
    );
    const answer = await ask(port);
    expect(answer.sample.status).toBe(200);
    expect(answer.headers?.has('link')).toBe(false);
  });
});

describe('over TLS', () => {
  const yearMs = 365 * 86_400_000;
  const tlsServer = async (names = ['www.example.com'], aroundMs = Date.now()): Promise<number> =>
    await backends.serveTls((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'), {
      names,
      aroundMs,
    });

  it('times the handshake and says when the certificate ends', async () => {
    const answer = await ask(await tlsServer(), { tls: true });
    expect(answer.sample).toMatchObject({ status: 200, remoteAddress: '::1' });
    expect(answer.sample.phases.tlsMs).toBeGreaterThan(0);
    expect(answer.certificate?.endsAtMs).toBeGreaterThan(Date.now());
  });

  const refused = async (port: number, acceptsAnyIssuer: boolean, host?: string) => {
    const answer = await ask(port, { tls: true, ...(host === undefined ? {} : { host }) });
    expect(answer.sample.status).toBe(200);
    return answer.certificate === undefined
      ? 'no certificate'
      : certificateProblem(answer.certificate, { acceptsAnyIssuer });
  };

  it('says that clients do not know the issuer, unless any issuer will do', async () => {
    const port = await tlsServer();
    expect(await refused(port, false)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(await refused(port, true)).toBeUndefined();
  });

  it.each([
    ['of another name', ['www.example.net'], 0, /Host: www\.example\.com\. is not in .*www\.example\.net/],
    ['that has ended', ['www.example.com'], -11 * yearMs, /^CERT_HAS_EXPIRED$/],
    ['that has not begun', ['www.example.com'], 11 * yearMs, /^CERT_NOT_YET_VALID$/],
  ])('says that clients refuse a certificate %s, whoever the issuer is', async (_, names, shiftMs, problem) => {
    const port = await tlsServer(names, Date.now() + shiftMs);
    expect(await refused(port, true)).toMatch(problem);
    expect(await refused(port, false)).toMatch(problem);
  });

  it('holds no certificate against an address', async () => {
    expect(await refused(await tlsServer(), true, '[::1]')).toBeUndefined();
  });

  it('names a server that does not speak TLS', async () => {
    const port = await backends.serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { sample } = await ask(port, { tls: true });
    expect(sample.error?.phase).toBe('tls');
  });

  it('ends with a handshake that goes silent', async () => {
    const port = await backends.serve(() => undefined);
    const { sample } = await ask(port, { tls: true, timeoutMs: 500 });
    expect(sample.error).toEqual({ code: 'ETIMEDOUT', phase: 'tls' });
  });
});

describe('a hostile backend costs no more than the time limit and a bounded part of memory', () => {
  /** Of a request that ends by itself, also where the machine has much else to do. */
  const patientMs = 15_000;
  const shortMs = 500;
  /** A machine that has much else to do comes late to a time limit. */
  const latestMs = 5000;

  it.each(hostileBackends)('that $does', async ({ answer, seen, isEndless = false }) => {
    const timeoutMs = isEndless ? shortMs : patientMs;
    const startMs = performance.now();
    const { sample, body } = await ask(await backends.serve(answer), { timeoutMs });
    const tookMs = performance.now() - startMs;
    expect({ status: sample.status, code: sample.error?.code }).toEqual({
      status: undefined,
      code: undefined,
      ...seen,
    });
    expect(body?.length ?? 0).toBeLessThanOrEqual(keptBodyBytes);
    expect(tookMs).toBeLessThan(isEndless ? shortMs + latestMs : patientMs);
    if (isEndless) expect(tookMs).toBeGreaterThan(shortMs - 10);
  });

  it('that sends a body without end, of which little is read', async () => {
    let sent = 0;
    const block = Buffer.alloc(64 * 1024, 'x');
    const port = await backends.serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const pour = () => {
        while (!socket.destroyed && socket.write(block)) sent += block.length;
        if (!socket.destroyed) socket.once('drain', pour);
      };
      pour();
    });
    const { body } = await ask(port, { timeoutMs: patientMs });
    expect(body?.length).toBe(keptBodyBytes);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('that cuts its body short', async () => {
    const port = await backends.serve((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome'));
    expect((await ask(port, { timeoutMs: patientMs })).sample.error).toEqual({ code: 'CLOSED_EARLY', phase: 'answer' });
  });

  it('that resets the connection', async () => {
    const port = await backends.serve((socket) => socket.resetAndDestroy());
    expect((await ask(port, { timeoutMs: patientMs })).sample.error?.phase).toBe('answer');
  });

  it.each([
    ['two different lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nab'],
    ['a chunk size that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['interim answers without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50)],
    ['a version of its own', 'HTTP/9.9 200 OK\r\n\r\n'],
  ])('that sends %s', async (_what, text) => {
    const port = await backends.serve((socket) => socket.end(text));
    expect((await ask(port, { timeoutMs: patientMs })).sample.error).toEqual({ code: 'NOT_HTTP', phase: 'answer' });
  });
});
