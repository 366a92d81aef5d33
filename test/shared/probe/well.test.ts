import { array, assert, constantFrom, integer, property, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Asked,
  checkedStatus,
  hasStatus,
  isWell,
  requestPath,
  statusText,
  statusWords,
  toldAnswer,
  toldUnwell,
  type Well,
  wellOf,
  type WellSettings,
} from '../../../shared/probe/well.ts';

const check = { path: '/healthz', codes: ['http_2xx', 'http_4xx'] };
const www = 'www.example.com';
const asked = (settings: WellSettings = {}, port = 80): Asked => ({
  ...wellOf(settings, undefined, www),
  port,
  tls: port === 443,
});

describe('what is well', () => {
  it.each<[string, WellSettings | undefined, typeof check | undefined, Partial<Well>]>([
    [
      'is what the health check asks for',
      undefined,
      check,
      {
        path: '/healthz',
        acceptedStatus: [
          [200, 299],
          [400, 499],
        ],
      },
    ],
    [
      'is any good answer at / without a health check',
      undefined,
      undefined,
      { path: '/', acceptedStatus: [[200, 399]] },
    ],
    ['is asked by GET, which shows that a body comes', undefined, check, { method: 'GET' }],
    ['is asked of the site itself', undefined, check, { host: www }],
    [
      'is what the probe says',
      { path: '/login', acceptedStatus: ['401', '200-204'] },
      check,
      {
        path: '/login',
        acceptedStatus: [
          [200, 204],
          [401, 401],
        ],
      },
    ],
    [
      'is asked of another host where the probe says so',
      { host: 'shop.example.com' },
      check,
      { host: 'shop.example.com', isHostGiven: true },
    ],
    [
      'takes the codes of the health check at its own path only',
      { path: '/' },
      check,
      { path: '/', acceptedStatus: [[200, 399]] },
    ],
    [
      'takes them there however the path is spelt',
      { path: '/%68ealthz/../healthz' },
      { ...check, path: '/healthz' },
      {
        acceptedStatus: [
          [200, 299],
          [400, 499],
        ],
      },
    ],
    [
      'is a redirect where one is wanted',
      { redirectTo: '/login' },
      check,
      { acceptedStatus: [[300, 399]], redirectTo: '/login' },
    ],
    [
      'may be a redirect or another answer',
      { redirectTo: '/login', acceptedStatus: ['200', '302'] },
      check,
      {
        acceptedStatus: [
          [200, 200],
          [302, 302],
        ],
      },
    ],
    [
      'has a path without a fragment, as every client sends it',
      undefined,
      { ...check, path: '/healthz#deep' },
      { path: '/healthz' },
    ],
    ['keeps a query', undefined, { ...check, path: '/healthz?deep=1' }, { path: '/healthz?deep=1' }],
    [
      'is any good answer where the codes are of another protocol',
      undefined,
      { path: '/', codes: ['0'] },
      { acceptedStatus: [[200, 399]] },
    ],
  ])('%s', (_what, settings, given, expected) => {
    expect(wellOf(settings, given, www)).toMatchObject(expected);
  });

  it('is no 502, 503 or 504 by the class of the health check: those a load balancer answers by itself', () => {
    const { acceptedStatus } = wellOf(undefined, { path: '/', codes: ['http_5xx'] }, www);
    expect([500, 501, 502, 503, 504, 505, 599].filter((status) => hasStatus(acceptedStatus, status))).toEqual([
      500, 501, 505, 599,
    ]);
    expect(wellOf({ acceptedStatus: ['503'] }, undefined, www).acceptedStatus).toEqual([[503, 503]]);
  });

  it('is a status of one of the ranges, whatever their order, and of no other', () => {
    const range = tuple(integer({ min: 100, max: 599 }), integer({ min: 100, max: 599 })).map(
      ([a, b]) => [Math.min(a, b), Math.max(a, b)] as const,
    );
    assert(
      property(array(range, { minLength: 1, maxLength: 6 }), integer({ min: 100, max: 599 }), (ranges, status) => {
        const { acceptedStatus } = wellOf(
          { acceptedStatus: ranges.map(([from, to]) => `${from}-${to}`) },
          undefined,
          www,
        );
        expect(hasStatus(acceptedStatus, status)).toBe(ranges.some(([from, to]) => status >= from && status <= to));
        for (const [index, [from]] of acceptedStatus.entries())
          expect(from).toBeGreaterThan((acceptedStatus[index - 1]?.[1] ?? -1) + 1);
      }),
    );
  });

  it('is what the health check takes for healthy, but for what is the load balancer’s own', () => {
    const classes = ['http_2xx', 'http_3xx', 'http_4xx', 'http_5xx'];
    assert(
      property(
        array(constantFrom(...classes), { minLength: 1, maxLength: 4 }),
        integer({ min: 200, max: 599 }),
        (codes, status) => {
          const { acceptedStatus } = wellOf(undefined, { path: '/', codes }, www);
          const isHealthy = codes.includes(`http_${Math.floor(status / 100)}xx`);
          expect(hasStatus(checkedStatus(codes), status)).toBe(isHealthy);
          expect(hasStatus(acceptedStatus, status)).toBe(isHealthy && ![502, 503, 504].includes(status));
        },
      ),
    );
  });
});

