/** `npm run test:chaos`: the matrix of single faults and the random runs, over two processes per core: a lost answer is waited for. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { StageName } from '../../shared/pipeline.ts';
import { refusals } from '../support/refusals.ts';
import type { CallClass, Cell } from './cells.ts';
import { rollBackEach, type RolledBack } from './refusals.ts';
import { type CellResult, discover, matrix, type RandomResult, runBatch, runRandom } from './run.ts';

type Job =
  | { kind: 'batch'; up: Cell[]; down: Cell[]; seed: number }
  | { kind: 'random'; seed: number }
  | { kind: 'refusals'; stage: StageName };
type Answer = { cells: CellResult[] } | { random: RandomResult } | { rolledBack: RolledBack[] };

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    /** Cells that one deployment carries, each in another function; 1: a deployment for each. */
    batch: { type: 'string', default: '6' },
    only: { type: 'string' },
    'random-seed': { type: 'string' },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const help = `npm run test:chaos -- [options]
Provisions and releases under every single fault, then under several faults at random moments; rolls back after every
refusal that is final.

  --runs N          random runs (500)
  --seed N          which occurrence of a call is struck, and the seed of the random runs (1)
  --batch N         faults that one deployment carries, each in another function (6); 1: a deployment for each
  --only TEXT       only cells whose name and fault contain TEXT, e.g. 'apply network vpc CreateVpc late'
  --random-seed N   one random run again, by its seed
  --quiet           no progress`;
if (options.help) {
  console.log(help);
  process.exit(0);
}

if (process.send === undefined) await lead();
else work();

/** A worker: one job after the other. */
function work(): void {
  let classes: CallClass[] = [];
  process.on('message', (message: { classes: CallClass[] } | { job: Job }) => {
    if ('classes' in message) {
      ({ classes } = message);
      return;
    }
    const { job } = message;
    const done = serve(job, classes);
    void done.then((answer) => process.send?.(answer));
  });
}

const serve = async (job: Job, classes: CallClass[]): Promise<Answer> => {
  if (job.kind === 'random') return { random: await runRandom(classes, job.seed) };
  if (job.kind === 'refusals') return { rolledBack: await rollBackEach(job.stage) };
  return { cells: await runBatch(job.up, job.down, job.seed) };
};

async function lead(): Promise<void> {
  const startedMs = Date.now();
  const seed = Number(options.seed);
  const classes = await discover();
  if (options['random-seed'] !== undefined) {
    console.log(JSON.stringify(await runRandom(classes, Number(options['random-seed'])), undefined, 2));
    process.exit(0);
  }
  const all = matrix(classes, seed);
  const possible = all.filter(
    ({ impossible, name, fault }) =>
      impossible === undefined && (options.only === undefined || `${name} ${fault}`.includes(options.only)),
  );
  const up = possible.filter(({ direction }) => direction === 'apply');
  const down = possible.filter(({ direction }) => direction === 'release');
  const size = Math.max(1, Number(options.batch));
  const [ups, downs] = [batches(up, size), batches(down, size)];
  const jobs: Job[] = Array.from({ length: Math.max(ups.length, downs.length) }, (_, index) => ({
    kind: 'batch',
    seed: seed + index,
    up: ups[index] ?? [],
    down: downs[index] ?? [],
  }));
  const runs = options.only === undefined ? Number(options.runs) : 0;
  if (options.only === undefined) for (const [stage] of refusals) jobs.push({ kind: 'refusals', stage });
  for (let index = 0; index < runs; index += 1) jobs.push({ kind: 'random', seed: seed * 100_000 + index });

  let cells: CellResult[] = [];
  const randoms: RandomResult[] = [];
  const rolledBack: RolledBack[] = [];
  const take = (answer: Answer, left: number) => {
    if ('cells' in answer) cells.push(...answer.cells);
    else if ('rolledBack' in answer) rolledBack.push(...answer.rolledBack);
    else randoms.push(answer.random);
    if (!options.quiet && left % 100 === 0)
      console.log(`  ${left} runs left after ${Math.round((Date.now() - startedMs) / 1000)} s`);
  };
  await spread(jobs, classes, take);
  // How often a function looks depends on the course of a run: an occurrence that did not come is the first one now.
  const missed = cells.filter((cell) => cell.missed === true);
  cells = cells.filter((cell) => cell.missed !== true);
  const firsts = missed.map(({ name, fault }): Job => {
    const cell = all.find((candidate) => candidate.name === name && candidate.fault === fault);
    const first: Cell[] = cell?.rule === undefined ? [] : [{ ...cell, rule: { ...cell.rule, skip: 0 } }];
    const isUp = cell?.direction === 'apply';
    return { kind: 'batch', seed, up: isUp ? first : [], down: isUp ? [] : first };
  });
  await spread(firsts, classes, take);
  report(all, cells, randoms, rolledBack, seed);
  console.log(`\n${Math.round((Date.now() - startedMs) / 1000)} s`);
  process.exit([...cells, ...randoms, ...rolledBack].some(({ problem }) => problem !== undefined) ? 1 : 0);
}

