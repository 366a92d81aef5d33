import { seededRandom } from '../../local/faults.ts';
import type { Harness } from '../support/harness.ts';
import { type CallClass, type Cell, cellsOf, classesOf, isKnown } from './cells.ts';
import { Course, start } from './course.ts';
import { type Direction, scenarioNames, type ScenarioName } from './scenarios.ts';

/** Runs without faults: the classes of all scenarios and directions, each where it occurs first. */
export async function discover(names: readonly ScenarioName[] = scenarioNames): Promise<CallClass[]> {
  const found: CallClass[] = [];
  for (const name of names) {
    const harness = await start({ seed: 1 });
    try {
      const course = new Course(harness, name);
      for (const direction of course.directions) {
        const from = harness.cloud.wireLog.length;
        await course.go(direction);
        found.push(...classesOf(harness.cloud.wireLog.slice(from), name, direction));
        const problems = await course.problems(direction);
        if (problems.length > 0) throw new Error(`${name}, ${direction}, without faults: ${problems.join('; ')}`);
      }
    } finally {
      await harness.close();
    }
  }
  const classes: CallClass[] = [];
  // What a change has in common with any apply is not its own.
  for (const direction of ['apply', 'release', 'change'] as const)
    for (const one of found) if (one.direction === direction && !isKnown(classes, one)) classes.push(one);
  return classes;
}

/** The whole matrix; `seed` decides which occurrence of a class is struck. */
export function matrix(classes: CallClass[], seed: number): Cell[] {
  const random = seededRandom(seed);
  return cellsOf(classes, (count) => Math.floor(random() * count));
}

export interface CellResult {
  name: string;
  fault: string;
  /** Undefined: passed. */
  problem?: string;
  /** Neither the occurrence that was to be struck came, nor in another run the first one: nothing is shown. */
  missed?: boolean;
}

const arm = (harness: Harness, cells: Cell[]) => {
  for (const { rule, message } of cells) {
    if (rule !== undefined) harness.cloud.faults.add(rule);
    if (message !== undefined) harness.messageFaults.push({ ...message });
  }
};

/** Whether the fault of the cell has come about; asked before the faults are cleared. */
function hasStruck(harness: Harness, { rule, message }: Cell): boolean {
  if (message !== undefined)
    return harness.messageFaults.some(
      ({ kind, stage, action, struck }) =>
        struck === true && kind === message.kind && stage === message.stage && action === message.action,
    );
  return harness.cloud.wireLog.some(
    ({ fault, caller, service, action }) =>
      fault === rule?.kind && caller === rule?.functionName && service === rule.service && action === rule.action,
  );
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Cells of one scenario that one deployment carries, by direction. */
export type Batch = Partial<Record<Direction, Cell[]>>;

export interface BatchResult {
  cells: CellResult[];
  /** What went wrong under all of its faults together, and under none of them alone. */
  together?: string;
}

/** One deployment for several cells. Where such a batch fails, each of its cells is run alone too. */
export async function runBatch(scenario: ScenarioName, batch: Batch, seed: number): Promise<BatchResult> {
  const results = await runCells(scenario, batch, seed);
  const problem = results.find((result) => result.problem !== undefined)?.problem;
  if (problem === undefined) return { cells: await withFirstsOf(results, scenario, batch, seed) };
  const cells: CellResult[] = [];
  const most = Math.max(...Object.values(batch).map((list) => list.length));
  for (let index = 0; index < most; index += 1) {
    const own = mapBatch(batch, (list) => list.slice(index, index + 1));
    cells.push(...(await withFirstsOf(await runCells(scenario, own, seed), scenario, own, seed)));
  }
  return cells.some((cell) => cell.problem !== undefined) ? { cells } : { cells, together: problem };
}

const mapBatch = (batch: Batch, change: (cells: Cell[]) => Cell[]): Batch =>
  Object.fromEntries(Object.entries(batch).map(([direction, cells]) => [direction, change(cells)]));

/** How often a function looks depends on the course of a run: for an occurrence that did not come, the first one is struck. */
async function withFirstsOf(
  results: CellResult[],
  scenario: ScenarioName,
  batch: Batch,
  seed: number,
): Promise<CellResult[]> {
  const isMissed = (cell: Cell) =>
    results.some(({ name, fault, missed }) => missed === true && name === cell.name && fault === cell.fault);
  if (!results.some(({ missed }) => missed === true)) return results;
  const firsts = mapBatch(batch, (cells) =>
    cells
      .filter(isMissed)
      .map((cell) => ({ ...cell, ...(cell.rule === undefined ? {} : { rule: { ...cell.rule, skip: 0 } }) })),
  );
  return [...results.filter(({ missed }) => missed !== true), ...(await runCells(scenario, firsts, seed))];
}

export async function runCells(scenario: ScenarioName, batch: Batch, seed: number): Promise<CellResult[]> {
  const harness = await start({ seed });
  const results: CellResult[] = [];
  const close = (cells: Cell[], problem: string | undefined) => {
    for (const cell of cells)
      results.push({
        name: cell.name,
        fault: cell.fault,
        ...(problem === undefined ? {} : { problem }),
        ...(problem === undefined && !hasStruck(harness, cell) ? { missed: true } : {}),
      });
    harness.cloud.faults.clear();
    harness.messageFaults.splice(0);
    harness.cloud.wireLog.splice(0);
  };
  try {
    const course = new Course(harness, scenario);
    // A change takes as long as an apply: it is left out where no fault waits for it.
    const asked = course.directions.filter((direction) => direction !== 'change' || (batch.change ?? []).length > 0);
    let problem: string | undefined;
    for (const direction of asked) {
      const cells = batch[direction] ?? [];
      if (problem !== undefined) {
        close(cells, 'not tried: what came before it failed');
        continue;
      }
      try {
        arm(harness, cells);
        await course.go(direction);
        const problems = await course.problems(direction);
        problem = problems.length === 0 ? undefined : problems.join('; ');
      } catch (error) {
        problem = `${reasonOf(error)} ${await course.state()}`;
      }
      close(cells, problem);
    }
    return results;
  } finally {
    await harness.close();
  }
}
