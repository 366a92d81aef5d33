import type { Fault, Observation } from '../../../shared/probe/observation.ts';

export const minute = 60_000;
export const startMs = Date.UTC(2026, 10, 22, 8, 0, 0);
export const targetId = '01khq0000000000000000000aa';

/** What is seen when all is well, but for what is given. */
export const observed = (atMs: number, other: Partial<Observation> = {}): Observation => ({
  targetId,
  atMs,
  vantage: 'function',
  scope: 'internet',
  verdict: 'ok',
  name: { code: 'NOERROR', cnames: [], ipv6Addresses: ['2408::1', '2408::2'], ipv4Addresses: [], dnsMs: 2 },
  addresses: [
    { address: '2408::1', isReached: true },
    { address: '2408::2', isReached: true },
  ],
  shares: [
    { backend: 'ECS01', seen: 10, share: 0.5, expected: 0.5 },
    { backend: 'ECS02', seen: 10, share: 0.5, expected: 0.5 },
  ],
  answered: 20,
  asked: 20,
  missProbability: 1e-6,
  latency: { p50Ms: 10, p95Ms: 20, p99Ms: 25, maxMs: 30 },
  declared: { atMs, listenerStatus: 'Running', unhealthy: [], available: ['ECS01', 'ECS02'] },
  declaredAgeMs: 0,
  ...other,
});

const faulty = (fault: Fault): Partial<Observation> => ({ verdict: 'fault', fault });

export const silent = (backend: string): Partial<Observation> => ({
  ...faulty({ kind: 'backend-silent', subject: backend, evidence: `none of 20 answers came from ${backend}` }),
  shares: ['ECS01', 'ECS02'].map((name) => ({
    backend: name,
    seen: name === backend ? 0 : 20,
    share: name === backend ? 0 : 1,
    expected: 0.5,
  })),
});

export const unreachable = (kind: Fault['kind'] = 'front-timeout'): Partial<Observation> => {
  const { latency: _latency, ...rest } = observed(0);
  return {
    ...faulty({ kind, evidence: 'no address answered within 5 s' }),
    addresses: rest.addresses.map(({ address }) => ({ address, isReached: false, reason: 'ETIMEDOUT' })),
    shares: rest.shares.map((share) => ({ ...share, seen: 0, share: 0 })),
    answered: 0,
    missProbability: 1,
  };
};

export const noRoute: Partial<Observation> = {
  ...unreachable(),
  verdict: 'inconclusive',
  fault: { kind: 'no-ipv6-route', evidence: 'ENETUNREACH at every address' },
};
