import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCurlOutput } from '../../../functions/probe/curl-output.ts';
import { curlScript } from '../../../functions/probe/curl-script.ts';
import type { NameFacts } from '../../../shared/probe/observation.ts';
import type { Identification, ProbeTarget } from '../../../shared/probe/target.ts';
import { targetWith } from './targets.ts';

const here = '2408:4005:39a:a00::1';
const there = '2408:4005:39a:b00::1';
const mark = 'p0123456789ab';
const name: NameFacts = { code: 'NOERROR', cnames: [], ipv6Addresses: [here, there], ipv4Addresses: [], dnsMs: 4 };

const read = (output: string, other: Partial<ProbeTarget> = {}, addresses = [here, there]) =>
  readCurlOutput(output, { mark, addresses, name }, targetWith(other));

const head = (backend: string, more = '') =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n${more}X-Backend-Server: ${backend}\r\nConnection: keep-alive\r\n\r\n`;

interface Printed {
  index?: number;
  status?: string;
  remote?: string;
  times?: string;
  bytes?: number;
  location?: string;
}
/** The line of `-w`; by default that of a good answer. */
const line = ({
  index = 0,
  status = '200',
  remote = here,
  times = '0.001500 0.000000 0.004000 0.004200',
  bytes = 31,
  location = '',
}: Printed = {}) => `\n${mark} ${index} ${status} ${remote} ${times} ${bytes} ${location}\n`;
const unconnected = { status: '000', remote: '', times: '0.000000 0.000000 0.000000 2.001000', bytes: 0 };
const exit = (code: number) => `${mark} ${code}\n`;
const good = (backend = 'ECS01', index = 0) =>
  `${head(backend)}${line({ index, remote: index === 0 ? here : there })}${exit(0)}`;

describe('what curl prints of an answer', () => {
  it('is a request with its address, status, backend, and phases', () => {
    expect(read(good()).samples).toEqual([
      {
        address: here,
        remoteAddress: here,
        status: 200,
        backend: 'ECS01',
        phases: { dnsMs: 4, connectMs: 1.5, firstByteMs: 2.5, totalMs: 4.2 },
      },
    ]);
  });

  it('has the time of TLS apart from that of the connection and of the first byte', () => {
    const [sample] = read(`${head('ECS01')}${line({ times: '0.001 0.011 0.014 0.015' })}${exit(0)}`, {
      tls: true,
    }).samples;
    expect(sample?.phases).toEqual({ dnsMs: 4, connectMs: 1, tlsMs: 10, firstByteMs: 3, totalMs: 15 });
  });

  it('is of the address that was asked, whatever the order', () => {
    const { samples } = read(good('ECS02', 1) + good('ECS01', 0));
    expect(samples.map(({ address, backend }) => ({ address, backend }))).toEqual([
      { address: there, backend: 'ECS02' },
      { address: here, backend: 'ECS01' },
    ]);
  });

  it('may have commas in its numbers', () => {
    const [sample] = read(`${head('ECS01')}${line({ times: '0,001 0,000 0,002 0,003' })}${exit(0)}`).samples;
    expect(sample?.phases).toMatchObject({ connectMs: 1, totalMs: 3 });
  });

  it('says where a redirect would lead', () => {
    const [sample] = read(
      `HTTP/1.1 301 Moved\r\n\r\n${line({ status: '301', location: 'https://www.example.com/a b' })}${exit(0)}`,
    ).samples;
    expect(sample).toMatchObject({ status: 301, location: 'https://www.example.com/a b' });
  });

  it('has the headers of the last answer, not those of one before', () => {
    const [sample] = read(`HTTP/1.1 103 Early Hints\r\nX-Backend-Server: none\r\n\r\n${good('ECS02')}`).samples;
    expect(sample?.backend).toBe('ECS02');
  });

  it('has the headers of HTTP/2', () => {
    const [sample] = read(`HTTP/2 200 \r\nx-backend-server: ECS02\r\n\r\n${line()}${exit(0)}`).samples;
    expect(sample?.backend).toBe('ECS02');
  });

  it('may be a body, told by a pattern', () => {
    const identification: Identification = { by: 'pattern', pattern: 'node (\\w+)' };
    const [sample] = read(`<p>node web1</p>${line({ status: '206' })}${exit(0)}`, { identification }).samples;
    // Only the probe asks for a part: a visitor would have been answered 200.
    expect(sample).toMatchObject({ backend: 'web1', status: 200 });
  });

  it('may be a body without more, told by what differs', () => {
    const identification: Identification = { by: 'answers' };
    const { samples } = read(`one${line()}${exit(0)}two${line()}${exit(0)}one${line()}${exit(0)}`, { identification });
    const [first, second, third] = samples.map(({ backend }) => backend);
    expect(first).toMatch(/^answer /);
    expect(third).toBe(first);
    expect(second).not.toBe(first);
  });

  it('is a good one where the page is empty, though only a part was asked for', () => {
    const [sample] = read(`416 page${line({ status: '416' })}${exit(0)}`, {
      identification: { by: 'answers' },
    }).samples;
    expect(sample).toMatchObject({ status: 200 });
    const [plain] = read(`${head('ECS01')}${line({ status: '416' })}${exit(0)}`).samples;
    expect(plain).toMatchObject({ status: 416 });
  });

  it.each([
    ['is longer than is fetched', 63, 'curl: (63) Maximum file size exceeded', 0],
    ['never ends', 28, 'curl: (28) Operation timed out after 3000 milliseconds with 90000 bytes received', 90_000],
  ])('is an answer though the body %s', (_name, code, complaint, bytes) => {
    const [sample] = read(`${head('ECS01')}${line({ bytes })}${complaint}\n${exit(code)}`).samples;
    expect(sample).toMatchObject({ status: 200, backend: 'ECS01' });
    expect(sample).not.toHaveProperty('error');
  });
});

describe('an IPv4 answer', () => {
  it.each(['203.0.113.4', '::ffff:203.0.113.4', '64:ff9b::cb00:7104', ''])('at %j is none', (remote) => {
    const [sample] = read(`${head('ECS01')}${line({ remote })}${exit(0)}`).samples;
    expect(sample).toMatchObject({ error: { code: 'NOT_IPV6', phase: 'connect' } });
    expect(sample).not.toHaveProperty('backend');
  });

  it('is none either at another IPv6 address than was asked', () => {
    const [sample] = read(`${head('ECS01')}${line({ remote: '2408::9' })}${exit(0)}`).samples;
    expect(sample?.error).toEqual({ code: 'OTHER_ADDRESS', phase: 'connect' });
  });
});

/** What versions of curl say; 7.61 prints `-w` first, later ones after it. */
const failures: [string, number, string, Printed, { code: string; phase: string } | undefined][] = [
  ['6', 6, 'Could not resolve host: www.example.com', unconnected, { code: 'ENOTFOUND', phase: 'connect' }],
  [
    '7 of 7.61, refused',
    7,
    'Failed to connect to www.example.com port 80: Connection refused',
    unconnected,
    { code: 'ECONNREFUSED', phase: 'connect' },
  ],
  [
    '7 of 7.88, which names no cause',
    7,
    "Failed to connect to www.example.com port 80 after 1 ms: Couldn't connect to server",
    unconnected,
    { code: 'ECONNREFUSED', phase: 'connect' },
  ],
  ['7 of 7.61 at once', 7, "Couldn't connect to server", unconnected, { code: 'ENETUNREACH', phase: 'connect' }],
  [
    '7 for want of a route',
    7,
    'Failed to connect to 2408::1: Network is unreachable',
    unconnected,
    { code: 'ENETUNREACH', phase: 'connect' },
  ],
  [
    '7 for want of a host',
    7,
    'Failed to connect to www.example.com port 80: No route to host',
    unconnected,
    { code: 'EHOSTUNREACH', phase: 'connect' },
  ],
  [
    '7 in the place of a timeout',
    7,
    'Failed to connect to www.example.com port 80: Connection timed out',
    unconnected,
    { code: 'ETIMEDOUT', phase: 'connect' },
  ],
  [
    '28 before a connection',
    28,
    'Connection timed out after 2001 milliseconds',
    unconnected,
    { code: 'ETIMEDOUT', phase: 'connect' },
  ],
  [
    '28 before an answer',
    28,
    'Operation timed out after 3000 milliseconds with 0 bytes received',
    { status: '000', times: '0.001 0.000 0.000 3.000', bytes: 0 },
    { code: 'ETIMEDOUT', phase: 'answer' },
  ],
  ['52', 52, 'Empty reply from server', { status: '000' }, { code: 'CLOSED_EARLY', phase: 'answer' }],
  ['18', 18, 'transfer closed with 997 bytes remaining to read', {}, { code: 'CLOSED_EARLY', phase: 'answer' }],
  ['56', 56, 'Recv failure: Connection reset by peer', {}, { code: 'ECONNRESET', phase: 'answer' }],
  ['1', 1, 'Received HTTP/0.9 when not allowed', { status: '000' }, { code: 'NOT_HTTP', phase: 'answer' }],
  ['2', 2, 'no URL specified!', unconnected, undefined],
  ['23', 23, 'Failed writing header', {}, undefined],
];

describe('what curl complains of', () => {
  it.each(failures)('with exit code %s is what it means', (_name, code, says, printed, error) => {
    const complaint = `curl: (${code}) ${says}\n`;
    const answer = printed.status === undefined ? head('ECS01') : '';
    const orders = [
      `${answer}${line(printed)}${complaint}`,
      `${complaint}${answer}${line(printed)}`,
      `${answer}${complaint}${line(printed)}`,
    ];
    for (const order of orders) {
      const { samples, complaint: told } = read(`${good()}${order}${exit(code)}${good()}`);
      const [first, between, last = between] = samples;
      expect([first?.error, last?.error]).toEqual([undefined, undefined]);
      expect(samples).toHaveLength(error === undefined ? 2 : 3);
      if (error === undefined) expect(told).toBe(says);
      else expect(between).toMatchObject({ address: here, error });
    }
  });

  it('over TLS has 28 and 35 in the phase of TLS', () => {
    const times = '0.001 0.000 0.000 3.000';
    const { samples } = read(
      `${line({ status: '000', times })}curl: (28) Operation timed out\n${exit(28)}` +
        `${line({ status: '000', times })}curl: (35) error:1408F10B:SSL routines:ssl3_get_record:wrong version number\n${exit(35)}`,
      { tls: true },
    );
    expect(samples.map(({ error }) => error)).toEqual([
      { code: 'ETIMEDOUT', phase: 'tls' },
      { code: 'TLS_HANDSHAKE', phase: 'tls' },
    ]);
  });

  it.each([
    ['SSL certificate problem: self signed certificate', { chainProblem: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
    ['SSL certificate problem: certificate has expired', { chainProblem: 'CERT_HAS_EXPIRED' }],
    [
      "SSL: no alternative certificate subject name matches target host name 'www.example.com'",
      { nameProblem: expect.stringContaining('no alternative certificate') as string },
    ],
  ])('with exit code 60 tells of the certificate, and is no request that failed: %s', (complaint, told) => {
    const { samples, certificate } = read(
      `${line({ status: '000', times: '0.001 0.000 0.000 0.012' })}curl: (60) ${complaint}\nMore details here: https://curl.haxx.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server\n${exit(60)}${good()}`,
      { tls: true },
    );
    expect(samples).toHaveLength(1);
    expect(certificate).toEqual(told);
  });
});

