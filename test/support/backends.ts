import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { selfSigned } from '../../local/data-plane/self-signed.ts';

/** Servers of a test, to be closed by it. */
export class Backends {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** @returns the port. */
  async listen(server: Server, host = '::1'): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  /** A backend that does this with each connection once the request has come. */
  async serve(answer: (socket: Socket, request: string) => void): Promise<number> {
    return await this.listen(
      createServer((socket) => {
        socket.once('data', (data) => answer(socket, data.toString('latin1')));
      }),
    );
  }

  /** The same over TLS. Its certificate is valid for ten years before and after `aroundMs`. */
  async serveTls(
    answer: (socket: Socket) => void,
    { names = ['www.example.com'], aroundMs = Date.now() }: { names?: string[]; aroundMs?: number } = {},
  ): Promise<number> {
    const { key, certificate: cert } = selfSigned(names, aroundMs);
    return await this.listen(
      createTlsServer({ key, cert }, (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => answer(socket));
      }),
    );
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  }
}

export interface HostileBackend {
  does: string;
  answer: (socket: Socket) => void;
  /** What a request makes of it. */
  seen: { status?: number; code?: string };
  /** Only the time limit ends a request. */
  isEndless?: boolean;
}

/** Writes for as long as the other side reads. */
const pour = (socket: Socket, block: string | Buffer): void => {
  if (socket.destroyed) return;
  if (socket.write(block)) setImmediate(pour, socket, block);
  else socket.once('drain', () => pour(socket, block));
};

const drip = (socket: Socket, letter: string): void => {
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(letter);
  }, 5);
};

const starting =
  (head: string, then: (socket: Socket) => void): HostileBackend['answer'] =>
  (socket) => {
    socket.write(head);
    then(socket);
  };

const block = Buffer.alloc(64 * 1024, 'x');
const tinyChunks = '1\r\nx\r\n'.repeat(2000);
const header = `X-Filler: ${'y'.repeat(4000)}\r\n`;

export const hostileBackends: HostileBackend[] = [
  {
    does: 'sends a body without end',
    answer: starting('HTTP/1.1 200 OK\r\n\r\n', (socket) => pour(socket, block)),
    seen: { status: 200 },
  },
  {
    does: 'sends tiny chunks without end',
    answer: starting('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', (socket) => pour(socket, tinyChunks)),
    seen: { status: 200 },
  },
  {
    does: 'sends headers without end',
    answer: starting('HTTP/1.1 200 OK\r\n', (socket) => pour(socket, header)),
    seen: { code: 'HEAD_TOO_LARGE' },
  },
  {
    does: 'sends one header without end',
    answer: starting('HTTP/1.1 200 OK\r\nX-A: ', (socket) => pour(socket, block)),
    seen: { code: 'HEAD_TOO_LARGE' },
  },
  {
    does: 'redirects to itself',
    answer: (socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'),
    seen: { status: 302 },
  },
  {
    does: 'answers with binary',
    answer: (socket) => socket.end(Buffer.from([0x16, 0x03, 0x01, 0xff, 0x00, 0x80, 0x0d, 0x0a])),
    seen: { code: 'NOT_HTTP' },
  },
  {
    does: 'sends headers letter by letter',
    answer: starting('HTTP/1.1 200 OK\r\nX-A: ', (socket) => drip(socket, 'H')),
    seen: { code: 'ETIMEDOUT' },
    isEndless: true,
  },
  {
    does: 'sends a body letter by letter',
    answer: starting('HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n', (socket) => drip(socket, 'x')),
    seen: { status: 200, code: 'ETIMEDOUT' },
    isEndless: true,
  },
  {
    does: 'is silent for ten seconds',
    answer: (socket) => {
      const timer = setTimeout(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 10_000);
      socket.once('close', () => clearTimeout(timer));
    },
    seen: { code: 'ETIMEDOUT' },
    isEndless: true,
  },
];