describe('an answer', () => {
  it.each<[string, WellSettings, { status?: number; location?: string }, boolean]>([
    ['with an accepted status is well', { acceptedStatus: ['401'] }, { status: 401 }, true],
    ['with another is ill, a good one too', { acceptedStatus: ['401'] }, { status: 200 }, false],
    ['that never came is ill', {}, {}, false],
    ['that redirects is well wherever that leads', {}, { status: 302, location: 'https://login.example.net/' }, true],
    ['that was not modified is well', {}, { status: 304 }, true],
    ['that redirects as wanted is well', { redirectTo: '/login' }, { status: 302, location: '/login' }, true],
    [
      'is so by a relative location',
      { path: '/a/b', redirectTo: '/a/login' },
      { status: 302, location: 'login' },
      true,
    ],
    [
      'is so by an absolute location',
      { redirectTo: '/login' },
      { status: 301, location: 'http://www.example.com:80/login' },
      true,
    ],
    [
      'is so by a location without scheme',
      { redirectTo: '/login' },
      { status: 301, location: '//www.example.com/login' },
      true,
    ],
    [
      'is so in other letters of scheme and host',
      { redirectTo: '/login' },
      { status: 301, location: 'HTTP://WWW.Example.COM/login' },
      true,
    ],
    ['is so in other escapes', { redirectTo: '/~a%2Fb' }, { status: 301, location: '/%7ea%2fb' }, true],
    ['is not so at another path', { redirectTo: '/login' }, { status: 302, location: '/logout' }, false],
    ['is not so in other letters of the path', { redirectTo: '/login' }, { status: 302, location: '/Login' }, false],
    [
      'is not so at another host',
      { redirectTo: '/login' },
      { status: 302, location: 'http://example.com/login' },
      false,
    ],
    [
      'is not so over another scheme',
      { redirectTo: '/login' },
      { status: 302, location: 'https://www.example.com/login' },
      false,
    ],
    [
      'may be wanted to go to HTTPS',
      { redirectTo: 'https://www.example.com/' },
      { status: 301, location: 'https://www.example.com:443/' },
      true,
    ],
    ['may carry a query of its own', { redirectTo: '/login' }, { status: 302, location: '/login?next=%2F' }, true],
    [
      'must have the query that is wanted',
      { redirectTo: '/login?a=1' },
      { status: 302, location: '/login?a=2' },
      false,
    ],
    ['may carry a fragment', { redirectTo: '/' }, { status: 302, location: '/#/login' }, true],
    ['that redirects nowhere is ill where a target is wanted', { redirectTo: '/login' }, { status: 302 }, false],
    ['that is no redirect is ill where one is wanted', { redirectTo: '/login' }, { status: 200 }, false],
    ['with a location that is none is ill', { redirectTo: '/login' }, { status: 302, location: 'http://[' }, false],
    [
      'may be good without a redirect where both are accepted',
      { redirectTo: '/login', acceptedStatus: ['200', '302'] },
      { status: 200 },
      true,
    ],
  ])('%s', (_what, settings, answer, expected) => {
    expect(isWell(asked(settings), answer)).toBe(expected);
  });

  it('redirects within the site at its own port', () => {
    const at8443: Asked = { ...asked({ redirectTo: '/login' }, 8443), tls: true };
    expect(isWell(at8443, { status: 302, location: 'https://www.example.com:8443/login' })).toBe(true);
    expect(isWell(at8443, { status: 302, location: 'https://www.example.com/login' })).toBe(false);
  });

  it('may be of a site without a name', () => {
    const nameless: Asked = { ...wellOf({ redirectTo: '/login' }, undefined, '[2408::1]'), port: 80, tls: false };
    expect(isWell(nameless, { status: 302, location: 'http://[2408:0::1]/login' })).toBe(true);
    expect(isWell(nameless, { status: 302, location: 'http://[2408::2]/login' })).toBe(false);
  });

  it('never throws, whatever a server answers', () => {
    assert(
      property(string({ unit: 'binary' }), string({ unit: 'binary' }), (location, redirectTo) => {
        expect(typeof isWell(asked({ redirectTo }), { status: 302, location })).toBe('boolean');
      }),
    );
  });
});

