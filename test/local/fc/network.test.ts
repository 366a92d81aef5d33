import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Route } from '../../../local/fc/worker-protocol.ts';
import { json, parse, startFunctions } from './support/function-compute.ts';

async function page(): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => response.end(`page of ${request.headers.host}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Runs `body` (with `done`, `net`, `http` at hand) inside a function. */
async function run(body: string, route: (address: string, port: number) => Route = () => ({ refusal: 'ENETUNREACH' })) {
  const asked: [string, number][] = [];
  const { compute } = await startFunctions(
    {
      f: `const net = require('net'), http = require('http'), dns = require('dns'), dgram = require('dgram');
          exports.handler = (event) => new Promise((resolve) => { const done = (value) => resolve({ value }); ${body} });`,
    },
    {},
    {
      route: (address, port) => {
        asked.push([address, port]);
        return Promise.resolve(route(address, port));
      },
    },
  );
  const result = await compute.invoke('f', json({}));
  return { answer: (parse(result.body) as { value: unknown }).value, asked };
}

const failure =
  '(e) => done({ code: e.code, syscall: e.syscall, address: e.address, port: e.port, hostname: e.hostname, message: e.message, errno: e.errno < 0 })';

describe('sandbox network', () => {
  it.each([
    ['2408:4002:1000:1::5', 'IPv6'],
    ['47.100.1.2', 'IPv4'],
  ])('dials %s on the loopback socket behind it and shows the address of the cloud', async (address, family) => {
    const { port } = await page();
    const { answer, asked } = await run(
      `const s = net.connect({ host: '${address}', port: 80, family: ${family.at(-1)} }, () =>
         done([s.remoteAddress, s.remotePort, s.remoteFamily])).on('error', ${failure});`,
      () => ({ host: '127.0.0.1', port }),
    );
    expect(answer).toEqual([address, 80, family]);
    expect(asked).toEqual([[address, 80]]);
  });

  it('carries an HTTP request to an IPv6 literal', async () => {
    const { port } = await page();
    const { answer } = await run(
      `http.get({ host: '2408::7', port: 80, family: 6, headers: { host: 'www.example.com' } }, (r) => {
         const { remoteAddress } = r.socket; let text = '';
         r.on('data', (d) => { text += d }).on('end', () => done([r.statusCode, text, remoteAddress])) }).on('error', ${failure});`,
      () => ({ host: '127.0.0.1', port }),
    );
    expect(answer).toEqual([200, 'page of www.example.com', '2408::7']);
  });

  it('carries fetch to an address of the cloud', async () => {
    const { port } = await page();
    const { answer } = await run(
      `fetch('http://[2408::7]/').then((r) => r.text()).then(done, (e) => done(String(e.cause)))`,
      () => ({ host: '127.0.0.1', port }),
    );
    expect(answer).toBe('page of [2408::7]');
  });

  it('takes the address from a lookup function of the caller', async () => {
    const { port } = await page();
    const { answer, asked } = await run(
      `http.get({ host: 'www.example.com', lookup: (h, o, cb) => cb(null, [{ address: '2408::9', family: 6 }]) }, (r) => {
         r.resume(); done(r.socket.remoteAddress) }).on('error', ${failure});`,
      () => ({ host: '127.0.0.1', port }),
    );
    expect(answer).toBe('2408::9');
    expect(asked).toEqual([['2408::9', 80]]);
  });

  it.each(['ECONNREFUSED', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH'] as const)(
    "passes the cloud's %s on as a system error",
    async (refusal) => {
      const { answer } = await run(`net.connect(443, '2408::1').on('error', ${failure})`, () => ({ refusal }));
      expect(answer).toEqual({
        code: refusal,
        syscall: 'connect',
        address: '2408::1',
        port: 443,
        message: `connect ${refusal} 2408::1:443`,
        errno: true,
      });
    },
  );

  it('leaves loopback connections alone', async () => {
    const { port } = await page();
    const { answer, asked } = await run(
      `http.get('http://127.0.0.1:${port}/', (r) => { r.resume(); done(r.socket.remoteAddress) })`,
    );
    expect(answer).toBe('127.0.0.1');
    expect(asked).toEqual([]);
  });

  it('P-145: finds a pooled connection again after the freeze', async () => {
    const { server, port } = await page();
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const { compute } = await startFunctions({
      f: `const http = require('http'); const agent = new http.Agent({ keepAlive: true });
          exports.handler = () => new Promise((done, fail) => http.get({ host: '127.0.0.1', port: ${port}, agent }, (r) =>
            r.resume().on('end', () => done(r.statusCode))).on('error', fail));`,
    });
    const statuses: unknown[] = [];
    for (let turn = 0; turn < 3; turn += 1) statuses.push(parse((await compute.invoke('f', json({}))).body));
    expect(statuses).toEqual([200, 200, 200]);
    expect(connections).toBe(1);
  });

  it('P-145: meets a pooled connection that died during the freeze', async () => {
    const { server, port } = await page();
    const { compute, logs } = await startFunctions({
      f: `const http = require('http'); const agent = new http.Agent({ keepAlive: true });
          exports.handler = () => new Promise((done) => http.get({ host: '127.0.0.1', port: ${port}, agent }, (r) =>
            r.resume().on('end', () => done({ status: r.statusCode }))).on('error', (e) => done({ code: e.code })));`,
    });
    await compute.invoke('f', json({}));
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.closeAllConnections();
    const second = parse((await compute.invoke('f', json({}))).body);
    expect([{ code: 'ECONNRESET' }, { status: 200 }]).toContainEqual(second);
    expect(logs.some((entry) => entry.level === 'error')).toBe(false);
  });

  it('does not resolve a public name', async () => {
    const { answer } = await run(`net.connect(80, 'www.aliyun.com').on('error', ${failure})`);
    expect(answer).toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'www.aliyun.com' });
  });

  it('does not resolve a public name by dns.promises', async () => {
    const { answer } = await run(`dns.promises.lookup('www.aliyun.com').catch(${failure})`);
    expect(answer).toMatchObject({ code: 'ENOTFOUND' });
  });

  it('sends no datagram off the machine', async () => {
    const { answer } = await run(
      `dgram.createSocket('udp4').send(Buffer.from('x'), 53, '223.5.5.5', (e) => done({ code: e && e.code }))`,
    );
    expect(answer).toEqual({ code: 'ENETUNREACH' });
  });
});
