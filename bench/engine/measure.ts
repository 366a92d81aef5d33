import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBlackbox, measureBlackbox } from './blackbox.ts';
import type { Done, FleetJob, Job } from './jobs.ts';

/** Requests of one prober under way at once. */
const parallel = 32;
/** What "within one minute" means. */
export const fleetLimitSeconds = 60;
/** Requests of a whole probe at weights of 1 to 1; see shared/probe/sample-size.ts. */
export const requestsOfProbe = 20;

export interface Rate {
  probes: number;
  probesPerSecond: number;
  cpuSecondsPer1000: number;
}

export interface Fleet {
  targets: number;
  requestsPerTarget: number;
  probed: number;
  seconds: number;
  cpuSeconds: number;
}

export interface Figures {
  machine: { cores: number; model: string; node: string };
  engine: Rate;
  /** Absent where it cannot be measured, for the reason in `missing`. */
  curl?: Rate & { version: string };
  blackbox?: Rate & { version: string };
  missing: { curl?: string; blackbox?: string };
  fleets: Fleet[];
}

export interface Options {
  seconds: number;
  targets: number;
  /** Path of blackbox_exporter. */
  blackbox?: string | undefined;
}

/** @param folder - of the bundled processes. */
export async function measure(folder: string, { seconds, targets, blackbox: given }: Options): Promise<Figures> {
  const target = fork(join(folder, 'target-process.mjs'));
  try {
    const port = (await answerOf(target)) as number;
    const job: Job = { port, parallel, ms: seconds * 1000, warmUpMs: Math.min(1000, seconds * 500) };
    const inProcess = async (name: string, work: Job | FleetJob) => {
      const child = fork(join(folder, `${name}-process.mjs`));
      try {
        child.send(work);
        return (await answerOf(child)) as Done;
      } finally {
        child.disconnect();
      }
    };
    const figures: Figures = {
      machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
      engine: rateOf('the engine', await inProcess('engine', job)),
      missing: {},
      fleets: [],
    };
    const curl = await curlVersion();
    const blackbox = await findBlackbox(given);
    if (process.platform !== 'linux') figures.missing = { curl: 'no /proc', blackbox: 'no /proc' };
    else {
      if (curl === undefined) figures.missing.curl = 'not installed';
      else {
        const done = await inProcess('curl', { ...job, parallel: cpus().length });
        figures.curl = { ...rateOf('curl', done), version: curl };
      }
      if (blackbox === undefined) figures.missing.blackbox = 'not installed';
      else {
        const done = await measureBlackbox(blackbox.command, job);
        figures.blackbox = { ...rateOf('blackbox_exporter', done), version: blackbox.version };
      }
    }
    for (const requests of [1, requestsOfProbe]) {
      const work: FleetJob = { port, targets, requests, longestMs: fleetLimitSeconds * 1000 };
      const { probes, failed, seconds: took, cpuSeconds } = await inProcess('engine', work);
      figures.fleets.push({
        targets,
        requestsPerTarget: requests,
        probed: probes - failed,
        seconds: took,
        cpuSeconds,
      });
    }
    return figures;
  } finally {
    target.disconnect();
  }
}

/** @throws Error when the process ends without one. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const message = once(child, 'message', { signal: ended.signal });
  const end = () => ended.abort(new Error('a process of the benchmark has ended'));
  child.once('exit', end);
  try {
    return (await message)[0];
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    child.off('exit', end);
  }
}

/** @throws Error when a probe failed: what fails fast would look fast. */
function rateOf(what: string, { probes, failed, seconds, cpuSeconds }: Done): Rate {
  if (failed > 0) throw new Error(`${failed} of ${probes} probes of ${what} failed`);
  return { probes, probesPerSecond: probes / seconds, cpuSecondsPer1000: (cpuSeconds * 1000) / probes };
}

async function curlVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('curl', ['--version']);
    return /^curl (\S+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
