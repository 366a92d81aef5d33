import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Backends, type HostileBackend, hostileBackends } from '../../support/backends.ts';
import type { ProbeDone, ProbeJob } from '../../support/probe-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'hostile-'));
const backends = new Backends();
let prober: ChildProcess;

/** Of probes that end by themselves, also where the machine has much else to do. */
const patient = { requestTimeoutMs: 15_000, probeTimeoutMs: 15_000, parallel: 5 };

const probe = async (job: ProbeJob): Promise<ProbeDone> => {
  const answer = once(prober, 'message');
  prober.send(job);
  const [done] = (await answer) as [ProbeDone];
  return done;
};

beforeAll(async () => {
  const outfile = join(directory, 'probe-process.cjs');
  const entry = new URL('../../support/probe-process.ts', import.meta.url).pathname;
  await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'cjs', logLevel: 'silent', outfile });
  prober = fork(outfile, { execArgv: ['--expose-gc', '--max-old-space-size=64'] });
  // What is loaded and compiled once is no cost of a hostile answer.
  const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
  const plain = await backends.serve((socket) => socket.end(ok));
  const secure = await backends.serveTls((socket) => socket.end(ok));
  await probe({
    targets: [
      { port: plain, tls: false },
      { port: secure, tls: true },
    ],
    limits: patient,
  });
});
afterEach(async () => await backends.close());
afterAll(() => {
  prober.kill();
  rmSync(directory, { recursive: true });
});

/** Of five requests at once: what is kept of a head and a body, what has been read of the next, a TLS connection. */
const mostGrownBytes = 5 * 1024 * 1024;

const told = (samples: ProbeDone['observations'][number]['samples']) =>
  samples.map(({ status, error }) => ({ status, code: error?.code }));
const wanted = ({ seen }: HostileBackend) => ({ status: undefined, code: undefined, ...seen });

const endless = hostileBackends.filter(({ isEndless }) => isEndless);
const others = hostileBackends.filter(({ isEndless }) => !isEndless);

describe.each([false, true])('a whole probe, TLS: %s, takes bounded memory when a backend', (tls) => {
  it.each(others)('$does', async (backend) => {
    const port = await (tls ? backends.serveTls(backend.answer) : backends.serve(backend.answer));
    const { observations, grownBytes } = await probe({ targets: [{ port, tls }], limits: patient });
    expect(grownBytes).toBeLessThan(mostGrownBytes);
    const [observation] = observations;
    expect(observation).toMatchObject({ asked: 20, verdict: backend.seen.code === undefined ? 'ok' : 'fault' });
    expect(observation?.tookMs).toBeLessThan(patient.probeTimeoutMs);
    for (const one of told(observation?.samples ?? [])) expect(one).toEqual(wanted(backend));
  });
});

it('probes of backends that nothing but the time limit ends are over in time, in bounded memory', async () => {
  const limits = { requestTimeoutMs: 400, probeTimeoutMs: 600, parallel: 5 };
  const targets = [];
  for (const { answer } of endless)
    targets.push(
      { port: await backends.serve(answer), tls: false },
      { port: await backends.serveTls(answer), tls: true },
    );
  const { observations, grownBytes } = await probe({ targets, limits });
  expect(grownBytes).toBeLessThan(targets.length * mostGrownBytes);
  for (const [index, { tookMs, asked, verdict, samples }] of observations.entries()) {
    // A machine that has much else to do comes late to a time limit.
    expect(tookMs).toBeLessThan(limits.probeTimeoutMs + 5000);
    expect(verdict).toBe('fault');
    // Each request takes all the time that it has: there is none for all twenty.
    expect(asked).toBeLessThan(20);
    expect(told(samples)).toContainEqual(wanted(endless[Math.floor(index / 2)] as HostileBackend));
  }
});
