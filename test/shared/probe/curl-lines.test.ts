import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { systemDial } from '../../../shared/net/dial.ts';
import { curlLines, CurlTranscripts } from '../../../shared/probe/curl-lines.ts';
import { exchange, type ExchangeTarget } from '../../../shared/probe/exchange.ts';
import { Backends } from '../../support/backends.ts';

const backends = new Backends();
afterEach(async () => await backends.close());

const answerOf = (more: string): string =>
  `HTTP/1.1 200 OK\r\nServer: nginx/1.20.1\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\nX-Backend-Server: ECS02\r\n${more}Content-Length: 2\r\n\r\nhi`;

async function targetAt(answer: string, more: Partial<ExchangeTarget> = {}): Promise<ExchangeTarget> {
  const port = await backends.serve((socket) => socket.end(answer));
  return { address: '::1', port, host: 'localhost', path: '/', tls: false, timeoutMs: 15_000, ...more };
}

const oursOf = async (target: ExchangeTarget): Promise<string[]> =>
  curlLines(target, await exchange(systemDial, target));

/** The lines that the real curl writes for the same request: what it is made to say as we do is no more than we say. */
async function curlsOf({ address, port, host, path, method }: ExchangeTarget): Promise<string[]> {
  const { stderr } = await promisify(execFile)('curl', [
    '-6',
    '-sS',
    '-v',
    '-m',
    '5',
    '-g',
    '--http1.1',
    '--path-as-is',
    '-A',
    'dualstack-alb-probe',
    '-H',
    'Connection: close',
    ...(method === 'HEAD' ? ['-I'] : []),
    '--resolve',
    `${host}:${port}:[${address}]`,
    `http://${host}:${port}${path}`,
  ]).catch((error: { stderr: string }) => error);
  return stderr.split('\n').map((line) => line.replace(/\r$/, ''));
}

const ofHeaders = (lines: string[]): string[] => lines.filter((line) => /^[<>]/.test(line));
/** Its own words, without what changes between versions: the number of the connection. */
const ofTries = (lines: string[]): string[] =>
  lines.filter((line) => /^\* +(Trying|Connected)/.test(line)).map((line) => line.replace(/ \(#\d+\)$/, ''));

describe('the lines of an exchange are those of curl -6 -v for the same target,', () => {
  it.each<[string, string, Partial<ExchangeTarget>]>([
    ['of a page', answerOf(''), {}],
    ['of a query', answerOf(''), { path: '/a/b?x=1&y=%2F' }],
    ['of HEAD', answerOf(''), { method: 'HEAD' }],
    [
      'of headers that come twice, in their order and spelling',
      answerOf('Set-Cookie: a=1\r\nx-ODD:  two  blanks\r\nSet-Cookie: b=2\r\n'),
      {},
    ],
    ['of an interim answer', `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${answerOf('')}`, {}],
    ['of a status without a reason', 'HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n', {}],
    ['of a redirect', 'HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n', {}],
    ['of letters outside ASCII', Buffer.from(answerOf('X-Name: 你好\r\n')).toString('latin1'), {}],
  ])('%s', async (_what, answer, more) => {
    const target = await targetAt(answer, more);
    const [ours, curls] = [await oursOf(target), await curlsOf(target)];
    expect(ofHeaders(ours).length).toBeGreaterThan(7);
    expect(ofHeaders(ours)).toEqual(ofHeaders(curls));
    expect(ofTries(ours)).toHaveLength(2);
    expect(ofTries(ours)).toEqual(ofTries(curls));
  });

  it('of an address that nobody listens at', async () => {
    const server = createServer();
    const port = await backends.listen(server);
    await new Promise((resolve) => server.close(resolve));
    const target = { address: '::1', port, host: 'localhost', path: '/', tls: false, timeoutMs: 5000 };
    const [ours, curls] = [await oursOf(target), await curlsOf(target)];
    expect(ours).toEqual([`*   Trying [::1]:${port}...`, `* connect to ::1 port ${port} failed: Connection refused`]);
    expect(ofTries(ours)).toEqual(ofTries(curls));
    // Later versions say from where, too.
    expect(curls.join('\n')).toMatch(/\* connect to ::1 port \d+ .*failed: Connection refused/);
  });
});

describe('whoever answers', () => {
  it('cannot move the terminal of a reader, or turn its text around', async () => {
    const lines = await oursOf(await targetAt(answerOf('X-Evil: \u001b[2J\u001b]0;owned\u0007\u202e\r\n')));
    expect(lines.find((line) => line.startsWith('< X-Evil'))).toMatch(/^< X-Evil: +\[2J \]0;owned/);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  it('cannot make them long or many', async () => {
    const many = Array.from(
      { length: 200 },
      (_, index) => `X-${index}: ${'y'.repeat(index === 0 ? 9000 : 1)}\r\n`,
    ).join('');
    const lines = await oursOf(await targetAt(answerOf(many)));
    expect(lines.length).toBeLessThan(70);
    for (const line of lines) expect(line.length).toBeLessThan(510);
  });
});

it('says what became of an answer that breaks off', async () => {
  const lines = await oursOf(await targetAt('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhi'));
  expect(lines.slice(-3)).toEqual(['< Content-Length: 100', '< ', '* answer failed: CLOSED_EARLY']);
});

it('keeps the lines of the first request to each of a few addresses', async () => {
  const target = await targetAt(answerOf(''));
  const answer = await exchange(systemDial, target);
  const transcripts = new CurlTranscripts();
  for (const address of ['::1', '::1', '::2', '::3', '::4', '::5']) transcripts.note({ ...target, address }, answer);
  expect(transcripts.lines.map(([first = '']) => first.replace(`:${target.port}`, ''))).toEqual([
    '*   Trying [::1]...',
    '*   Trying [::2]...',
    '*   Trying [::3]...',
    '*   Trying [::4]...',
  ]);
});