/** Puts cells of different functions together. */
function batches(cells: Cell[], size: number): Cell[][] {
  const ownerOf = ({ rule, message }: Cell): string => rule?.functionName ?? message?.stage ?? '';
  const open: Cell[][] = [];
  const full: Cell[][] = [];
  for (const cell of cells) {
    const index = open.findIndex((batch) => batch.every((other) => ownerOf(other) !== ownerOf(cell)));
    const batch = index < 0 ? [] : (open[index] as Cell[]);
    if (index < 0) open.push(batch);
    batch.push(cell);
    if (batch.length < size) continue;
    full.push(batch);
    open.splice(open.indexOf(batch), 1);
  }
  return [...full, ...open];
}

async function spread(
  jobs: Job[],
  classes: CallClass[],
  onAnswer: (answer: Answer, left: number) => void,
): Promise<void> {
  let next = 0;
  let answered = 0;
  await Promise.all(
    Array.from({ length: Math.min(2 * availableParallelism(), jobs.length) }, async () => {
      const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
        execArgv: ['--no-deprecation', '--max-semi-space-size=64'],
      });
      child.send({ classes });
      await new Promise<void>((resolve, reject) => {
        const give = () => {
          const job = jobs[next];
          next += 1;
          if (job === undefined) {
            child.kill();
            resolve();
          } else child.send({ job });
        };
        child.on('message', (answer: Answer) => {
          answered += 1;
          onAnswer(answer, jobs.length - answered);
          give();
        });
        child.on('exit', (code) => {
          if (code !== null && code !== 0) reject(new Error(`a worker ended with ${code}`));
        });
        give();
      });
    }),
  );
}

function report(
  all: Cell[],
  cells: CellResult[],
  randoms: RandomResult[],
  rolledBack: RolledBack[],
  seed: number,
): void {
  const kinds = [...new Set(all.map(({ fault }) => fault))];
  console.log('\nSingle faults: passed/cells by fault\n');
  console.log(
    `  ${'fault'.padEnd(15)} ${'cells'.padStart(6)} ${'passed'.padStart(7)} ${'missed'.padStart(7)} ${'impossible'.padStart(11)}`,
  );
  for (const kind of kinds) {
    const of = cells.filter(({ fault }) => fault === kind);
    const impossible = all.filter(({ fault, impossible: reason }) => fault === kind && reason !== undefined).length;
    const passed = of.filter(({ problem }) => problem === undefined).length;
    console.log(
      `  ${kind.padEnd(15)} ${String(of.length).padStart(6)} ${String(passed).padStart(7)} ${String(of.filter(({ missed }) => missed).length).padStart(7)} ${String(impossible).padStart(11)}`,
    );
  }
  for (const { name, fault } of cells.filter(({ missed }) => missed === true))
    console.log(`\n  missed: ${name} x ${fault}: the call did not come in this run`);
  console.log('\n  between record and send: kill-before of each mns SendMessage');
  for (const reason of new Set(all.flatMap(({ impossible }) => impossible ?? [])))
    console.log(`\n  impossible: ${reason}`);
  const failed = cells.filter(({ problem }) => problem !== undefined);
  for (const { name, fault, problem } of failed)
    console.log(
      `\nFAILED ${name} x ${fault}: ${problem}\n  again: npm run test:chaos -- --seed ${seed} --batch 1 --only '${name} ${fault}'`,
    );
  if (randoms.length > 0)
    console.log(
      `\nRandom faults: ${randoms.filter(({ problem }) => problem === undefined).length} of ${randoms.length} runs passed`,
    );
  for (const { seed: own, faults, problem } of randoms.filter((result) => result.problem !== undefined))
    console.log(
      `\nFAILED random run ${own}: ${problem}\n  ${faults.join('; ')}\n  again: npm run test:chaos -- --random-seed ${own}`,
    );
  if (rolledBack.length > 0)
    console.log(
      `\nRefused for good: ${rolledBack.filter(({ problem }) => problem === undefined).length} of ${rolledBack.length} rolled back with nothing left`,
    );
  for (const { name, problem } of rolledBack.filter((result) => result.problem !== undefined))
    console.log(`\nFAILED rollback of ${name}: ${problem}`);
  const results = [...cells, ...randoms, ...rolledBack];
  const passed = results.filter(({ problem }) => problem === undefined).length;
  console.log(`\n${passed} passed, ${results.length - passed} failed`);
}
