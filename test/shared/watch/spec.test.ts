import { describe, expect, it } from 'vitest';
import { isWatchRequest, parseWatchSpec } from '../../../shared/watch/spec.ts';

const least = { loadBalancerId: 'alb-1', domain: 'www.example.com' };
const problemsOf = (body: unknown): string[] => {
  const parsed = parseWatchSpec(body);
  return 'problems' in parsed ? parsed.problems.map(({ field, message }) => `${field}: ${message}`) : [];
};

describe('a request to watch', () => {
  it('needs a load balancer and a name, and takes defaults for the rest', () => {
    expect(parseWatchSpec({ watchOnly: least })).toEqual({
      spec: {
        watchOnly: {
          ...least,
          listener: { port: 80 },
          backends: [],
          identifyBy: { by: 'answers' },
        },
      },
    });
  });

  it('is told from others by its key', () => {
    expect(isWatchRequest({ watchOnly: undefined })).toBe(true);
    for (const body of [{}, [], 'watchOnly', null, { name: 'watchOnly' }]) expect(isWatchRequest(body)).toBe(false);
  });

  it.each([
    [{ listenerId: 'lsn-1' }, { listenerId: 'lsn-1' }],
    [
      { port: 443, protocol: 'HTTPS' },
      { port: 443, protocol: 'HTTPS' },
    ],
    [{ protocol: 'HTTP' }, { port: 80, protocol: 'HTTP' }],
  ])('may name its listener as %j', (listener, expected) => {
    expect(parseWatchSpec({ watchOnly: { ...least, listener } })).toMatchObject({
      spec: { watchOnly: { listener: expected } },
    });
  });

  it('takes what every deployment takes of alerts and probes', () => {
    const more = { probe: { mostRequests: 20 }, alerts: { slowP95Ms: 300 }, name: 'shop' };
    expect(parseWatchSpec({ watchOnly: least, ...more })).toMatchObject({ spec: more });
  });

  it.each<[unknown, string[]]>([
    [{ watchOnly: null }, ['watchOnly']],
    [{ watchOnly: {} }, ['watchOnly.loadBalancerId', 'watchOnly.domain']],
    [{ watchOnly: least, backends: [] }, ['backends']],
    // It would have to run a command on an instance.
    [{ watchOnly: least, probe: { vantage: 'instance' } }, ['probe.vantage']],
    [{ watchOnly: least, probe: { identifyBy: { by: 'answers' } } }, ['probe.identifyBy']],
    [{ watchOnly: { ...least, listener: { listenerId: 'lsn-1', port: 80 } } }, ['watchOnly.listener.port']],
    [{ watchOnly: { ...least, listener: { protocol: 'QUIC' } } }, ['watchOnly.listener.protocol']],
    [{ watchOnly: { ...least, identifyBy: { by: 'pattern', pattern: '(' } } }, ['watchOnly.identifyBy.pattern']],
    [{ watchOnly: { ...least, path: '/a b' } }, ['watchOnly.path']],
    [{ watchOnly: { ...least, path: '/a\r\nhost: elsewhere' } }, ['watchOnly.path']],
    [{ watchOnly: { ...least, domain: 'http://www.example.com' } }, ['watchOnly.domain']],
    [{ watchOnly: { ...least, backends: [{ name: 'a' }] } }, ['watchOnly.backends.0.serverId']],
  ])('%j is refused for %j', (body, fields) => {
    expect(problemsOf(body).map((problem) => problem.split(':')[0])).toEqual(fields);
  });

  it('gives each server one name, and each name to one', () => {
    const backends = [
      { name: 'a', serverId: 'i-1' },
      { name: 'a', serverId: 'i-2' },
      { name: 'b', serverId: 'i-1' },
      { name: 'c', serverId: 'i-1', port: 81 },
    ];
    expect(problemsOf({ watchOnly: { ...least, backends } })).toEqual([
      'watchOnly.backends: two backends are called a',
      'watchOnly.backends: i-1 is given twice',
    ]);
  });
});
