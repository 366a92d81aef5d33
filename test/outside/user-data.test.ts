import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { cloudConfig } from '../../functions/instances/cloud-config.ts';
import { guestSite } from '../../local/ecs/cloud-config.ts';
import { parseSpec } from '../../shared/deployment/spec.ts';
import { nginx, pythonOfCloudInit } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'user-data-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

/** Pages that a parser of YAML, a server or a browser may read as something else. */
const pages = [
  'Hello World ! this is ipv4 rs.',
  '你好，世界 🎉 e\u0301',
  '\u0000\u0001\u0008\t\u000b\u000c\u001b\u007f',
  '\u0080\u0085\u009f',
  'one\u2028two\u2029three\u0085four',
  '\ufeffstarts with a byte order mark',
  '\ufffe\uffff\u{1fffe}\u{10ffff}',
  'ends with a backslash \\',
  '\\ud800 \\x41 \\" \' ` $HOME ${x} $(id) %s',
  'a\r\nb\rc\n\n\n',
  '  leading and trailing  ',
  '# no comment: {a: [b]} & *c !d |\n> e',
  '---\n...\n%YAML 1.2\n',
  '#cloud-config\nruncmd: [reboot]',
  '## template: jinja\n{{ v1.region }}',
  '<!DOCTYPE html><html><body>"</body></html>',
  'true',
  '0777',
];

interface Read {
  packages: string[];
  runcmd: string[][];
  deferred: string[];
  paths: string[];
  problem: string | null;
}

/** What cloud-init makes of the user data of each page; the files of page N lie below `folder`/N. */
function readByCloudInit(all: string[], port = 80): { read: Read; root: string }[] {
  return readUserData(all.map((page) => cloudConfig({ name: 'ECS01', family: 'ipv4', port, weight: 100, page })));
}

function readUserData(all: string[]): { read: Read; root: string }[] {
  const guests = mkdtempSync(join(folder, 'guests-'));
  // The workers of nginx run as another user.
  chmodSync(guests, 0o755);
  const cases = all.map((userData, index) => ({ userData, root: join(guests, String(index)) }));
  const { stdout, stderr, status } = spawnSync(
    pythonOfCloudInit as string,
    [join(import.meta.dirname, 'cloud-init.py')],
    { input: cases.map((one) => `${JSON.stringify(one)}\n`).join(''), encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line, index) => ({ read: JSON.parse(line) as Read, root: cases[index]?.root as string }));
}

const pageOf = (root: string): Buffer => readFileSync(join(root, 'var/www/dualstack-alb/index.html'));

describe.skipIf(pythonOfCloudInit === undefined)('user data read by cloud-init itself', () => {
  it.each(pages.map((page) => [JSON.stringify(page), page]))('writes the page %s byte by byte', (_, page) => {
    const [{ read, root } = expect.fail()] = readByCloudInit([page]);
    expect(read).toMatchObject({ problem: null, packages: ['nginx'], deferred: [] });
    expect(read.runcmd).toEqual([
      ['systemctl', 'enable', '--now', 'nginx'],
      ['systemctl', 'reload', 'nginx'],
    ]);
    expect(pageOf(root)).toEqual(Buffer.from(`${page}\n`));
  });

  it('writes any page that a request may have byte by byte', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(...pages),
      fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
    );
    const all = fc
      .sample(fc.array(unit, { minLength: 1, maxLength: 20 }), { numRuns: 300, seed: 20_261_130 })
      .map((parts) => parts.join(''))
      .filter((page) => page !== '');
    const taken = all.filter(
      (page) => 'spec' in parseSpec({ name: 'any', backends: [{ name: 'a1', family: 'ipv4', page }] }),
    );
    expect(taken.length).toBeGreaterThan(200);
    const read = readByCloudInit(taken);
    for (const [index, page] of taken.entries()) {
      const [one = expect.fail()] = read.slice(index, index + 1);
      expect(one.read.problem).toBeNull();
      expect(pageOf(one.root).equals(Buffer.from(`${page}\n`)), JSON.stringify(page)).toBe(true);
    }
  });
});

