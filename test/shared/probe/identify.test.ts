import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../shared/probe/exchange.ts';
import { backendOf, identifierOf } from '../../../shared/probe/identify.ts';
import type { Sample } from '../../../shared/probe/observation.ts';
import { longestSearched } from '../../../shared/probe/pattern.ts';

function answer(
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string | Buffer },
  sample: Partial<Sample> = {},
): Exchange {
  return {
    sample: { address: '2408::1', status: 200, bodyHash: 'abc', phases: { totalMs: 1 }, ...sample },
    headers: new Map(Object.entries(headers)),
    body: Buffer.from(body),
  };
}
const isGood = ({ status = 0 }: Sample): boolean => status >= 200 && status < 300;
/** No answer at all. */
const silence: Exchange = {
  sample: { address: '2408::1', phases: { totalMs: 1 }, error: { code: 'ETIMEDOUT', phase: 'connect' } },
};

describe('by a header', () => {
  const identify = backendOf({ by: 'header', header: 'X-Served-By' }, isGood);

  it.each<[string, Record<string, string>, string | undefined]>([
    ['its value', { 'x-served-by': 'web-1' }, 'web-1'],
    ['its value without the spaces around it', { 'x-served-by': '  web-1 ' }, 'web-1'],
    ['no more of it than 100 characters', { 'x-served-by': 'x'.repeat(200) }, 'x'.repeat(100)],
    ['nothing where it is empty', { 'x-served-by': ' ' }, undefined],
    ['nothing where it is not sent', { server: 'web-1' }, undefined],
  ])('a backend is %s', (_what, headers, expected) => {
    expect(identify(answer({ headers }))).toBe(expected);
  });

  it('no answer is nobody’s', () => {
    expect(identify(silence)).toBeUndefined();
  });
});

describe('by a pattern', () => {
  const inBody = (pattern: string, body: string | Buffer) =>
    backendOf({ by: 'pattern', pattern }, isGood)(answer({ body }));

  it.each<[string, string, string, string | undefined]>([
    ['its first group', 'served by (web-[0-9]+) of (.*)', 'served by web-12 of shop', 'web-12'],
    ['all that it matches where it has no group', 'web-[0-9]+', 'served by web-12', 'web-12'],
    ['the first of several matches', 'web-[0-9]+', 'web-1, then web-2', 'web-1'],
    ['all that it matches where its group takes no part', 'web-1|(web-2)', 'web-1', 'web-1'],
    ['nothing where it matches nothing', 'web-[0-9]+', 'welcome', undefined],
    ['nothing where the group is empty', 'name=([a-z]*)', 'name=', undefined],
    ['found across lines', 'host:\\s(\\w+)', 'host:\nweb1', 'web1'],
  ])('a backend is %s', (_what, pattern, body, expected) => {
    expect(inBody(pattern, body)).toBe(expected);
  });

  it('a backend is looked for in the first 8 KB of the body only', () => {
    expect(inBody('web-1', `${' '.repeat(8000)}web-1`)).toBe('web-1');
    expect(inBody('web-1', `${' '.repeat(8192)}web-1`)).toBeUndefined();
  });

  it('a backend is found in the middle of bytes that are no text', () => {
    expect(inBody('web-[0-9]', Buffer.concat([Buffer.from([0xff, 0x00, 0xc3]), Buffer.from('web-7')]))).toBe('web-7');
  });

  it('a backend is looked for in a header where one is named, and in nothing else', () => {
    const identify = backendOf({ by: 'pattern', pattern: 'srv=(\\w+)', header: 'Set-Cookie' }, isGood);
    expect(identify(answer({ headers: { 'set-cookie': 'id=1, srv=web2; path=/' } }))).toBe('web2');
    expect(identify(answer({ body: 'srv=web1' }))).toBeUndefined();
  });

  it('every answer is searched from its beginning', () => {
    const identify = backendOf({ by: 'pattern', pattern: 'web-[0-9]' }, isGood);
    expect([1, 2, 3].map(() => identify(answer({ body: 'web-1' })))).toEqual(['web-1', 'web-1', 'web-1']);
  });

  it('no answer is nobody’s', () => {
    expect(backendOf({ by: 'pattern', pattern: '.*' }, isGood)(silence)).toBeUndefined();
  });
});

describe('by different answers', () => {
  const identify = backendOf({ by: 'answers' }, isGood);

  it('the same answer is the same backend’s', () => {
    const names = ['a', 'b', 'a'].map((bodyHash) => identify(answer({}, { bodyHash })));
    expect(names[0]).toBe(names[2]);
    expect(names[0]).not.toBe(names[1]);
    expect(names[0]).toBe('answer a');
  });

  // The load balancer's own page, or one that any server may give.
  it.each([301, 404, 502, 503])('status %i is nobody’s', (status) => {
    expect(identify(answer({}, { status }))).toBeUndefined();
  });

  it('no answer is nobody’s', () => {
    expect(identify(silence)).toBeUndefined();
  });
});

it('keeps of an answer no more than is searched', () => {
  const { textIn, nameIn } = identifierOf({ by: 'pattern', pattern: 'srv=(\\w+)', header: 'x-long' }, isGood);
  const long = `srv=a ${'x'.repeat(20_000)}`;
  const text = textIn(answer({ headers: { 'x-long': long } }));
  expect(text).toHaveLength(longestSearched);
  expect(nameIn(text ?? '')).toBe('a');
  const byHeader = identifierOf({ by: 'header', header: 'x-long' }, isGood);
  expect(byHeader.textIn(answer({ headers: { 'x-long': long } }))).toHaveLength(longestSearched);
});
