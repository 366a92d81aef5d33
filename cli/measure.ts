import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionSpec } from '../local/fc/spec.ts';
import { isStageName, stageNames, type StageName } from '../shared/pipeline.ts';
import { addressed, dated, eventsOf } from './event-files.ts';
import { type Ground, groundOf } from './ground.ts';
import { control } from './installation.ts';
import { type Invoked, MeasuredInstance } from './measured-instance.ts';
import { valueAt } from '../shared/dictionary.ts';

export interface Measure {
  name: string;
  /** Files whose events were given. */
  events: Set<string>;
  /** The one after which the process was largest. */
  event: string;
  /** Of the first event, loading the bundle included. */
  durationMs: number;
  peakMemoryMb: number;
  memoryMb: number;
  /** Why it is no measure: the function failed, or had nothing to do. */
  problem?: string;
}

/** Memory that the platform sells: multiples of 64 MB from 128 MB. */
export const soldMemoryMb = (neededMb: number): number => Math.max(128, Math.ceil(neededMb / 64) * 64);

interface Checkout {
  root: string;
  codeDir: string;
}

/** Hands the event of a file to the instance, changed where it must be. */
type Give = (file: string, change?: (event: Buffer) => Buffer) => Promise<Invoked>;

/** What becomes of a function's events in the life of the deployment. @returns what was wrong with it. */
type Part = (give: Give, files: string[], ground: Ground) => Promise<string | undefined>;

/**
 * Runs every function, in one process for each, on every event that it can receive, in the life of one deployment: each
 * stage brings it further until its turns are over, a server falls silent and is told of, the API is asked for everything.
 */
export async function measureAll(root: string, codeDir: string): Promise<Measure[]> {
  const checkout = { root, codeDir };
  return [
    ...(await measureLife(checkout, 's.yaml', [...stageNames, 'dead-letter', 'probe', 'sweep', 'alert', 'api'])),
    ...(await measureLife(checkout, 's-one-queue.yaml', ['stages'])),
  ];
}

async function measureLife(checkout: Checkout, definition: string, names: string[]): Promise<Measure[]> {
  const ground = await groundOf(checkout.root, undefined, definition);
  try {
    const measures: Measure[] = [];
    for (const name of names) {
      const spec = ground.specs.find(({ functionName }) => functionName === `dualstack-alb-${name}`);
      if (spec === undefined) throw new Error(`${definition} has no function ${name}`);
      measures.push(await measure(checkout, ground, name, spec));
    }
    return measures;
  } finally {
    await ground.close();
  }
}

async function measure(
  { root, codeDir }: Checkout,
  ground: Ground,
  name: string,
  spec: FunctionSpec,
): Promise<Measure> {
  const instance = await MeasuredInstance.start(ground, { root, codeDir, spec });
  const measured: Measure = {
    name,
    events: new Set(),
    event: '',
    durationMs: 0,
    peakMemoryMb: 0,
    memoryMb: spec.memorySize,
  };
  const failures: string[] = [];
  const give: Give = async (file, change = (event) => event) => {
    const invoked = await instance.invoke(change(readFileSync(join(root, 'events', file))));
    const { durationMs, peakMemoryMb, error } = invoked;
    if (error !== undefined) failures.push(`${file}: ${error.errorMessage}`);
    if (measured.events.size === 0) measured.durationMs = durationMs;
    measured.events.add(file);
    if (peakMemoryMb > measured.peakMemoryMb) Object.assign(measured, { event: file, peakMemoryMb });
    return invoked;
  };
  try {
    const part = isStageName(name) ? stagesPart(name) : valueAt(parts, name);
    if (part === undefined) throw new Error(`the life has no part for ${name}`);
    const problem = await part(give, eventsOf(name, readdirSync(join(root, 'events'))), ground);
    const found = failures[0] ?? problem;
    return found === undefined ? measured : { ...measured, problem: found };
  } finally {
    instance.close();
  }
}

/** More turns than a stage needs where everything is there at once. */
const mostTurns = 40;