/** Asks by the real curl, which waits until nginx is up. */
function get(url: string, host: string): { status: number; headers: string; body: string } {
  const { stdout, stderr, status } = spawnSync(
    'curl',
    ['-sSgi', '--retry', '5', '--retry-connrefused', '--max-time', '20', '-H', `Host: ${host}`, url],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  const [headers = '', body = ''] = stdout.split('\r\n\r\n');
  return { status: Number(headers.split(' ')[1]), headers: headers.toLowerCase(), body };
}

describe.skipIf(pythonOfCloudInit === undefined)('user data of other people', () => {
  const document = (content: string) =>
    `#cloud-config\npackages: [nginx]\nwrite_files:\n  - {path: /usr/share/nginx/html/a, content: ${content}}\n`;

  it.each([
    ['a plain text', 'text', false],
    ['DEL in quotes', '"a\u007fb"', true],
    ['DEL escaped', '"a\\u007fb"', false],
    ['U+0085 raw', '"a\u0085      b"', false],
    ['U+0090 raw', '"a\u0090b"', true],
    ['U+FFFE raw', '"a\ufffeb"', true],
    ['a lone surrogate', '"a\\ud800b"', true],
    ['a pair of escaped surrogates', '"\\ud83d\\ude00"', true],
    ['an escaped backslash before what looks like a surrogate', '"\\\\ud83d"', false],
    ['an open quote', '"a', true],
  ])('is dropped by the embedded guest when cloud-init drops it: %s', (_, content, isDropped) => {
    const userData = document(content);
    const [{ read } = expect.fail()] = readUserData([userData]);
    expect(read.packages === null || read.problem !== null).toBe(isDropped);
    expect((guestSite(userData)?.problems ?? []).length > 0).toBe(isDropped);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '::');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe.skipIf(pythonOfCloudInit === undefined || nginx === undefined)('the files served by the real nginx', () => {
  it.each([
    ['beside a default server on the same port, over IPv4', '127.0.0.1'],
    ['beside a default server on the same port, over IPv6', '[::1]'],
  ])('answer %s', async (_, host) => {
    const port = await freePort();
    const page = '你好，世界';
    const [{ root } = expect.fail()] = readByCloudInit([page], port);
    // What the distribution's package has: conf.d, then a default server of its own.
    const written = readFileSync(join(root, 'etc/nginx/conf.d/dualstack-alb.conf'), 'utf8');
    const conf = join(root, 'nginx.conf');
    writeFileSync(
      conf,
      `pid ${root}/nginx.pid;
error_log stderr;
events {}
http {
  types { text/html html; }
  access_log off;
  client_body_temp_path ${root}/t1; proxy_temp_path ${root}/t2; fastcgi_temp_path ${root}/t3;
  uwsgi_temp_path ${root}/t4; scgi_temp_path ${root}/t5;
${written.replace('root /', `root ${root}/`)}
  server {
    listen ${port} default_server;
    listen [::]:${port} default_server;
    server_name _;
    return 421;
  }
}
`,
    );
    const child = spawn(nginx as string, ['-e', 'stderr', '-c', conf, '-g', 'daemon off;'], { stdio: 'pipe' });
    try {
      const answer = get(`http://${host}:${port}/`, 'www.example.com');
      expect(answer).toMatchObject({ status: 200, body: `${page}\n` });
      expect(answer.headers).toContain('content-type: text/html; charset=utf-8');
      expect(answer.headers).toContain('x-backend-server: ecs01');
      // The health check of the load balancer names the server by its address.
      expect(get(`http://${host}:${port}/`, '192.168.1.5').status).toBe(200);
      const missing = get(`http://${host}:${port}/none`, 'x');
      expect(missing).toMatchObject({
        status: 404,
        headers: expect.stringContaining('x-backend-server: ecs01') as string,
      });
    } finally {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
  });
});