describe('an output that is not whole', () => {
  const whole = Array.from({ length: 20 }, (_, index) => good(index % 2 === 0 ? 'ECS01' : 'ECS02', index % 2)).join('');

  it('keeps the requests at both ends when its middle is missing', () => {
    for (let cut = 0; cut < 400; cut += 7) {
      const { samples } = read(whole.slice(0, 600 + cut) + whole.slice(-(600 + cut)));
      expect(samples.length).toBeGreaterThan(4);
      expect(samples.length).toBeLessThan(11);
      for (const { address, remoteAddress } of samples) expect(remoteAddress).toBe(address);
    }
  });

  it('keeps the requests that came before its end', () => {
    for (let cut = 2; cut < 500; cut += 7) {
      const { samples } = read(whole.slice(0, -cut));
      expect(samples.length).toBeGreaterThan(15);
      expect(samples.length).toBeLessThan(20);
    }
  });

  it.each([
    ['nothing', '', ''],
    [
      'a shell without curl',
      `sh: line 2: curl: command not found\n${exit(127)}`,
      'sh: line 2: curl: command not found',
    ],
    ['garbage', '%PDF-1.4 \u0000\ufffd\ufffd\nmore', '%PDF-1.4 \u0000\ufffd\ufffd'],
    ['another command', 'status: done\n', 'status: done'],
    ['lines of another script', good().replaceAll(mark, 'pffffffffffff'), 'HTTP/1.1 200 OK'],
    ['an address that was not asked', `${line({ index: 7 })}${exit(0)}`, `${mark} 7 200`],
  ])('says what there is in its place: %s', (_name, output, complaint) => {
    const { samples, complaint: told = '' } = read(output);
    expect(samples).toEqual([]);
    expect(told).toContain(complaint);
  });

  it('reads what random bytes leave of it', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const noise = Buffer.from(Array.from({ length: 300 }, (_, index) => (seed * 7919 + index * 104_729) % 256));
      const { samples } = read(`${noise.toString('utf8')}\n${good()}`);
      expect(samples).toHaveLength(1);
    }
  });

  it('takes nothing that a server says for a line of the script', () => {
    const forged = `\n${mark.slice(0, -1)}x 0 200 ${here} 0.1 0.1 0.1 0.1 1 \n${mark.slice(0, -1)}x 0\ncurl: (7) Network is unreachable\n`;
    const { samples } = read(`${forged}${line()}${exit(0)}`, { identification: { by: 'answers' } });
    expect(samples).toHaveLength(1);
    expect(samples[0]).not.toHaveProperty('error');
  });
});

