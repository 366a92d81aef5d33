import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curlScript, roundsOf } from '../../../functions/probe/curl-script.ts';
import type { Identification, ProbeTarget } from '../../../shared/probe/target.ts';
import { targetWith } from './targets.ts';

const here = '2408:4005:39a:a00::1';
const there = '2408:4005:39a:b00::1';
const mark = 'p0123456789ab';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'curl-script-'));
  // Stands for curl, and says how it was called: one argument a line.
  writeFileSync(join(directory, 'curl'), `#!/bin/sh\necho curl\nprintf '<%s>\\n' "$@"\nexit 7\n`);
  chmodSync(join(directory, 'curl'), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What a real shell makes of the script: the arguments of each curl. */
async function calls(script: string): Promise<string[][]> {
  const { stdout } = await promisify(execFile)('sh', ['-c', script], {
    cwd: directory,
    env: { PATH: `${directory}:/usr/bin:/bin` },
  });
  return stdout
    .split(/^curl\n/m)
    .slice(1)
    .map((call) => [...call.matchAll(/<([^>]*)>\n/g)].map(([, argument = '']) => argument));
}

const valueOf = (call: string[] = [], option: string): string | undefined => call[call.indexOf(option) + 1];
const urlOf = (call: string[] = []): string | undefined => call.find((argument) => /^https?:/.test(argument));

const weights = (...given: number[]) => given.map((weight, index) => ({ name: `ECS0${index + 1}`, weight }));

/** Options of curl 7.61. Source: https://github.com/curl/curl/blob/curl-7_61_1/docs/curl.1 (read 2026-11-29) */
const known = [
  '-6',
  '-sS',
  '-m',
  '--connect-timeout',
  '--noproxy',
  '-A',
  '-k',
  '-I',
  '-D',
  '-o',
  '-r',
  '--max-filesize',
  '--resolve',
  '-H',
  '-w',
];
/** Its variables. Source: https://github.com/curl/curl/blob/curl-7_61_1/src/tool_writeout.c (read 2026-11-29) */
const variables = [
  'http_code',
  'remote_ip',
  'time_connect',
  'time_appconnect',
  'time_starttransfer',
  'time_total',
  'size_download',
  'redirect_url',
];

describe('the script for an instance', () => {
  it('asks the addresses in turn, by name, over IPv6 only', async () => {
    const made = await calls(curlScript(targetWith(), [here, there], 2, mark));
    expect(made.map((call) => valueOf(call, '--resolve'))).toEqual(
      [here, there, here, there].map((address) => `www.example.com:80:[${address}]`),
    );
    expect(made.every((call) => call[0] === '-6')).toBe(true);
    expect(new Set(made.map(urlOf))).toEqual(new Set(['http://www.example.com/']));
  });

  it('says after each how it ended', async () => {
    const { stdout } = await promisify(execFile)('sh', ['-c', curlScript(targetWith(), [here], 2, mark)], {
      env: { PATH: `${directory}:/usr/bin:/bin` },
    });
    expect(stdout.match(/^p0123456789ab 7$/gm)).toHaveLength(2);
  });

  const cases: [string, Partial<ProbeTarget>][] = [
    ['over HTTP', {}],
    ['over HTTPS', { tls: true, port: 443 }],
    ['without a name', { domainName: undefined, host: `[${here}]` } as never],
    ['by the body', { identification: { by: 'answers' } }],
    ['by HEAD', { method: 'HEAD' }],
  ];
  it.each(cases)('%s uses nothing that curl 7.61 does not know', async (_name, other) => {
    for (const call of await calls(curlScript(targetWith(other), [here], 3, mark))) {
      const options = call.filter((argument) => /^-[a-zA-Z6-]/.test(argument));
      expect(known).toEqual(expect.arrayContaining(options));
      const used = [...(valueOf(call, '-w') ?? '').matchAll(/%\{(\w+)\}/g)].map(([, name = '']) => name);
      expect(variables).toEqual(expect.arrayContaining(used));
    }
  });

  it('names the first address as the host where there is no name, as a function does', async () => {
    const { domainName: _none, ...target } = targetWith({ host: `[${here}]`, port: 8080 });
    const made = await calls(curlScript(target, [here, there], 1, mark));
    expect(made.map(urlOf)).toEqual([`http://[${here}]:8080/`, `http://[${there}]:8080/`]);
    expect(made.map((call) => valueOf(call, '-H'))).toEqual(Array(2).fill(`Host: [${here}]:8080`));
  });

  it('asks by HEAD where the request says so, and prints headers whatever tells servers apart', async () => {
    for (const identification of [{ by: 'answers' }, { by: 'header', header: 'Server' }] as const) {
      const [call = []] = await calls(curlScript(targetWith({ method: 'HEAD', identification }), [here], 1, mark));
      expect(call.filter((argument) => ['-I', '-D', '-r', '--max-filesize'].includes(argument))).toEqual(['-I', '-D']);
    }
  });

  it('asks for another host at the same address', async () => {
    const { domainName: _none, ...nameless } = targetWith({ host: 'shop.example.net', tls: true, port: 8443 });
    const [, call] = await calls(curlScript(nameless, [here], 1, mark));
    expect(valueOf(call, '--resolve')).toBe(`shop.example.net:8443:[${here}]`);
    expect(urlOf(call)).toBe('https://shop.example.net:8443/');
  });

  it.each(['203.0.113.4', '2408::1'])('asks for no host that is an address of its own: %s', (host) => {
    expect(() => curlScript(targetWith({ host }), [here], 1, mark)).toThrow('cannot be asked for');
  });

  it('asks over TLS once whether the certificate is trusted, and for the rest takes any', async () => {
    const made = await calls(curlScript(targetWith({ tls: true, port: 443 }), [here, there], 2, mark));
    expect(made.map((call) => call.includes('-k'))).toEqual([false, true, true, true, true]);
    expect(urlOf(made[0])).toBe('https://www.example.com/');
  });

  it.each<[Identification, string[]]>([
    [{ by: 'header', header: 'X-Backend' }, ['-D', '-o']],
    [{ by: 'pattern', pattern: 'web-(\\d)', header: 'Server' }, ['-D', '-o']],
    [{ by: 'pattern', pattern: 'web-(\\d)' }, ['-r', '--max-filesize']],
    [{ by: 'answers' }, ['-r', '--max-filesize']],
  ])('to tell backends by %j prints no more than that takes', async (identification, options) => {
    const [call = []] = await calls(curlScript(targetWith({ identification }), [here], 1, mark));
    expect(call.filter((argument) => ['-D', '-o', '-r', '--max-filesize'].includes(argument))).toEqual(options);
  });

  it('is short enough for RunCommand however many requests and addresses there are', () => {
    const addresses = Array.from({ length: 20 }, (_, index) => `2408:4005:39a:a00:1234:5678:9abc:de${10 + index}`);
    const target = targetWith({ tls: true, port: 8443, host: `${'a'.repeat(60)}.example.com` });
    const script = curlScript(target, addresses, 200, mark);
    expect(Buffer.from(script).toString('base64').length).toBeLessThan(24 * 1024);
  });

  it.each<[string, Partial<ProbeTarget>, number, number]>([
    ['what the weights want', {}, 2, 20],
    ['whole rounds', {}, 3, 21],
    ['two to each address', {}, 16, 32],
    ['no more than the request allows', { mostRequests: 5 }, 2, 4],
    ['no more than there is room for what they print', { backends: weights(100, 10) }, 2, 60],
    ['less where bodies are printed', { backends: weights(100, 10), identification: { by: 'answers' } }, 2, 38],
    ['one to each address at least', {}, 100, 100],
  ])('makes as many requests as are due: %s', (_name, other, addresses, requests) => {
    expect(roundsOf(targetWith(other), addresses) * addresses).toBe(requests);
  });
});

describe('what comes from a request', () => {
  const harm = () => join(directory, 'harm');
  const hostile = [
    `';touch harm;'`,
    '$(touch harm)',
    '`touch harm`',
    '\ntouch harm\n',
    '"; touch harm; "',
    "\\'; touch harm #",
    '|| touch harm',
    '@/etc/passwd',
    '{a,b}[1-9]',
    '-o/tmp/x',
    '%{url_effective}\\n',
    'ü\u0000',
  ];

  it.each(hostile)('reaches curl as a part of one URL where it is a path: %j', async (text) => {
    const made = await calls(curlScript(targetWith({ path: `/${text.replace('\u0000', '')}` }), [here], 1, mark));
    expect(made).toHaveLength(1);
    const url = urlOf(made[0]) ?? '';
    expect(url).toMatch(/^http:\/\/www\.example\.com\/[!-~]*$/);
    expect(url).not.toMatch(/[[\]{}'"`\\|]/);
    expect(existsSync(harm())).toBe(false);
  });

  it.each(hostile)('is refused where it is a host: %j', (text) => {
    expect(() => curlScript(targetWith({ host: `www${text}` }), [here], 1, mark)).toThrow('cannot be asked for');
    expect(() => curlScript(targetWith({ host: text }), [here], 1, mark)).toThrow('cannot be asked for');
  });

  it.each(hostile)('is refused where it is an address: %j', (text) => {
    expect(() => curlScript(targetWith(), [`${here}${text}`], 1, mark)).toThrow('cannot be asked for');
    const { domainName: _none, ...nameless } = targetWith({ host: `[${here}${text}]` });
    expect(() => curlScript(nameless, [here], 1, mark)).toThrow('cannot be asked for');
  });

  it.each(['203.0.113.4', ''])('is refused where it is no IPv6 address: %j', (address) => {
    expect(() => curlScript(targetWith(), [address], 1, mark)).toThrow('cannot be asked for');
  });

  it.each(hostile)('does not come into it where it is a header or a pattern: %j', (text) => {
    const plain = curlScript(targetWith(), [here], 1, mark);
    const byHeader = targetWith({ identification: { by: 'header', header: text } });
    const byPattern = targetWith({ identification: { by: 'pattern', pattern: text, header: text } });
    expect(curlScript(byHeader, [here], 1, mark)).toBe(plain);
    expect(curlScript(byPattern, [here], 1, mark)).toBe(plain);
  });
});

// Ten zones have ten addresses. What a path of 500 has to be percent-encoded fits for six.
it.each([
  ['a path of 500 characters', `/${'a'.repeat(499)}`, 10],
  ['one of 80 that are all percent-encoded', `/${'"'.repeat(79)}`, 10],
  ['one of 500 that are', `/${'"'.repeat(499)}`, 6],
])('the script for %s fits into a command, which may have 24 KB in base64', (_, path, count) => {
  const label = 'a'.repeat(63);
  const host = `${label}.${label}.${label}.${'b'.repeat(61)}`;
  const target = { ...targetWith(), host, tls: true, port: 8443, path };
  const addresses = Array.from({ length: count }, (_address, index) => `2408:4005:39a:1a00:ffff:ffff:ffff:fff${index}`);
  const script = curlScript(target, addresses, 20, mark);
  expect(Buffer.from(script).toString('base64').length).toBeLessThanOrEqual(24 * 1024);
});
