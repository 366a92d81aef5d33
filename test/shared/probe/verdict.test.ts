import { describe, expect, it } from 'vitest';
import type { Declared, FaultKind, NameFacts, Sample, Verdict } from '../../../shared/probe/observation.ts';
import { type Evidence, judge } from '../../../shared/probe/verdict.ts';
import type { ZoneState } from '../../../shared/zones-in-service.ts';

const here = '2408:4005:39a:a00::1';
const there = '2408:4005:39a:b00::1';
const cname = 'alb-x.cn-shanghai.alb.aliyuncsslb.com';

const name = (more: Partial<NameFacts> = {}): NameFacts => ({
  code: 'NOERROR',
  cnames: [cname],
  ipv6Addresses: [here],
  ipv4Addresses: [],
  dnsMs: 1,
  ...more,
});
const answered = (backend: string, more: Partial<Sample> = {}): Sample => ({
  address: here,
  remoteAddress: here,
  status: 200,
  backend,
  phases: { totalMs: 2 },
  ...more,
});
const failed = (code: string, phase: 'connect' | 'tls' | 'answer' = 'connect', more: Partial<Sample> = {}): Sample => ({
  address: here,
  ...(phase === 'connect' ? {} : { remoteAddress: here }),
  phases: { totalMs: 2 },
  error: { code, phase },
  ...more,
});
const declared = (more: Partial<Declared> = {}): Declared => ({
  atMs: 0,
  listenerStatus: 'Running',
  unhealthy: [],
  available: ['ECS01', 'ECS02'],
  ...more,
});
const zone = (zoneId: string, ipv6Address: string, more: Partial<ZoneState> = {}): ZoneState => ({
  zoneId,
  status: 'Active',
  ipv4Address: '47.100.1.1',
  ipv6Address,
  ipv4Health: 'Healthy',
  ipv6Health: 'Healthy',
  ...more,
});
const sick = (backend: string, reason = 'CONNECT_TIMEOUT') => ({ backend, status: 'Unhealthy', reason });
const times = (count: number, of: (index: number) => Sample): Sample[] =>
  Array.from({ length: count }, (_, index) => of(index));
const inTurn = (index: number): Sample => answered(index % 2 === 0 ? 'ECS01' : 'ECS02');

const asked: Evidence['asked'] = {
  method: 'GET',
  host: 'www.example.com',
  path: '/',
  acceptedStatus: [[200, 399]],
  port: 80,
  tls: false,
};
const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  name: name(),
  samples: times(20, inTurn),
  asked,
  backends: [
    { name: 'ECS01', weight: 100 },
    { name: 'ECS02', weight: 100 },
  ],
  areBackendsNamed: true,
  isOneServerPerClient: false,
  expected: { cname, addresses: [here, there] },
  before: [],
  ...more,
});

interface Case {
  seen: string;
  given: Partial<Evidence>;
  verdict: Verdict;
  kind?: FaultKind;
  subject?: string;
  says?: RegExp;
}