/** The machine's own curl, run by a shell as an instance would. */
async function run(script: string): Promise<string> {
  return await new Promise((resolve) => {
    execFile('sh', ['-c', script], (_error, stdout) => resolve(stdout));
  });
}

async function listening(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '::1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

async function ask(port: number, other: Partial<ProbeTarget> = {}, rounds = 1) {
  const target = targetWith({ port, ...other });
  const output = await run(curlScript(target, ['::1'], rounds, mark));
  return readCurlOutput(output, { mark, addresses: ['::1'], name }, target);
}

describe('the real curl', () => {
  const serving = (answer: RequestListener) => listening(createHttpServer(answer));

  it('is read with its backends, each over a connection of its own', async () => {
    const ports = new Set<number | undefined>();
    let turn = 0;
    const port = await serving((request, response) => {
      ports.add(request.socket.remotePort);
      turn += 1;
      response.setHeader('x-backend-server', turn % 2 === 0 ? 'ECS02' : 'ECS01');
      response.end(request.headers.host);
    });
    const { samples } = await ask(port, {}, 4);
    expect(samples.map(({ backend }) => backend)).toEqual(['ECS01', 'ECS02', 'ECS01', 'ECS02']);
    for (const { status, remoteAddress, phases, error } of samples) {
      expect([status, remoteAddress, error]).toEqual([200, '::1', undefined]);
      expect(phases.totalMs).toBeGreaterThan(0);
    }
    expect(ports.size).toBe(4);
  });

  it('asks by the name and path of the target', async () => {
    const asked: string[] = [];
    const port = await serving((request, response) => {
      asked.push(`${request.headers.host} ${request.url}`);
      response.end();
    });
    await ask(port, { path: '/health[1]?a=b' });
    expect(asked).toEqual([`www.example.com:${port} /health%5B1%5D?a=b`]);
  });

  it('is read by the body', async () => {
    const port = await serving((_request, response) => {
      response.end('<h1>node web7</h1>');
    });
    const { samples } = await ask(port, { identification: { by: 'pattern', pattern: 'node (\\w+)' } });
    expect(samples).toMatchObject([{ backend: 'web7', status: 200 }]);
  });

  it('does not fetch a long body that it would have to print', async () => {
    const port = await serving((_request, response) => {
      response.end('x'.repeat(10_000));
    });
    const { samples } = await ask(port, { identification: { by: 'answers' } });
    expect(samples).toMatchObject([{ status: 200 }]);
    expect(samples[0]).not.toHaveProperty('error');
    expect(samples[0]).not.toHaveProperty('backend');
  });

  it('is read by HEAD, whatever length a body would have', async () => {
    const methods: (string | undefined)[] = [];
    const port = await serving((request, response) => {
      methods.push(request.method);
      response.writeHead(401, { 'content-length': '9999', 'x-backend-server': 'ECS01' }).end();
    });
    const { samples } = await ask(port, { method: 'HEAD' }, 2);
    expect(samples).toMatchObject([
      { status: 401, backend: 'ECS01' },
      { status: 401, backend: 'ECS01' },
    ]);
    expect(samples[0]).not.toHaveProperty('error');
    expect(methods).toEqual(['HEAD', 'HEAD']);
    // Without a body nothing tells answers apart.
    const byAnswers = await ask(port, { method: 'HEAD', identification: { by: 'answers' } });
    expect(byAnswers.samples[0]).not.toHaveProperty('backend');
  });

  it('is told apart by bodies of an accepted status only', async () => {
    const port = await serving((_request, response) => {
      response.writeHead(401).end('who are you');
    });
    const byAnswers = { identification: { by: 'answers' } } as const;
    expect((await ask(port, byAnswers)).samples[0]).not.toHaveProperty('backend');
    const { samples } = await ask(port, { ...byAnswers, acceptedStatus: [[401, 401]] });
    expect(samples[0]?.backend).toMatch(/^answer /);
  });

  it('leads back to the site where that has no name, at each of its addresses', async () => {
    const port = await serving((_request, response) => {
      response.writeHead(302, { location: '/login' }).end();
    });
    const { domainName: _none, ...nameless } = targetWith({ port, host: '[2408::1]' });
    const output = await run(curlScript(nameless, ['::1'], 1, mark));
    const { samples } = readCurlOutput(output, { mark, addresses: ['::1'], name }, nameless);
    expect(samples).toMatchObject([{ status: 302, location: `http://[2408::1]:${port}/login` }]);
  });

  it('follows no redirect', async () => {
    const port = await serving((_request, response) => {
      response.writeHead(302, { location: 'http://elsewhere.example/' }).end();
    });
    expect((await ask(port)).samples).toMatchObject([{ status: 302, location: 'http://elsewhere.example/' }]);
  });

  it.each<[string, (socket: Socket) => void, { code: string; phase: string }]>([
    ['hangs up', (socket) => socket.destroy(), { code: 'CLOSED_EARLY', phase: 'answer' }],
    [
      'hangs up in the middle',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc'),
      { code: 'CLOSED_EARLY', phase: 'answer' },
    ],
    ['speaks no HTTP', (socket) => socket.end('220 smtp.example.com\r\n'), { code: 'NOT_HTTP', phase: 'answer' }],
  ])('says when a server %s', async (_name, serve, error) => {
    const port = await listening(
      createServer((socket) => {
        socket.once('data', () => serve(socket));
      }),
    );
    expect((await ask(port)).samples).toMatchObject([{ error }]);
  });

  it('says when a port is closed', async () => {
    expect((await ask(1)).samples).toMatchObject([{ error: { code: 'ECONNREFUSED', phase: 'connect' } }]);
  });

  it('says when a server speaks no TLS', async () => {
    const port = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const { samples } = await ask(port, { tls: true });
    expect(samples).toMatchObject([{ error: { phase: 'tls' } }, { error: { phase: 'tls' } }]);
  });
});