describe('what is said of an ill answer', () => {
  it.each<[string, WellSettings, { status: number; location?: string }, string]>([
    [
      'where, and what is wanted',
      { path: '/healthz', acceptedStatus: ['200-299', '401'] },
      { status: 404 },
      '404 at /healthz; wanted 200-299 or 401',
    ],
    [
      'all that is wanted',
      { acceptedStatus: ['204', '401', '404'] },
      { status: 500 },
      '500 at /; wanted 204, 401 or 404',
    ],
    [
      'where it leads, and where it should',
      { redirectTo: '/login' },
      { status: 302, location: '/x' },
      '302 to /x at /; wanted 300-399 to /login',
    ],
    ['by which method', { method: 'HEAD' }, { status: 405 }, '405 to HEAD at /; wanted 200-399'],
    [
      'of which host, where that is chosen',
      { host: 'shop.example.com' },
      { status: 404 },
      '404 at / of shop.example.com; wanted 200-399',
    ],
  ])('names %s', (_what, settings, answer, text) => {
    expect(toldUnwell(asked(settings), toldAnswer(answer))).toBe(text);
  });

  it('joins neighbours', () => {
    const { acceptedStatus } = wellOf(undefined, { path: '/', codes: ['http_3xx', 'http_2xx'] }, www);
    expect(statusText(acceptedStatus)).toBe('200-399');
    expect(statusWords(acceptedStatus)).toEqual(['200-399']);
  });
});

describe('a path', () => {
  it.each([
    ['/', '/'],
    ['/a?b=c', '/a?b=c'],
    ['/a b', '/a%20b'],
    ['/a[1]?b[]=2', '/a%5B1%5D?b%5B%5D=2'],
    ["/it's", '/it%27s'],
    ['/ü', '/%C3%BC'],
    ['/a/../b', '/b'],
    ['/%2e%2e/b', '/b'],
    ['/a#b', '/a'],
    ['//a', '//a'],
    ['a', '/a'],
  ])('%j is sent as %j', (given, sent) => {
    expect(requestPath(given)).toBe(sent);
  });

  it('has one form, which a request line can hold', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 30 }), (text) => {
        const path = requestPath(`/${text}`);
        expect(path).toMatch(/^\/[\x21-\x7e]*$/);
        expect(path).not.toMatch(/[#[\]{}'"`\\|]/);
        expect(requestPath(path)).toBe(path);
      }),
    );
  });
});
