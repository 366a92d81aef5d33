import type { Socket } from 'node:net';
import { type Answer, decode, type Packet, streamEncode } from 'dns-packet';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DnsState } from '../../../local/alidns/state.ts';
import { DnsServer } from '../../../local/data-plane/dns-server.ts';
import { Zones } from '../../../local/data-plane/zones.ts';
import { systemDial } from '../../../shared/net/dial.ts';
import { createResolver, dataOf, DnsError, parseDnsServer } from '../../../shared/net/resolver.ts';
import { testContext } from '../../support/cloud-context.ts';
import { closedPort, tcpServer } from './tcp-server.ts';

const albName = 'alb-1.cn-shanghai.alb.aliyuncsslb.com';

async function embeddedDns() {
  const context = testContext();
  const state = new DnsState(context);
  const domain = state.addDomain('example.com', {});
  const names = new Map([[albName, { a: ['47.100.1.1'], aaaa: ['2408:4002:1000::1'] }]]);
  const server = new DnsServer(new Zones(state, (name) => names.get(name)));
  await server.listen();
  onTestFinished(() => server.close());
  const add = (rr: string, type: string, value: string) => {
    state.addRecord(domain, { rr, type, value, line: 'default', ttl: 600 });
    context.clock.advance(1000);
  };
  return { server, add };
}

const resolverOf = (ports: number[], timeoutMs = 2000) =>
  createResolver({ servers: ports.map((port) => `127.0.0.1:${port}`), dial: systemDial, timeoutMs });

/** Calls `answer` with each whole query. */
const onQuery = (answer: (socket: Socket, query: Packet) => void) => (socket: Socket) => {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return;
    answer(socket, decode(bytes.subarray(2)));
  });
};

const reply = (query: Packet, changes: Partial<Packet> & { rcode?: string } = {}): Buffer =>
  streamEncode({
    type: 'response',
    id: query.id ?? 0,
    questions: query.questions ?? [],
    answers: [{ type: 'AAAA', name: 'example.com', ttl: 60, data: '2408::1' } satisfies Answer],
    ...changes,
  });

/** SERVFAIL is 2, REFUSED is 5: the low four bits of the flags. */
const refusal = (query: Packet, code: number): Buffer => reply(query, { flags: code, answers: [] });

const failureOf = async (serve: (socket: Socket) => void, timeoutMs = 2000): Promise<Error> => {
  const { port } = await tcpServer(serve);
  const error: unknown = await resolverOf([port], timeoutMs)
    .resolve('example.com', 'AAAA')
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DnsError);
  return error as Error;
};

describe('a question to the embedded DNS', () => {
  it('follows a CNAME to the address', async () => {
    const { server, add } = await embeddedDns();
    add('@', 'CNAME', albName);
    const answer = await resolverOf([server.port]).resolve('example.com', 'AAAA');
    expect(answer.code).toBe('NOERROR');
    expect(dataOf(answer, 'CNAME')).toEqual([albName]);
    expect(dataOf(answer, 'AAAA')).toEqual(['2408:4002:1000::1']);
  });

  it('is answered by the authoritative server without recursion', async () => {
    const { server, add } = await embeddedDns();
    add('www', 'CNAME', albName);
    const own = { address: '127.0.0.1', port: server.authoritativePort };
    const answer = await resolverOf([server.port]).ask(own, 'www.example.com', 'CNAME');
    expect(dataOf(answer, 'CNAME')).toEqual([albName]);
    expect(dataOf(await resolverOf([server.port]).ask(own, 'www.example.com', 'AAAA'), 'AAAA')).toEqual([]);
  });

  it.each([
    ['10.0.0.53', 'Private-Use (10.0.0.0/8)'],
    ['127.0.0.53', 'Loopback (127.0.0.0/8)'],
    ['169.254.169.254', 'Link Local (169.254.0.0/16)'],
    ['100.100.2.136', 'Shared Address Space (100.64.0.0/10)'],
    ['::1', 'Loopback Address (::1/128)'],
    ['fd00::53', 'Unique-Local (fc00::/7)'],
    ['::ffff:10.0.0.53', 'IPv4-mapped Address (::ffff:0:0/96)'],
  ])('goes to no name server at %s, whatever DNS names as its address', async (address, block) => {
    const dialled: string[] = [];
    const resolver = createResolver({
      servers: ['127.0.0.1:1'],
      dial: (target) => {
        dialled.push(target.address);
        return systemDial({ ...target, address: '127.0.0.1', port: 1 });
      },
      timeoutMs: 500,
    });
    await expect(resolver.ask({ address, port: 53 }, 'www.example.com', 'CNAME')).rejects.toThrow(
      `name server ${address}: ${address} is not asked: ${block}`,
    );
    expect(dialled).toEqual([]);
    await expect(resolver.ask({ address: '127.0.0.1', port: 53 }, 'a.example', 'CNAME')).rejects.toThrow(
      'ECONNREFUSED',
    );
    await expect(resolver.ask({ address: '8.8.8.8', port: 53 }, 'a.example', 'CNAME')).rejects.toThrow('ECONNREFUSED');
    expect(dialled).toEqual(['127.0.0.1', '8.8.8.8']);
  });

  it('is answered with NXDOMAIN for a name that is not there, with the SOA', async () => {
    const { server } = await embeddedDns();
    const answer = await resolverOf([server.port]).resolve('nobody.example.com', 'A');
    expect(answer).toMatchObject({ code: 'NXDOMAIN', answers: [] });
    expect(answer.authorities.map(({ type }) => type)).toEqual(['SOA']);
  });
});

