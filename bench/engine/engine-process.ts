import { type Dial, systemDial } from '../../shared/net/dial.ts';
import type { Resolver } from '../../shared/net/resolver.ts';
import { observeTarget } from '../../shared/probe/observe-target.ts';
import { requestTarget } from '../../shared/probe/request-target.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import { type Done, type FleetJob, type Job, repeat } from './jobs.ts';

/** As the probe function has it; see functions/probe/probe-shard.ts. */
const parallelTargets = 25;
/** As a load balancer has it; what answers there stands on this machine. */
const address = '2408:4002:1000::1';
const dial: Dial = ({ port }) => systemDial({ address: '::1', port });

const targetOf = (index: number, port: number): ProbeTarget => ({
  targetId: `target-${index}`,
  domainName: `t${index}.example.com`,
  host: `t${index}.example.com`,
  port,
  tls: false,
  method: 'GET',
  path: '/',
  acceptedStatus: [[200, 399]],
  expected: { cname: '', addresses: [address] },
  backends: ['ECS01', 'ECS02'].map((name) => ({ name, weight: 100 })),
  identification: { by: 'header', header: 'x-backend' },
  scope: 'internet',
  vantage: 'auto',
  acceptsAnyIssuer: false,
  isOneServerPerClient: false,
  mostRequests: 200,
  servers: [],
});

/** Names are answered from memory: a resolver is a server of its own. */
const resolver: Resolver = {
  resolve: (name) =>
    Promise.resolve({
      code: 'NOERROR',
      answers: [{ name, type: 'AAAA', class: 'IN', ttl: 60, data: address }],
      authorities: [],
    }),
  ask: () => Promise.reject(new Error('a probe asks no server itself')),
};

async function request(target: ProbeTarget, count: number): Promise<boolean> {
  const { samples } = await requestTarget(dial, target, [address], count);
  return samples.length === count && samples.every(({ status, backend }) => status === 200 && backend !== undefined);
}

/** A whole probe: the name, as many requests as the weights ask for, the verdict. */
async function observe(target: ProbeTarget, count: number): Promise<boolean> {
  const known = { declared: Promise.resolve(undefined), ticks: [], nowMs: Date.now() };
  const { observation } = await observeTarget({ dial, resolver }, target, known);
  return observation.answered === count && observation.verdict === 'ok';
}

async function fleet({ port, targets, requests, longestMs }: FleetJob) {
  const startMs = performance.now();
  let [probes, failed] = [0, 0];
  const work = async () => {
    while (probes < targets && performance.now() - startMs < longestMs) {
      probes += 1;
      const target = targetOf(probes, port);
      if (!(await (requests === 1 ? request(target, 1) : observe(target, requests)))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: parallelTargets }, work));
  return { probes, failed, seconds: (performance.now() - startMs) / 1000 };
}

async function one({ port, parallel, ms }: Job) {
  const target = targetOf(0, port);
  return await repeat(() => request(target, 1), { parallel, ms });
}

async function serve(job: Job | FleetJob): Promise<void> {
  if ('ms' in job) await one({ ...job, ms: job.warmUpMs });
  const before = process.cpuUsage();
  const done = 'ms' in job ? await one(job) : await fleet(job);
  const { user, system } = process.cpuUsage(before);
  process.send?.({ ...done, cpuSeconds: (user + system) / 1e6 } satisfies Done);
}

process.on('message', (job: Job | FleetJob) => void serve(job));
process.once('disconnect', () => process.exit());
