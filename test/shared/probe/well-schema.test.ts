import { describe, expect, it } from 'vitest';
import { parseSpec } from '../../../shared/deployment/spec.ts';
import { parseWatchSpec } from '../../../shared/watch/spec.ts';

const listed = (parsed: object | { problems: { field: string; message: string }[] }): string[] =>
  ('problems' in parsed ? parsed.problems : []).map(({ field, message }) => `${field}: ${message}`);
const problemsOf = (probe: unknown, more: object = {}): string[] => listed(parseSpec({ name: 'web', ...more, probe }));

describe('what a request says is well', () => {
  it.each<[object, object]>([
    [{ path: '/healthz?deep=1' }, { path: '/healthz?deep=1' }],
    [{ path: '/a%20b' }, { path: '/a%20b' }],
    [{ path: '/a..b/...' }, { path: '/a..b/...' }],
    [{ method: 'HEAD' }, { method: 'HEAD' }],
    [{ host: 'Shop.Example.COM.' }, { host: 'shop.example.com' }],
    [{ host: '商店.example' }, { host: 'xn--czrs0t.example' }],
    [{ host: 'backend_1' }, { host: 'backend_1' }],
    [{ acceptedStatus: ['200-299', 301, '302'] }, { acceptedStatus: ['200-299', '301', '302'] }],
    [{ acceptedStatus: ['100-599'] }, { acceptedStatus: ['100-599'] }],
    [{ redirectTo: '/login?next=%2F' }, { redirectTo: '/login?next=%2F' }],
    [{ redirectTo: 'https://login.example.net' }, { redirectTo: 'https://login.example.net' }],
    [{ redirectTo: '/login', acceptedStatus: ['200', '302'] }, { redirectTo: '/login' }],
  ])('may be %j', (probe, expected) => {
    expect(parseSpec({ name: 'web', probe })).toMatchObject({ spec: { probe: expected } });
  });

  it.each<[object, string]>([
    [{ path: '' }, 'probe.path'],
    [{ path: 'healthz' }, 'probe.path: must begin with /; this is "healthz"'],
    [{ path: '/a#b' }, 'probe.path: must have no fragment'],
    [{ path: '/a b' }, 'probe.path: must have no spaces'],
    [{ path: '/a\r\nhost: x' }, 'probe.path: must have no spaces, control characters'],
    [{ path: '/ü' }, 'probe.path: must have no spaces, control characters, backslashes or letters outside ASCII'],
    [{ path: '/a\\b' }, 'probe.path: must have no spaces, control characters, backslashes'],
    [{ path: '/100%' }, 'probe.path: has a % that two hexadecimal digits do not follow'],
    [{ path: '/a/../b' }, 'probe.path: must have no segments . and ..'],
    [{ path: '/a/%2E%2e' }, 'probe.path: must have no segments . and ..'],
    [{ path: `/${'a'.repeat(500)}` }, 'probe.path'],
    [{ method: 'POST' }, 'probe.method'],
    [{ host: 'www.example.com:8080' }, 'probe.host: must be a host name such as www.example.com, without port'],
    [{ host: 'http://www.example.com' }, 'probe.host'],
    [{ host: '203.0.113.4' }, 'probe.host'],
    [{ host: '[2408::1]' }, 'probe.host'],
    [{ host: 'localhost' }, 'probe.host'],
    [{ host: '' }, 'probe.host'],
    [{ host: 'a b' }, 'probe.host'],
    [{ host: 'a\r\nx: y' }, 'probe.host'],
    [{ host: '*.example.com' }, 'probe.host'],
    [{ acceptedStatus: [] }, 'probe.acceptedStatus'],
    [{ acceptedStatus: '200' }, 'probe.acceptedStatus'],
    [
      { acceptedStatus: ['2xx'] },
      'probe.acceptedStatus.0: must be a status such as 401, or a range such as 200-299, between 100 and 599; this is "2xx"',
    ],
    [{ acceptedStatus: [600] }, 'probe.acceptedStatus.0: must be a status'],
    [{ acceptedStatus: ['200', '99'] }, 'probe.acceptedStatus.1: must be a status'],
    [{ acceptedStatus: ['299-200'] }, 'probe.acceptedStatus.0: must have the lower status first; this is "299-200"'],
    [{ acceptedStatus: ['100-199'] }, 'probe.acceptedStatus.0: must reach 200'],
    [{ acceptedStatus: [200.5] }, 'probe.acceptedStatus.0'],
    [{ acceptedStatus: [true] }, 'probe.acceptedStatus.0: must be a status such as 401'],
    [{ redirectTo: 'login' }, 'probe.redirectTo: must be a URL such as'],
    [{ redirectTo: '//example.net/' }, 'probe.redirectTo: must be a URL with http:// or https://'],
    [{ redirectTo: 'javascript:alert(1)' }, 'probe.redirectTo: must be a URL such as'],
    [{ redirectTo: 'https://user@example.net/' }, 'probe.redirectTo: must have no user name'],
    [{ redirectTo: 'https://example.net/#a' }, 'probe.redirectTo: must have no fragment'],
    [{ redirectTo: 'https://example.net/a b' }, 'probe.redirectTo: must have no spaces'],
    [{ redirectTo: '/a b' }, 'probe.redirectTo: must have no spaces'],
    [{ statuses: ['200'] }, 'probe.statuses: is not a field of the request'],
  ])('is refused as %j', (probe, problem) => {
    expect(problemsOf(probe)).toEqual([expect.stringContaining(problem)]);
  });

  it.each<[string, object, object, string]>([
    [
      'HEAD where bodies tell servers apart',
      { method: 'HEAD', identifyBy: { by: 'answers' } },
      {},
      'probe.method: answers to HEAD have no body',
    ],
    [
      'HEAD where a pattern is looked for in the body',
      { method: 'HEAD', identifyBy: { by: 'pattern', pattern: 'a' } },
      {},
      'probe.method: answers to HEAD have no body',
    ],
    [
      'a redirect that is no accepted status',
      { redirectTo: '/login', acceptedStatus: ['200-299', '304'] },
      {},
      'probe.redirectTo: acceptedStatus has no redirect',
    ],
    [
      'a status at / that the health check there takes for ill',
      { acceptedStatus: ['401'] },
      {},
      'probe.acceptedStatus: accepts 401 at /, where the health check wants 200-399: add the class to serverGroup.healthCheck.codes',
    ],
    [
      'a redirect where the health check wants none',
      { redirectTo: '/login' },
      { serverGroup: { healthCheck: { codes: ['http_2xx'] } } },
      'probe.redirectTo: accepts 300-399 at /, where the health check wants 200-299',
    ],
  ])('does not contradict itself: %s', (_what, probe, more, problem) => {
    expect(problemsOf(probe, more)).toEqual([expect.stringContaining(problem)]);
  });

  it.each<[string, object, object]>([
    [
      'HEAD where a header tells servers apart',
      { method: 'HEAD', identifyBy: { by: 'pattern', pattern: 'a', header: 'Server' } },
      {},
    ],
    ['another path than the health check’s', { acceptedStatus: ['401'], path: '/private' }, {}],
    ['another host than the health check’s', { acceptedStatus: ['401'], host: 'www.example.com' }, {}],
    ['no health check', { acceptedStatus: ['401'] }, { serverGroup: { healthCheck: { enabled: false } } }],
    [
      'a health check that takes it too',
      { acceptedStatus: ['401'] },
      { serverGroup: { healthCheck: { codes: ['http_4xx'] } } },
    ],
    [
      'a health check that takes 503 for healthy',
      { acceptedStatus: ['503'] },
      { serverGroup: { healthCheck: { codes: ['http_5xx'] } } },
    ],
  ])('is no contradiction with %s', (_what, probe, more) => {
    expect(problemsOf(probe, more)).toEqual([]);
  });
});

