/** Probes what it is told over the channel of `fork`, in a process whose memory is the probe's alone. Needs `--expose-gc`. */
import { systemDial } from '../../shared/net/dial.ts';
import { createResolver } from '../../shared/net/resolver.ts';
import type { Sample } from '../../shared/probe/observation.ts';
import { observeTarget } from '../../shared/probe/observe-target.ts';
import type { RequestLimits } from '../../shared/probe/request-target.ts';

/** Targets that are probed at once. */
export interface ProbeJob {
  targets: { port: number; tls: boolean }[];
  limits: RequestLimits;
}

export interface ProbeDone {
  observations: { tookMs: number; verdict: string; asked: number; samples: Pick<Sample, 'status' | 'error'>[] }[];
  /** How much more is in use at the worst moment than before, what could be freed not counted. */
  grownBytes: number;
}

const usedBytes = (): number => {
  (globalThis as unknown as { gc: () => void }).gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const resolver = createResolver({ servers: ['[::1]:1'], dial: systemDial, timeoutMs: 1000 });

async function probe({ targets, limits }: ProbeJob): Promise<ProbeDone> {
  const before = usedBytes();
  let most = before;
  const look = () => (most = Math.max(most, usedBytes()));
  const timer = setInterval(look, 25);
  const observations = await Promise.all(targets.map(async (target) => await observe(target, limits)));
  clearInterval(timer);
  look();
  return { observations, grownBytes: most - before };
}

async function observe({ port, tls }: ProbeJob['targets'][number], limits: RequestLimits) {
  const startMs = performance.now();
  const { observation } = await observeTarget(
    // The servers of the test stand on this machine, at an address as a load balancer has it.
    { dial: (to) => systemDial({ ...to, address: '::1' }), resolver, limits },
    {
      targetId: '01khq0000000000000000hostil',
      host: 'www.example.com',
      port,
      tls,
      method: 'GET',
      path: '/',
      acceptedStatus: [[200, 399]],
      expected: { cname: '', addresses: ['2408:4002:1000::1'] },
      backends: ['ECS01', 'ECS02'].map((name) => ({ name, weight: 100 })),
      identification: { by: 'pattern', pattern: '(x+x+)+y' },
      scope: 'internet',
      vantage: 'function',
      isOneServerPerClient: false,
      acceptsAnyIssuer: true,
      mostRequests: 200,
      servers: [],
    },
    { declared: Promise.resolve(undefined), ticks: [], nowMs: Date.now() },
  );
  const { verdict, asked, samples = [] } = observation;
  return { tookMs: performance.now() - startMs, verdict, asked, samples };
}

async function answer(job: ProbeJob): Promise<void> {
  process.send?.(await probe(job));
}

process.on('message', (job: ProbeJob) => void answer(job));
