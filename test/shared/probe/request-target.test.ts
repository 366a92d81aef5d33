import { connect } from 'node:net';
import { RE2JS } from 're2js';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { requestTarget } from '../../../shared/probe/request-target.ts';
import { Backends } from '../../support/backends.ts';

const events: string[] = [];
const { matcher } = RE2JS.prototype;
vi.spyOn(RE2JS.prototype, 'matcher').mockImplementation(function search(this: RE2JS, text) {
  events.push(`search ${text as string}`);
  return matcher.call(this, text);
});
afterAll(() => vi.restoreAllMocks());

const backends = new Backends();
afterEach(async () => await backends.close());

const asked = {
  method: 'GET',
  host: 'www.example.com',
  path: '/',
  acceptedStatus: [[200, 399]] as [number, number][],
  port: 80,
  tls: false,
  identification: { by: 'pattern', pattern: 'srv-[ab]' },
} as const;

async function request(isSettled?: () => boolean) {
  events.length = 0;
  let turn = 0;
  const port = await backends.serve((socket) => {
    turn += 1;
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nsrv-${turn % 2 === 0 ? 'a' : 'b'}`);
  });
  const dial = () => {
    events.push('dial');
    return connect(port, '::1');
  };
  const limits = { requestTimeoutMs: 10_000, probeTimeoutMs: 10_000, parallel: 2 };
  const { samples } = await requestTarget(dial, asked, ['2408::1'], 6, limits, { isSettled });
  return samples.map(({ backend }) => backend).sort();
}

it('the pattern of a request is searched for once all requests are over, and once in each text', async () => {
  expect(await request()).toEqual(['srv-a', 'srv-a', 'srv-a', 'srv-b', 'srv-b', 'srv-b']);
  expect(events.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'dial'));
  expect(events.slice(6).sort()).toEqual(['search srv-a', 'search srv-b']);
});

it('who answered is known at once where it settles the question', async () => {
  expect(await request(() => events.includes('search srv-a') && events.includes('search srv-b'))).toContain('srv-a');
  expect(events.filter((event) => event === 'dial').length).toBeLessThan(6);
});