describe('a name server that misbehaves', () => {
  it('sends garbage', async () => {
    const error = await failureOf((socket) => socket.write(Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff])));
    expect(error.message).toBe('name server 127.0.0.1: its answer is not DNS');
  });

  it('sends a page of HTML', async () => {
    // "HT" is a length of 18516 bytes, which never come.
    const error = await failureOf((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<html>'));
    expect(error.message).toBe('name server 127.0.0.1: closed the connection without an answer');
  });

  it('closes in the middle of its answer', async () => {
    const error = await failureOf(onQuery((socket, query) => socket.end(reply(query).subarray(0, 20))));
    expect(error.message).toContain('closed the connection');
  });

  it('cuts its answer short but says so in the length', async () => {
    const error = await failureOf(
      onQuery((socket, query) => {
        const whole = reply(query);
        const half = Buffer.from(whole.subarray(0, whole.length - 20));
        half.writeUInt16BE(half.length - 2, 0);
        socket.end(half);
      }),
    );
    expect(error.message).toContain('its answer is not DNS');
  });

  it('answers with another id', async () => {
    const error = await failureOf(
      onQuery((socket, query) => socket.write(reply(query, { id: ((query.id ?? 0) + 1) % 65_536 }))),
    );
    expect(error.message).toContain('its answer is to another question');
  });

  it('answers another question', async () => {
    const error = await failureOf(
      onQuery((socket, query) =>
        socket.write(reply(query, { questions: [{ type: 'AAAA', name: 'example.org', class: 'IN' }] })),
      ),
    );
    expect(error.message).toContain('its answer is to another question');
  });

  it('echoes the question', async () => {
    const error = await failureOf(onQuery((socket, query) => socket.write(streamEncode(query))));
    expect(error.message).toContain('its answer is to another question');
  });

  it('says nothing', async () => {
    const error = await failureOf(() => undefined, 100);
    expect(error.message).toBe('name server 127.0.0.1: no answer within 100 ms');
  });

  it('sends one byte and then nothing', async () => {
    expect((await failureOf((socket) => socket.write('x'), 100)).message).toContain('no answer within 100 ms');
  });

  it('resets the connection', async () => {
    const error = await failureOf((socket) => socket.resetAndDestroy());
    expect(error.message).toMatch(/ECONNRESET|closed the connection/);
  });

  it('is not there', async () => {
    const port = await closedPort();
    await expect(resolverOf([port]).resolve('example.com', 'A')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('is let go of after its answer', async () => {
    const { port, closed } = await tcpServer(onQuery((socket, query) => socket.write(reply(query))));
    await resolverOf([port]).resolve('example.com', 'AAAA');
    while (closed() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(closed()).toBe(1);
  });
});

describe('several name servers', () => {
  const good = onQuery((socket, query) => socket.write(reply(query)));

  it.each([
    ['answers SERVFAIL', onQuery((socket, query) => socket.write(refusal(query, 2)))],
    ['refuses the question', onQuery((socket, query) => socket.write(refusal(query, 5)))],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['sends garbage', (socket: Socket) => socket.write(Buffer.from([0, 1, 0]))],
    ['says nothing', () => undefined],
  ])('are asked in turn: the next one when the first %s', async (_, serve) => {
    const [bad, next] = [await tcpServer(serve), await tcpServer(good)];
    const answer = await resolverOf([bad.port, next.port], 200).resolve('example.com', 'AAAA');
    expect(dataOf(answer, 'AAAA')).toEqual(['2408::1']);
    expect(bad.connections()).toBe(1);
  });

  it('are not asked on after an answer, even a negative one', async () => {
    const first = await tcpServer(onQuery((socket, query) => socket.write(refusal(query, 3))));
    const next = await tcpServer(good);
    expect(await resolverOf([first.port, next.port]).resolve('example.com', 'AAAA')).toMatchObject({
      code: 'NXDOMAIN',
    });
    expect(next.connections()).toBe(0);
  });

  it('fail with the last failure when none answers', async () => {
    const bad = await tcpServer(onQuery((socket, query) => socket.write(refusal(query, 2))));
    await expect(resolverOf([await closedPort(), bad.port]).resolve('example.com', 'AAAA')).rejects.toThrow(
      'name server 127.0.0.1: SERVFAIL for example.com',
    );
  });

  it('must be there', async () => {
    await expect(resolverOf([]).resolve('example.com', 'A')).rejects.toThrow('no DNS server is configured');
  });
});

describe('the address of a name server', () => {
  it.each([
    ['223.5.5.5', '223.5.5.5', 53],
    ['127.0.0.1:5353', '127.0.0.1', 5353],
    ['[::1]:5353', '::1', 5353],
    ['[2400:3200::1]', '2400:3200::1', 53],
    ['2400:3200::1', '2400:3200::1', 53],
  ])('may be %s', (text, address, port) => {
    expect(parseDnsServer(text)).toEqual({ address, port });
  });

  it.each(['', 'dns.example.com', 'localhost:53', '1.2.3:53', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:70000', '[::1'])(
    'may not be "%s"',
    (text) => {
      expect(() => parseDnsServer(text)).toThrow(`DNS server ${text}: not an address`);
    },
  );
});