describe('what a request to watch says is well', () => {
  const least = { loadBalancerId: 'alb-1', domain: 'www.example.com' };
  const watchProblems = (probe: unknown, more: object = {}) =>
    listed(parseWatchSpec({ watchOnly: { ...least, ...more }, probe }));

  it('is said as of a load balancer of ours', () => {
    const probe = { path: '/healthz', method: 'HEAD', host: 'shop.example.com', acceptedStatus: ['401'] };
    const byHeader = { identifyBy: { by: 'header', header: 'X-Served-By' } };
    expect(parseWatchSpec({ watchOnly: { ...least, ...byHeader }, probe })).toMatchObject({ spec: { probe } });
  });

  it.each<[object, object, string]>([
    [{ method: 'HEAD' }, {}, 'probe.method: answers to HEAD have no body'],
    [{ redirectTo: '/login', acceptedStatus: ['200'] }, {}, 'probe.redirectTo: acceptedStatus has no redirect'],
    [{ path: '/a' }, { path: '/b' }, 'probe.path: watchOnly.path is another one, /b: give one of the two'],
    [{ path: '/a#b' }, {}, 'probe.path: must have no fragment'],
    [{}, { path: '/a#b' }, 'watchOnly.path: must have no fragment'],
  ])('is refused as %j beside %j', (probe, more, problem) => {
    expect(watchProblems(probe, more)).toEqual([expect.stringContaining(problem)]);
  });
});