/** Each turn of each stage comes in another of the files. */
const stagesPart =
  (...stages: StageName[]): Part =>
  async (give, files) => {
    const ofStages = files.filter((file) => file !== 'queue-foreign.json');
    let given = 0;
    for (const stage of stages) {
      let ended: string | undefined;
      for (let turn = 0; turn < mostTurns && ended !== 'done'; turn += 1) {
        if (ended !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
        const file = ofStages[given++ % ofStages.length] ?? '';
        const { logs } = await give(file, (event) => addressed(event, { stage, turn }));
        ended = messagesOf(logs).flatMap((message) => /^turn ended: (\w+)/.exec(message)?.[1] ?? [])[0];
        if (ended !== 'wait' && ended !== 'done')
          return `turn ${turn} of ${stage}: ${logs.at(-1)?.message ?? 'no log'}`;
      }
      if (ended !== 'done') return `${stage} was not done after ${mostTurns} turns`;
    }
    await give('queue-foreign.json');
    return undefined;
  };

const parts: Record<string, Part> = {
  stages: stagesPart(...stageNames),

  'dead-letter': async (give, files) => {
    for (const file of files) {
      const { logs } = await give(file);
      if (!messagesOf(logs).includes('a message ended in the dead-letter queue')) return `${file} was not recorded`;
    }
    return undefined;
  },

  // A server falls silent: three bad looks in a row are an alert.
  probe: async (give, files, ground) => {
    for (const round of [0, 1, 2, 3]) {
      if (round === 1) await control(ground.url, 'POST', 'instances/ECS02/stop');
      for (const file of files) {
        const { body } = await give(file, (event) => dated(event, Date.now()));
        // Nobody waits for what an instance of that event has seen.
        const isServed = /"probed":1\b|"nobody waits for it"/.test(textOf(body));
        if (!isServed) return `${file}: ${textOf(body)}`;
      }
    }
    return undefined;
  },

  // Compares with what stands in the cloud, since an alert has begun.
  sweep: async (give, files) => {
    for (const file of files) {
      const { body } = await give(file);
      if (!/"compared":1\b/.test(textOf(body))) return `${file}: ${textOf(body)}`;
    }
    return undefined;
  },

  alert: async (give, files) => {
    for (const file of files) {
      const { body } = await give(file);
      if (!/"sent":[1-9]/.test(textOf(body))) return `${file}: ${textOf(body)}`;
    }
    return undefined;
  },

  // What changes the deployment comes last.
  api: async (give, files) => {
    const last = ['http-change.json', 'http-repair.json', 'http-retry.json', 'http-release.json'];
    for (const file of files.sort((one, other) => last.indexOf(one) - last.indexOf(other))) {
      const { statusCode } = JSON.parse(textOf((await give(file)).body)) as { statusCode: number };
      if (statusCode >= 300) return `${file} was answered with ${statusCode}`;
    }
    return undefined;
  },
};

const textOf = (body = ''): string => Buffer.from(body, 'base64').toString('utf8');

const messagesOf = (logs: Invoked['logs']): string[] =>
  logs.map(({ message }) => String((JSON.parse(message) as { message?: unknown }).message));

export function printReport(measures: Measure[]): void {
  const width = Math.max(...measures.map(({ name }) => name.length));
  console.log(`${'function'.padEnd(width)}  event                          ms   peak MB   s.yaml MB   at most MB`);
  for (const { name, event, durationMs, peakMemoryMb, memoryMb, problem } of measures)
    console.log(
      `${name.padEnd(width)}  ${event.padEnd(27)} ${String(Math.round(durationMs)).padStart(5)}   ${String(Math.round(peakMemoryMb)).padStart(7)}   ${String(memoryMb).padStart(9)}   ${String(soldMemoryMb(2 * peakMemoryMb)).padStart(10)}${problem === undefined ? '' : `  FAILED: ${problem}`}`,
    );
  console.log('\nAt most: twice the peak, rounded up to what the platform sells (multiples of 64 MB from 128 MB).');
}
