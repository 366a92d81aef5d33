import { seededRandom } from '../../local/faults.ts';
import { makeObservation } from '../../shared/probe/make-observation.ts';
import type { Declared, NameFacts, Observation, Sample } from '../../shared/probe/observation.ts';
import type { TickShares } from '../../shared/probe/shares.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';

/** What is wrong with the target at the moment. */
export type Trouble = 'none' | 'backend-stopped' | 'front-silent' | 'cname-broken';

const addresses = ['2408:4005:300::1', '2408:4005:300::2'];
const cname = 'alb-bench.cn-shanghai.alb.aliyuncs.com';
const backends = ['ECS01', 'ECS02'];
const requests = 20;

const target: ProbeTarget = {
  targetId: '01khq0000000000000000bench',
  domainName: 'www.example.com',
  host: 'www.example.com',
  port: 80,
  tls: false,
  method: 'GET',
  path: '/',
  acceptedStatus: [[200, 399]],
  expected: { cname, addresses },
  backends: backends.map((name) => ({ name, weight: 100 })),
  identification: { by: 'header', header: 'x-backend' },
  scope: 'internet',
  vantage: 'auto',
  isOneServerPerClient: false,
  acceptsAnyIssuer: false,
  mostRequests: 200,
  servers: [],
};

/** How long health checks take to see that a server is gone: three of them, two seconds apart. */
const healthCheckMs = 6000;

/**
 * A load balancer with two servers of the same weight and two addresses, seen through a network that loses each request by
 * itself with the same chance. What the probe makes of it is the probe's own code.
 */
export class BenchTarget {
  readonly #random: () => number;
  readonly #loss: number;
  #ticks: TickShares[] = [];

  constructor(seed: number, loss: number) {
    this.#random = seededRandom(seed);
    this.#loss = loss;
  }

  /** Which of the requests of the next probe are lost; none, mostly. */
  draw(): boolean[] {
    return Array.from({ length: requests }, () => this.#random() < this.#loss);
  }

  observe(nowMs: number, lost: boolean[], trouble: Trouble = 'none', sinceMs = 0): Observation {
    const isStopped = trouble === 'backend-stopped';
    const isOut = isStopped && nowMs - sinceMs >= healthCheckMs;
    const name: NameFacts = {
      code: 'NOERROR',
      cnames: [trouble === 'cname-broken' ? 'elsewhere.example.net' : cname],
      ipv6Addresses: trouble === 'cname-broken' ? [] : addresses,
      ipv4Addresses: [],
      dnsMs: 2,
    };
    const samples =
      trouble === 'cname-broken' ? [] : lost.map((isLost, index) => this.#sample(index, isLost, trouble, isOut));
    const declared: Declared = {
      atMs: nowMs,
      listenerStatus: 'Running',
      unhealthy: isOut ? [{ backend: 'ECS02', status: 'Unhealthy', reason: 'CONNECT_TIMEOUT' }] : [],
      available: isOut ? ['ECS01'] : backends,
    };
    const seen = {
      vantage: 'function' as const,
      scope: 'internet' as const,
      name,
      samples,
      declared,
      ticks: this.#ticks,
    };
    const { observation, tick } = makeObservation(target, seen, nowMs);
    this.#ticks = [...this.#ticks.slice(-10), tick];
    return observation;
  }

  #sample(index: number, isLost: boolean, trouble: Trouble, isOut: boolean): Sample {
    const address = addresses[index % 2] ?? '';
    if (isLost || trouble === 'front-silent')
      return { address, phases: { totalMs: 5000 }, error: { code: 'ETIMEDOUT', phase: 'connect' } };
    const backend = isOut ? 'ECS01' : (backends[Math.floor(index / 2) % 2] ?? '');
    const phases = { connectMs: 3, firstByteMs: 5, totalMs: 8 };
    if (trouble === 'backend-stopped' && backend === 'ECS02')
      return { address, remoteAddress: address, status: 502, phases };
    return { address, remoteAddress: address, status: 200, backend, phases };
  }
}