const cases: Case[] = [
  { seen: 'both backends answering', given: { declared: declared() }, verdict: 'ok' },
  {
    seen: 'no DNS server answering',
    given: { name: name({ code: 'NOANSWER', cnames: [], ipv6Addresses: [] }), samples: [] },
    verdict: 'inconclusive',
    kind: 'name-unresolved',
  },
  {
    seen: 'a name that is not there',
    given: { name: name({ code: 'NXDOMAIN', cnames: [], ipv6Addresses: [] }), samples: [] },
    verdict: 'fault',
    kind: 'name-unresolved',
    says: /NXDOMAIN/,
  },
  {
    seen: 'a name with A only',
    given: { name: name({ ipv6Addresses: [], ipv4Addresses: ['203.0.113.4'] }), samples: [] },
    verdict: 'fault',
    kind: 'no-aaaa',
    says: /203\.0\.113\.4/,
  },
  {
    seen: 'a name with an IPv4-mapped address only',
    given: { name: name({ ipv6Addresses: [], ipv4Addresses: ['::ffff:cb00:7104'] }), samples: [] },
    verdict: 'fault',
    kind: 'no-aaaa',
  },
  {
    seen: 'a name without an IPv6 address in public DNS, of a load balancer that is private',
    given: { name: name({ ipv6Addresses: [], ipv4Addresses: ['192.168.1.9'] }), isPrivate: true },
    verdict: 'ok',
  },
  {
    seen: 'nothing of a load balancer that is private',
    given: { name: name({ ipv6Addresses: [] }), samples: [], isPrivate: true },
    verdict: 'inconclusive',
    kind: 'no-ipv6-route',
  },
  {
    seen: 'a name that leads nowhere, of a load balancer that is private',
    given: { name: name({ cnames: [], ipv6Addresses: [] }), samples: [], isPrivate: true },
    verdict: 'fault',
    kind: 'no-aaaa',
  },
  {
    seen: 'a CNAME to another load balancer',
    given: {
      name: name({ cnames: ['alb-y.cn-shanghai.alb.aliyuncsslb.com'], ipv6Addresses: ['2408::9'] }),
      samples: [],
    },
    verdict: 'fault',
    kind: 'cname-elsewhere',
    says: /alb-y/,
  },
  {
    seen: 'AAAA records of others and no CNAME',
    given: { name: name({ cnames: [], ipv6Addresses: ['2408::9'] }), samples: [] },
    verdict: 'fault',
    kind: 'cname-elsewhere',
    says: /2408::9/,
  },
  {
    seen: 'a new address under the load balancer’s own name',
    given: { name: name({ ipv6Addresses: [here, '2408::9'] }) },
    verdict: 'ok',
  },
  {
    seen: 'a CNAME in other letters, with a final dot',
    given: { name: name({ cnames: [`${cname.toUpperCase()}.`] }) },
    verdict: 'ok',
  },
  {
    seen: 'no IPv6 route here',
    given: { samples: times(20, () => failed('ENETUNREACH')) },
    verdict: 'inconclusive',
    kind: 'no-ipv6-route',
    says: /ENETUNREACH/,
  },
  {
    seen: 'no IPv6 route here, though the load balancer declares servers unhealthy',
    given: { samples: times(20, () => failed('EADDRNOTAVAIL')), declared: declared({ unhealthy: [sick('ECS02')] }) },
    verdict: 'inconclusive',
    kind: 'no-ipv6-route',
  },
  { seen: 'nothing', given: { samples: [] }, verdict: 'inconclusive', kind: 'no-ipv6-route' },
  {
    seen: 'no instance that could look',
    given: { samples: [], unable: { kind: 'no-instance', evidence: 'none has IPv6' } },
    verdict: 'inconclusive',
    kind: 'no-instance',
    says: /none has IPv6/,
  },
  {
    seen: 'a command that never answered, though the load balancer declares servers unhealthy',
    given: {
      samples: [],
      unable: { kind: 'command-failed', evidence: 'not in time' },
      declared: declared({ unhealthy: [sick('ECS02')] }),
    },
    verdict: 'inconclusive',
    kind: 'command-failed',
  },
  {
    seen: 'a name without an IPv6 address, and no instance either',
    given: {
      name: name({ ipv6Addresses: [] }),
      samples: [],
      unable: { kind: 'no-instance', evidence: 'none has IPv6' },
    },
    verdict: 'fault',
    kind: 'no-aaaa',
  },
  {
    seen: 'refused connections',
    given: { samples: times(20, () => failed('ECONNREFUSED')) },
    verdict: 'fault',
    kind: 'front-refused',
  },
  {
    seen: 'connections that come to nothing',
    given: { samples: times(20, () => failed('ETIMEDOUT')) },
    verdict: 'fault',
    kind: 'front-timeout',
  },
  {
    seen: 'refused connections to a stopped listener',
    given: { samples: times(20, () => failed('ECONNREFUSED')), declared: declared({ listenerStatus: 'Stopped' }) },
    verdict: 'fault',
    kind: 'listener-stopped',
    says: /Stopped/,
  },
  {
    seen: 'TLS that never comes about',
    given: { samples: times(20, () => failed('ECONNRESET', 'tls')) },
    verdict: 'fault',
    kind: 'tls',
  },
  {
    seen: 'an ended certificate',
    given: { certificateDaysLeft: -3 },
    verdict: 'fault',
    kind: 'tls',
    says: /ended 3 days ago/,
  },
  {
    seen: 'a certificate that clients refuse',
    given: { certificateProblem: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    verdict: 'fault',
    kind: 'tls',
    says: /clients refuse the certificate: DEPTH_ZERO_SELF_SIGNED_CERT/,
  },
  {
    seen: 'one address of two that does not answer',
    given: {
      name: name({ ipv6Addresses: [here, there] }),
      samples: times(20, (index) =>
        index % 2 === 0 ? inTurn(index / 2) : failed('ETIMEDOUT', 'connect', { address: there }),
      ),
    },
    verdict: 'fault',
    kind: 'address-unreached',
    subject: there,
  },
  {
    seen: 'wrong statuses of one backend',
    given: { samples: times(20, (index) => (index % 2 === 0 ? inTurn(0) : answered('ECS02', { status: 404 }))) },
    verdict: 'fault',
    kind: 'wrong-status',
    subject: 'ECS02',
    says: /^10 of 20 requests were answered 404 at \/; wanted 200-399/,
  },
  {
    seen: 'a redirect to another name, where it is not said where one must lead',
    given: {
      samples: times(20, (index) => ({ ...inTurn(index), status: 302, location: 'http://elsewhere.example/' })),
    },
    verdict: 'ok',
  },
  {
    seen: 'a redirect to another name than the one that is wanted',
    given: {
      asked: { ...asked, redirectTo: '/login' },
      samples: times(20, (index) => ({ ...inTurn(index), status: 302, location: 'http://elsewhere.example/' })),
    },
    verdict: 'fault',
    kind: 'wrong-status',
    says: /were answered 302 to http:\/\/elsewhere\.example\/ at \/; wanted 200-399 to \/login/,
  },
  {
    seen: 'a status that is well at this site',
    given: {
      asked: { ...asked, acceptedStatus: [[401, 401]] },
      samples: times(20, (index) => ({ ...inTurn(index), status: 401 })),
      declared: declared(),
    },
    verdict: 'ok',
  },
  {
    seen: 'a good status that is ill at this site',
    given: {
      asked: { ...asked, path: '/private', acceptedStatus: [[401, 401]] },
      samples: times(20, inTurn),
      declared: declared(),
    },
    verdict: 'fault',
    kind: 'healthy-but-failing',
    says: /answered 200 at \/private; wanted 401, though every health check passes/,
  },
  {
    seen: 'a redirect on the same name',
    given: { samples: times(20, (index) => ({ ...inTurn(index), status: 302, location: '/login' })) },
    verdict: 'ok',
  },
  {
    seen: 'a silent backend',
    given: { samples: times(20, () => answered('ECS01')) },
    verdict: 'fault',
    kind: 'backend-silent',
    subject: 'ECS02',
    says: /ECS02 answered none of 20 requests/,
  },
  {
    seen: 'a silent backend whose health check passes',
    given: { samples: times(20, () => answered('ECS01')), declared: declared() },
    verdict: 'fault',
    kind: 'backend-silent',
    subject: 'ECS02',
    says: /though its health check passes/,
  },
  {
    seen: 'a backend that chance may have left out',
    given: { samples: times(19, () => answered('ECS01')) },
    verdict: 'ok',
  },
  {
    seen: 'a light backend that has been silent over several ticks',
    given: {
      backends: [
        { name: 'ECS01', weight: 100 },
        { name: 'ECS02', weight: 1 },
      ],
      samples: times(200, () => answered('ECS01')),
      before: Array.from({ length: 6 }, () => ({ answered: 200, seen: { ECS01: 200 } })),
    },
    verdict: 'fault',
    kind: 'backend-silent',
    subject: 'ECS02',
    says: /none of 200 requests and none of 1200 before/,
  },
  {
    seen: 'a light backend that answered some ticks ago',
    given: {
      backends: [
        { name: 'ECS01', weight: 100 },
        { name: 'ECS02', weight: 1 },
      ],
      samples: times(200, () => answered('ECS01')),
      before: [
        ...Array.from({ length: 3 }, () => ({ answered: 200, seen: { ECS01: 200 } })),
        { answered: 200, seen: { ECS01: 199, ECS02: 1 } },
        ...Array.from({ length: 5 }, () => ({ answered: 200, seen: { ECS01: 200 } })),
      ],
    },
    verdict: 'ok',
  },
  {
    seen: 'a light backend that answered long ago, and not since',
    given: {
      backends: [
        { name: 'ECS01', weight: 100 },
        { name: 'ECS02', weight: 1 },
      ],
      samples: times(200, () => answered('ECS01')),
      before: [
        { answered: 200, seen: { ECS01: 190, ECS02: 10 } },
        ...Array.from({ length: 6 }, () => ({ answered: 200, seen: { ECS01: 200 } })),
      ],
    },
    verdict: 'fault',
    kind: 'backend-silent',
    subject: 'ECS02',
    says: /none of 200 requests and none of 1200 before/,
  },
  {
    seen: 'one server of a load balancer that keeps a client on it',
    given: { samples: times(20, () => answered('ECS01')), isOneServerPerClient: true },
    verdict: 'ok',
  },
  {
    seen: 'answers that do not say who gave them',
    given: { samples: times(20, () => answered('answer abc')), areBackendsNamed: false },
    verdict: 'ok',
  },
  {
    seen: 'a backend of weight 0 that does not answer',
    given: {
      backends: [
        { name: 'ECS01', weight: 100 },
        { name: 'ECS02', weight: 0 },
      ],
      samples: times(20, () => answered('ECS01')),
    },
    verdict: 'ok',
  },
  {
    seen: 'a backend that the load balancer declares unhealthy',
    given: {
      samples: times(20, () => answered('ECS01')),
      declared: declared({ unhealthy: [sick('ECS02')], available: ['ECS01'] }),
    },
    verdict: 'fault',
    kind: 'declared-unhealthy',
    subject: 'ECS02',
    says: /ECS02 Unhealthy \(CONNECT_TIMEOUT\); it answered 0 of 20/,
  },
  {
    seen: 'every server declared unhealthy, and requests that fail',
    given: {
      samples: times(20, () => ({ ...answered(''), backend: undefined as never, status: 502 })),
      declared: declared({ unhealthy: [sick('ECS01'), sick('ECS02')], available: [] }),
    },
    verdict: 'fault',
    kind: 'declared-unhealthy',
    says: /every server unhealthy.*502/,
  },
  {
    seen: 'P-069: every server declared unhealthy, and forwarded to all the same',
    given: { declared: declared({ unhealthy: [sick('ECS01'), sick('ECS02')], available: [] }) },
    verdict: 'fault',
    kind: 'all-unhealthy-forwarding',
    says: /ECS01 Unhealthy.*ECS02 Unhealthy/,
  },
  {
    seen: 'health checks that pass and requests that fail',
    given: {
      samples: times(20, (index) => (index % 2 === 0 ? inTurn(0) : answered('ECS02', { status: 500 }))),
      declared: declared(),
    },
    verdict: 'fault',
    kind: 'healthy-but-failing',
    subject: 'ECS02',
    says: /though every health check passes/,
  },
  {
    seen: 'connections that end without an answer, though health checks pass',
    given: { samples: times(20, () => failed('CLOSED_EARLY', 'answer')), declared: declared() },
    verdict: 'fault',
    kind: 'healthy-but-failing',
    says: /20 of 20 requests failed \(CLOSED_EARLY\)/,
  },
  {
    seen: 'a shifted zone beside answers from the other',
    given: { declared: declared({ zones: [zone('e', here), zone('g', there, { status: 'Shifted' })] }) },
    verdict: 'fault',
    kind: 'zone-out-of-service',
    subject: 'g',
    says: /zone g is Shifted: its addresses are taken out of DNS/,
  },
  {
    seen: 'an address that answers though it is declared Unhealthy',
    given: { declared: declared({ zones: [zone('e', here, { ipv6Health: 'Unhealthy' }), zone('g', there)] }) },
    verdict: 'fault',
    kind: 'zone-out-of-service',
    subject: 'e',
    says: /zone e: the load balancer declares its IPv6 address 2408:\S+ Unhealthy/,
  },
  {
    seen: 'an IPv4 address that is declared Unhealthy',
    given: { declared: declared({ zones: [zone('e', here), zone('g', there, { ipv4Health: 'Unhealthy' })] }) },
    verdict: 'fault',
    kind: 'zone-out-of-service',
    subject: 'g',
    says: /IPv4 address 47\.100\.1\.1 Unhealthy/,
  },
  {
    seen: 'an address that does not answer and is declared Unhealthy',
    given: {
      samples: times(20, (index) =>
        index % 2 === 0 ? answered('ECS01') : failed('ETIMEDOUT', 'connect', { address: there }),
      ),
      declared: declared({ zones: [zone('e', here), zone('g', there, { ipv6Health: 'Unhealthy' })] }),
    },
    verdict: 'fault',
    kind: 'address-unreached',
    subject: there,
    says: /does not answer \(ETIMEDOUT\) while others do; zone g: the load balancer declares its IPv6 address/,
  },
  {
    seen: 'no zone in service and no answer',
    given: {
      samples: times(20, () => failed('ETIMEDOUT')),
      declared: declared({
        zones: [zone('e', here, { status: 'Stopped' }), zone('g', there, { status: 'Shifted' })],
      }),
    },
    verdict: 'fault',
    kind: 'front-timeout',
    says: /does not answer \(ETIMEDOUT\); no zone is in service: zone e is Stopped/,
  },
  {
    seen: 'no zone in service and no IPv6 address of the name',
    given: {
      name: name({ ipv6Addresses: [] }),
      declared: declared({ zones: [zone('e', here, { status: 'Stopped' })] }),
    },
    verdict: 'fault',
    kind: 'no-aaaa',
    says: /the name has no IPv6 address; no zone is in service/,
  },
  {
    seen: 'a silent backend beside a shifted zone',
    given: {
      samples: times(20, () => answered('ECS01')),
      declared: declared({ zones: [zone('e', here), zone('g', there, { status: 'Shifted' })] }),
    },
    verdict: 'fault',
    kind: 'backend-silent',
    subject: 'ECS02',
  },
  {
    seen: 'an address of ours alone, below the own name of the load balancer',
    given: { name: name({ ipv6Addresses: [here, 'fd00::80'] }) },
    verdict: 'fault',
    kind: 'address-refused',
    subject: 'fd00::80',
    says: /leads to fd00::80, .*: Unique-Local \(fc00::\/7\); it is not asked$/,
  },
  {
    seen: 'a private address that is none of the load balancer',
    given: { name: name({ cnames: [], ipv6Addresses: ['fe80::1'] }) },
    verdict: 'fault',
    kind: 'cname-elsewhere',
    says: /leads to fe80::1 \(Link-Local Unicast \(fe80::\/10\)\), which is not the load balancer/,
  },
  {
    seen: 'nothing wrong with private addresses of a load balancer in the VPC',
    given: { isPrivate: true, name: name({ ipv6Addresses: ['fd00::80'] }) },
    verdict: 'ok',
  },
  {
    seen: 'a loopback address in the VPC',
    given: { isPrivate: true, name: name({ ipv6Addresses: ['::1'] }), samples: [] },
    verdict: 'fault',
    kind: 'address-refused',
    says: /Loopback Address/,
  },
  {
    seen: 'a stranger among the backends',
    given: {
      samples: times(20, (index) => (index === 7 ? answered('web"1') : inTurn(index))),
      strangers: [{ name: 'web"1', seen: 1 }],
    },
    verdict: 'fault',
    kind: 'stranger-answers',
    subject: 'web"1',
    says: /^"web\\"1" \(1\) gave answers, of 20 in all, and no backend has such a name$/,
  },
  {
    seen: 'strangers alone',
    given: { samples: times(20, () => answered('web-1')), strangers: [{ name: 'web-1', seen: 20 }] },
    verdict: 'fault',
    kind: 'stranger-answers',
    subject: 'web-1',
  },
  {
    seen: 'a stranger that answers badly, and who does',
    given: {
      samples: times(20, (index) => (index < 8 ? answered('web-1', { status: 500 }) : inTurn(index))),
      strangers: [{ name: 'web-1', seen: 8 }],
    },
    verdict: 'fault',
    kind: 'stranger-answers',
  },
  {
    seen: 'a backend that is silent beside a stranger',
    given: {
      samples: times(20, (index) => answered(index === 7 ? 'web-1' : 'ECS01')),
      strangers: [{ name: 'web-1', seen: 1 }],
    },
    verdict: 'fault',
    kind: 'backend-silent',
    subject: 'ECS02',
  },
  {
    seen: 'a zone whose status is a word of tomorrow',
    given: { declared: declared({ zones: [zone('e', here), zone('g', there, { status: 'Resting' })] }) },
    verdict: 'ok',
  },
];

describe('what is seen and what it is called', () => {
  it.each(cases)('names $seen', ({ given, verdict, kind, subject, says }) => {
    const judgement = judge(evidence(given));
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.fault?.kind).toBe(kind);
    if (subject !== undefined) expect(judgement.fault?.subject).toBe(subject);
    if (says !== undefined) expect(judgement.fault?.evidence).toMatch(says);
  });

  it('has a case for each kind of fault', () => {
    const all: Record<FaultKind, true> = {
      'no-ipv6-route': true,
      'no-instance': true,
      'command-failed': true,
      'name-unresolved': true,
      'no-aaaa': true,
      'cname-elsewhere': true,
      'address-refused': true,
      'front-refused': true,
      'front-timeout': true,
      'listener-stopped': true,
      tls: true,
      'wrong-status': true,
      'backend-silent': true,
      'stranger-answers': true,
      'declared-unhealthy': true,
      'healthy-but-failing': true,
      'all-unhealthy-forwarding': true,
      'address-unreached': true,
      'zone-out-of-service': true,
    };
    expect([...new Set(cases.flatMap(({ kind }) => kind ?? []))].sort()).toEqual(Object.keys(all).sort());
  });
});
