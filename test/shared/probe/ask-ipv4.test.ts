import { createServer, type RequestListener } from 'node:http';
import { connect, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askIpv4, judgeIpv4 } from '../../../shared/probe/ask-ipv4.ts';
import type { Dial } from '../../../shared/net/dial.ts';
import { DnsError, type Resolver } from '../../../shared/net/resolver.ts';
import { ipv4SideOf, type ProbeTarget } from '../../../shared/probe/target.ts';
import { targetWith } from '../../functions/probe/targets.ts';
import { Backends } from '../../support/backends.ts';

const servers = new Backends();
afterEach(async () => await servers.close());

const [here, there] = ['47.100.1.1', '47.100.1.2'];
const side = { addresses: [here, there], outOfService: [] as string[] };
const cname = { name: 'www.example.com', type: 'CNAME' as const, data: 'alb.example' };
const records = (...addresses: string[]) => [
  cname,
  ...addresses.map((data) => ({ name: 'alb.example', type: 'A' as const, data })),
];

interface Given {
  target?: Partial<ProbeTarget>;
  /** By address; default: all of it leads to the server. */
  refused?: Record<string, string>;
  answers?: object[];
  code?: string;
  resolver?: Resolver;
  answer?: RequestListener;
}

/** Returns what is seen over IPv4, and everything that was asked for it. */
async function ask({
  target,
  refused = {},
  answers = records(here, there),
  code = 'NOERROR',
  resolver,
  answer,
}: Given = {}) {
  const requests: string[] = [];
  const dialled: string[] = [];
  const questions: string[] = [];
  const port = await servers.listen(
    createServer((request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers.host}`);
      if (answer === undefined) response.end('x');
      else answer(request, response);
    }) as never,
    '127.0.0.1',
  );
  const dial: Dial = ({ address }) => {
    dialled.push(address);
    const error = refused[address];
    if (error !== undefined) return new Socket().destroy(Object.assign(new Error(error), { code: error }));
    return connect(port, '127.0.0.1');
  };
  const named: Resolver = {
    resolve: (name, type) => {
      questions.push(`${type} ${name}`);
      return Promise.resolve({ code, answers: answers as never, authorities: [] });
    },
    ask: () => Promise.reject(new Error('nobody is asked directly')),
  };
  const seen = await askIpv4({ dial, resolver: resolver ?? named }, targetWith({ ipv4: side, ...target }));
  return { seen, requests, dialled, questions };
}

describe('an IPv4 side that answers', () => {
  it('costs one question of the name and one request to each address, whatever the weights ask for over IPv6', async () => {
    const { seen, requests, dialled, questions } = await ask({
      target: {
        backends: [
          { name: 'heavy', weight: 100 },
          { name: 'light', weight: 1 },
        ],
      },
    });
    expect(seen).toMatchObject({ verdict: 'ok', evidence: `answered over IPv4 at ${here}, ${there}` });
    expect(seen?.addresses).toEqual([
      { address: here, isReached: true },
      { address: there, isReached: true },
    ]);
    expect(questions).toEqual(['A www.example.com']);
    expect(dialled.toSorted()).toEqual([here, there]);
    expect(requests).toEqual(Array(2).fill('GET / www.example.com'));
  });

  it('is asked as the probe asks: method, path, host and what is well', async () => {
    const { seen, requests } = await ask({
      target: { method: 'HEAD', path: '/private?a=1', host: 'shop.example', acceptedStatus: [[401, 401]] },
      answer: (_request, response) => void response.writeHead(401).end(),
    });
    expect(seen).toMatchObject({ verdict: 'ok' });
    expect(requests).toEqual(Array(2).fill('HEAD /private?a=1 shop.example'));
  });

  it('is asked for by its address where it has no name', async () => {
    const { domainName: _none, ...nameless } = targetWith({ host: '[2408::1]' });
    const { seen, requests, questions } = await ask({ target: { ...nameless, domainName: undefined as never } });
    expect(seen).toMatchObject({ verdict: 'ok' });
    expect(questions).toEqual([]);
    expect(requests).toEqual(Array(2).fill(`GET / ${here}`));
  });

  it('is not asked at an address of a zone out of service', async () => {
    const { seen, dialled } = await ask({ target: { ipv4: { ...side, outOfService: [there] } } });
    expect(seen).toMatchObject({ verdict: 'ok' });
    expect(dialled).toEqual([here]);
  });

  it('is no fault where some of so few answers fail: a server that fails is found over IPv6', async () => {
    let turn = 0;
    const { seen } = await ask({
      answer: (_request, response) => void response.writeHead((turn += 1) === 1 ? 502 : 200).end(),
    });
    expect(seen).toMatchObject({
      verdict: 'ok',
      evidence: '1 of 2 requests over IPv4 were answered 502 at /; wanted 200-399',
    });
  });
});

describe('a fault of the IPv4 side', () => {
  it.each<[string, Given, string, string]>([
    [
      'that no address answers',
      { refused: { [here]: 'ECONNREFUSED', [there]: 'ETIMEDOUT' } },
      'front-unreached',
      `the load balancer does not answer over IPv4 at ${here} (ECONNREFUSED), ${there} (ETIMEDOUT)`,
    ],
    [
      'that one address does not answer',
      { refused: { [there]: 'ETIMEDOUT' } },
      'address-unreached',
      `no answer over IPv4 at ${there} (ETIMEDOUT) while others answer`,
    ],
    [
      'that no answer is well',
      { answer: (_request, response) => void response.writeHead(503).end() },
      'wrong-status',
      '2 of 2 requests over IPv4 were answered 503 at /; wanted 200-399',
    ],
    [
      'that the name leads elsewhere',
      { answers: [{ ...cname, data: 'old.example' }] },
      'cname-elsewhere',
      'the name is a CNAME to old.example, not to alb.example',
    ],
    [
      'that the name has an address of somebody else',
      { answers: [{ name: 'www.example.com', type: 'A', data: '47.9.9.9' }] },
      'cname-elsewhere',
      'the name leads IPv4 clients to 47.9.9.9, which is not the load balancer',
    ],
    ['that the name has no address', { answers: [cname] }, 'no-a', 'the name has no IPv4 address'],
    [
      'that the name does not exist',
      { code: 'NXDOMAIN', answers: [] },
      'name-unresolved',
      'the name does not resolve: NXDOMAIN',
    ],
    [
      'that the name leads to an address that no load balancer has',
      { answers: records('10.0.0.7') },
      'address-refused',
      'the name leads to 10.0.0.7, which is no public address of a load balancer: Private-Use (10.0.0.0/8); it is not asked',
    ],
  ])('is %s', async (_what, given, kind, evidence) => {
    const { seen } = await ask(given);
    expect(seen).toMatchObject({ verdict: 'fault', kind, evidence });
  });

  it.each(['127.0.0.1', '169.254.100.100', '100.100.100.200', '192.168.1.1', '224.0.0.1'])(
    'is no reason to send a packet to %s',
    async (address) => {
      const { seen, dialled } = await ask({ answers: records(address) });
      expect(seen).toMatchObject({ verdict: 'fault', kind: 'address-refused' });
      expect(dialled).toEqual([]);
    },
  );
});

describe('this vantage cannot tell', () => {
  it('where it has no IPv4 route', async () => {
    const { seen } = await ask({ refused: { [here]: 'ENETUNREACH', [there]: 'ENETUNREACH' } });
    expect(seen).toMatchObject({ verdict: 'inconclusive', kind: 'no-ipv4-route' });
  });

  it('where no name server answers', async () => {
    const resolver = {
      resolve: () => Promise.reject(new DnsError('no answer')),
      ask: () => Promise.reject(new Error('')),
    };
    expect((await ask({ resolver })).seen).toMatchObject({ verdict: 'inconclusive', kind: 'name-unresolved' });
  });

  it('where anything else goes wrong, which never reaches the IPv6 side', async () => {
    const resolver = {
      resolve: () => Promise.reject(new TypeError('a defect')),
      ask: () => Promise.reject(new Error('')),
    };
    expect((await ask({ resolver })).seen).toMatchObject({ verdict: 'inconclusive', evidence: 'a defect' });
  });
});

describe('IPv4 is off, with its reason and without any request,', () => {
  const zones = [{ ipv4Address: here }];
  it.each<[string, Partial<ProbeTarget>, object[], RegExp]>([
    [
      'where the IPv4 side is private',
      { ipv4: ipv4SideOf({ addressType: 'Intranet' }, zones, []) },
      [],
      /only clients in the VPC/,
    ],
    [
      'where the request says so',
      { ipv4: ipv4SideOf({ isAsked: false, addressType: 'Internet' }, zones, []) },
      [],
      /probe\.ipv4/,
    ],
    [
      'where nobody knows yet whether it is public',
      { ipv4: ipv4SideOf({ addressType: undefined }, zones, []) },
      [],
      /nobody has looked/,
    ],
    [
      'where the load balancer has no IPv4 address',
      { ipv4: ipv4SideOf({ addressType: 'Internet' }, [{ ipv4Address: '' }], []) },
      [],
      /no IPv4 address/,
    ],
    ['where a watched name has no A record', { ipv4: { ...side, isOptional: true } }, [], /no IPv4 address/],
    [
      'where a watched name leads IPv4 clients to another server',
      { ipv4: { ...side, isOptional: true } },
      [{ name: 'www.example.com', type: 'A', data: '47.9.9.9' }],
      /47\.9\.9\.9/,
    ],
  ])('%s', async (_where, target, answers, evidence) => {
    const { seen, dialled } = await ask({ target, answers });
    expect(seen).toMatchObject({ verdict: 'off', evidence: expect.stringMatching(evidence) as string, samples: [] });
    expect(dialled).toEqual([]);
  });

  it('but not where a watched name is a CNAME to the load balancer and has lost its A records', async () => {
    const { seen } = await ask({ target: { ipv4: { ...side, isOptional: true } }, answers: [cname] });
    expect(seen).toMatchObject({ verdict: 'fault', kind: 'no-a' });
  });
});

it('an address that there was no time to ask is no fault', () => {
  const answered = { address: here, phases: { totalMs: 1 }, status: 200 };
  expect(judgeIpv4(targetWith({}), [answered], [here, there])).toMatchObject({
    verdict: 'ok',
    addresses: [
      { address: here, isReached: true },
      { address: there, isReached: false, reason: 'not tried' },
    ],
  });
});
