import type { Cell } from './cells.ts';
import type { RandomResult } from './random.ts';
import type { RolledBack } from './refusals.ts';
import type { BatchResult, CellResult } from './run.ts';

export interface Found {
  batches: { index: number; batch: BatchResult }[];
  randoms: RandomResult[];
  rolledBack: RolledBack[];
}

/** What repeats a failure: the options of this run that it depends on, each with a leading space. */
export interface Again {
  seed: string;
  batches: string;
}

const notStruck = 'the fault did not strike: neither this call of the function came, nor in another run its first one';

/** Calls that no cell strikes, and what shows them instead. */
const elsewhere = [
  'mns ReceiveMessage and DeleteMessage are the trigger’s, and here the harness delivers: test/survival breaks them through a proxy',
  'GET (drift, events, observations), the hourly comparison of sweep, probe and alert change nothing that is applied or released',
];

const isFailed = ({ problem, missed }: CellResult): boolean => problem !== undefined || missed === true;

function table(head: string[], rows: (string | number)[][]): void {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const [first = '', ...others] of cells)
    console.log(
      `  ${[first.padEnd(widths[0] ?? 0), ...others.map((text, index) => text.padStart(widths[index + 1] ?? 0))].join('  ')}`,
    );
}

/** The matrix, and each failure with what repeats it. @returns how many cells, batches and random runs passed and failed. */
export function report(
  all: Cell[],
  { batches, randoms, rolledBack }: Found,
  again: Again,
): { passed: number; failed: number } {
  const cells = batches.flatMap(({ batch }) => batch.cells);
  const failedCells = cells.filter(isFailed);
  const failedBatches = batches.filter(({ batch }) => batch.together !== undefined);
  const failedRandoms = randoms.filter(({ problem }) => problem !== undefined);
  const failedRollbacks = rolledBack.filter(({ problem }) => problem !== undefined);
  printMatrix(all, cells);
  if (randoms.length > 0) printRandoms(randoms, failedRandoms.length);

  for (const { name, fault, problem = notStruck } of failedCells)
    console.log(
      `\nFAILED ${name} x ${fault}: ${problem}\n  again: npm run test:chaos --${again.seed} --batch 1 --only '${name} ${fault}'`,
    );
  for (const { index, batch } of failedBatches)
    console.log(
      `\nFAILED batch ${index}, under all of its faults and under none of them alone: ${batch.together}\n  ${batch.cells
        .map(({ name, fault }) => `${name} x ${fault}`)
        .join('; ')}\n  again: npm run test:chaos --${again.seed}${again.batches} --job ${index}`,
    );
  for (const { seed, plan, problem } of failedRandoms)
    console.log(
      `\nFAILED random run ${seed}: ${problem}\n  ${plan.join('; ')}\n  again: npm run test:chaos -- --random-seed ${seed}`,
    );
  if (rolledBack.length > 0)
    console.log(
      `\nRefused for good: ${rolledBack.length - failedRollbacks.length} of ${rolledBack.length} rolled back with nothing left`,
    );
  for (const { name, problem } of failedRollbacks) console.log(`\nFAILED rollback of ${name}: ${problem}`);
  const failedAlone = failedCells.length + failedRandoms.length + failedRollbacks.length;
  return {
    passed: cells.length + randoms.length + rolledBack.length - failedAlone,
    failed: failedAlone + failedBatches.length,
  };
}

function printMatrix(all: Cell[], cells: CellResult[]): void {
  const kinds = [...new Set(all.map(({ fault }) => fault))];
  const countIn = (list: { fault: string }[], kind: string): number =>
    list.filter(({ fault }) => fault === kind).length;
  const passed = cells.filter((cell) => !isFailed(cell));
  const impossible = all.filter((cell) => cell.impossible !== undefined);
  const counts = (list: { fault: string }[][]) => list.map((each) => each.length);
  console.log('\nSingle faults\n');
  table(
    ['fault', 'cells', 'passed', 'impossible'],
    [
      ...kinds.map((kind) => [kind, ...[cells, passed, impossible].map((list) => countIn(list, kind))]),
      ['', ...counts([cells, passed, impossible])],
    ],
  );
  console.log('\n  between record and send: kill-before of each mns SendMessage');
  for (const reason of new Set(impossible.flatMap((cell) => cell.impossible ?? [])))
    console.log(`  impossible: ${reason}`);
  for (const what of elsewhere) console.log(`  elsewhere: ${what}`);
}

function printRandoms(randoms: RandomResult[], failed: number): void {
  const several = randoms.filter(({ struck }) => struck >= 2).length;
  const faults = randoms.reduce((sum, { struck }) => sum + struck, 0);
  console.log(`\nRandom faults: ${randoms.length - failed} of ${randoms.length} runs passed`);
  console.log(`  ${faults} faults struck, two or more in ${several} runs`);
  const happened = new Map<string, number>();
  for (const { happened: own } of randoms)
    for (const [what, count] of Object.entries(own)) happened.set(what, (happened.get(what) ?? 0) + count);
  table(
    ['while functions were under way', 'times'],
    [...happened].sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
