import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { selfSigned } from '../../../local/data-plane/self-signed.ts';
import { systemDial } from '../../../shared/net/dial.ts';
import { httpGet } from '../../../shared/net/http-get.ts';
import { closedPort, tcpServer } from './tcp-server.ts';

const get = (port: number, more: { timeoutMs?: number; tls?: boolean; path?: string } = {}) =>
  httpGet(systemDial, {
    address: '127.0.0.1',
    port,
    host: 'www.example.com',
    path: '/',
    tls: false,
    timeoutMs: 2000,
    ...more,
  });

/** Serves each connection once its request has arrived whole. */
const afterRequest = (serve: (socket: Socket, request: string) => void) => (socket: Socket) => {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (text.endsWith('\r\n\r\n')) serve(socket, text);
  });
};

const answering = (text: string) => afterRequest((socket) => socket.end(text));

describe('a GET', () => {
  it('answers status, headers, body, who answered', async () => {
    const { port } = await tcpServer(
      answering('HTTP/1.1 200 OK\r\nX-Backend: ECS02\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nHello World !'),
    );
    expect(await get(port)).toEqual({
      remoteAddress: '127.0.0.1',
      status: 200,
      headers: { 'x-backend': 'ECS02', 'set-cookie': 'a=1, b=2' },
      body: 'Hello World !',
    });
  });

  it('P-071: asks the address for the name in the Host header', async () => {
    let asked = '';
    const { port } = await tcpServer(
      afterRequest((socket, request) => {
        asked = request;
        socket.end('HTTP/1.1 204 No Content\r\n\r\n');
      }),
    );
    await get(port, { path: '/health?x=1' });
    expect(asked).toMatch(/^GET \/health\?x=1 HTTP\/1\.1\r\n/);
    expect(asked).toMatch(/\r\nhost: www\.example\.com\r\n/i);
  });

  it('makes a new connection each time', async () => {
    const { port, connections } = await tcpServer(
      afterRequest((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
    );
    await get(port);
    await get(port);
    expect(connections()).toBe(2);
  });

  it('does not follow a redirect', async () => {
    const { port, connections } = await tcpServer(
      answering('HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
    );
    expect(await get(port)).toMatchObject({ status: 301, headers: { location: 'http://127.0.0.1:1/' } });
    expect(connections()).toBe(1);
  });

  it.each([403, 502, 503])('takes status %d for an answer', async (status) => {
    const { port } = await tcpServer(answering(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`));
    expect(await get(port)).toMatchObject({ status });
  });

  it('passes over a 103 before the answer', async () => {
    const { port } = await tcpServer(
      answering('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok'),
    );
    expect(await get(port)).toMatchObject({ status: 200, body: 'ok' });
  });

  it('speaks TLS to a server whose certificate nobody vouches for', async () => {
    const names: unknown[] = [];
    const { key, certificate: cert } = selfSigned(['www.example.com'], Date.now());
    const server = createTlsServer({ key, cert }, (socket) => {
      names.push((socket as unknown as { servername: unknown }).servername);
      answering('HTTP/1.1 200 OK\r\n\r\nsecret')(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    expect(await get(port, { tls: true })).toMatchObject({ status: 200, body: 'secret', remoteAddress: '127.0.0.1' });
    expect(names).toEqual(['www.example.com']);
  });
});

describe('a hostile server', () => {
  it('sends a body without end: it is cut at 64 KB', async () => {
    const { port, closed } = await tcpServer(
      afterRequest((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const more = () => {
          if (!socket.destroyed && socket.write('x'.repeat(16_384))) setImmediate(more);
          else socket.once('drain', more);
        };
        more();
      }),
    );
    const { status, body } = await get(port);
    expect(status).toBe(200);
    expect(body).toMatch(/^x+$/);
    expect(body.length).toBeGreaterThan(0);
    expect(body.length).toBeLessThanOrEqual(65_536);
    while (closed() === 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('drips headers: the time in all counts', async () => {
    const { port } = await tcpServer(
      afterRequest((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const drip = setInterval(() => socket.write('x-a: b\r\n'), 10);
        socket.once('close', () => clearInterval(drip));
      }),
    );
    await expect(get(port, { timeoutMs: 150 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('drips its body: the time in all counts', async () => {
    const { port } = await tcpServer(
      afterRequest((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const drip = setInterval(() => socket.write('x'), 10);
        socket.once('close', () => clearInterval(drip));
      }),
    );
    await expect(get(port, { timeoutMs: 150 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('says nothing', async () => {
    const { port } = await tcpServer(() => undefined);
    await expect(get(port, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: 'no answer within 100 ms',
    });
  });

  it('says nothing to a TLS greeting', async () => {
    const { port } = await tcpServer(() => undefined);
    await expect(get(port, { timeoutMs: 100, tls: true })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('answers a TLS greeting in plain HTTP', async () => {
    const { port } = await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(get(port, { tls: true })).rejects.toThrow(/SSL|EPROTO|wrong version/);
  });

  it('resets before it answers', async () => {
    const { port } = await tcpServer(afterRequest((socket) => socket.resetAndDestroy()));
    await expect(get(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('closes without an answer', async () => {
    const { port } = await tcpServer(afterRequest((socket) => socket.end()));
    await expect(get(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('resets within the body', async () => {
    const { port } = await tcpServer(
      afterRequest((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () =>
          setTimeout(() => socket.resetAndDestroy(), 20),
        );
      }),
    );
    await expect(get(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('promises more than it sends', async () => {
    const { port } = await tcpServer(answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
    await expect(get(port)).rejects.toThrow('aborted');
  });

  it('does not speak HTTP', async () => {
    const { port } = await tcpServer(answering('SSH-2.0-OpenSSH_9.6\r\n'));
    await expect(get(port)).rejects.toMatchObject({ code: 'HPE_INVALID_CONSTANT' });
  });

  it('sends headers without end', async () => {
    const { port } = await tcpServer(answering(`HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}`));
    await expect(get(port)).rejects.toMatchObject({ code: 'HPE_HEADER_OVERFLOW' });
  });

  it('switches to another protocol', async () => {
    const { port } = await tcpServer(
      answering('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    );
    await expect(get(port, { timeoutMs: 150 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('is not there', async () => {
    const port = await closedPort();
    await expect(get(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
