import { readFileSync } from 'node:fs';
import { seededRandom } from '../../local/faults.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { Harness } from '../support/harness.ts';
import { remainsOf } from '../support/remains.ts';
import { callFaults, type CallClass, type Cell, cellsOf, classesOf, latenesses, messageFaults } from './cells.ts';
import { notExactlyOne } from './invariants.ts';

const root = new URL('../../', import.meta.url);
const event = JSON.parse(readFileSync(new URL('events/create-load-balancer.json', root), 'utf8')) as SpecInput;

const start = (seed: number) => Harness.start({ seed, readTimeoutMs: 250 });

/** Posts until the answer comes, as a client with an Idempotency-Key does. */
async function post(harness: Harness, key: string): Promise<string> {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const response = await harness
      .api('POST', '/load-balancers', event, { 'idempotency-key': key })
      .catch(() => undefined);
    if (response?.status === 202) return response.headers.get('location')?.split('/').at(-1) ?? '';
  }
  throw new Error('POST was never answered with 202');
}

async function ask(harness: Harness, method: string, path: string): Promise<number> {
  let status = 0;
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    status = (await harness.api(method, path).catch(() => undefined))?.status ?? 0;
    if (status !== 0 && status < 500) return status;
  }
  return status;
}

const hours = 3_600_000;

/** A run without faults: the classes of both directions. */
export async function discover(): Promise<CallClass[]> {
  const harness = await start(1);
  try {
    const from = harness.cloud.wireLog.length;
    const id = await post(harness, 'discover');
    await harness.runUntil(id, 'ready');
    const middle = harness.cloud.wireLog.length;
    await ask(harness, 'DELETE', `/load-balancers/${id}`);
    await harness.runUntil(id, 'released');
    return [
      ...classesOf(harness.cloud.wireLog.slice(from, middle), 'apply'),
      ...classesOf(harness.cloud.wireLog.slice(middle), 'release'),
    ];
  } finally {
    await harness.close();
  }
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
  /** The fault never struck, because the run took another course. */
  missed?: boolean;
}

const arm = (harness: Harness, cells: Cell[]) => {
  for (const { rule, message } of cells) {
    if (rule !== undefined) harness.cloud.faults.add(rule);
    if (message !== undefined) harness.messageFaults.push(message);
  }
};

/** Whether the fault of the cell has come about; asked before the faults are cleared. */
function hasStruck(harness: Harness, { rule, message }: Cell): boolean {
  if (message !== undefined)
    return harness.messageFaults.some(
      ({ kind, stage, action, struck }) =>
        struck === true && kind === message.kind && stage === message.stage && action === message.action,
    );
  return harness.cloud.faults
    .list()
    .some(
      ({ kind, functionName, service, action, struck }) =>
        struck > 0 &&
        kind === rule?.kind &&
        functionName === rule.functionName &&
        service === rule.service &&
        action === rule.action,
    );
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One deployment: a single fault on its way up, and a single fault on its way down. */
export const runPair = (up: Cell | undefined, down: Cell | undefined, seed: number): Promise<CellResult[]> =>
  runCells(up === undefined ? [] : [up], down === undefined ? [] : [down], seed);

/**
 * One deployment for several cells, each of another function, so that every fault strikes a turn of its own. Where such a
 * batch fails, each of its cells is run alone, and that is its result.
 */
export async function runBatch(up: Cell[], down: Cell[], seed: number): Promise<CellResult[]> {
  const results = await runCells(up, down, seed);
  if (results.every(({ problem }) => problem === undefined)) return results;
  const alone: CellResult[] = [];
  for (let index = 0; index < Math.max(up.length, down.length); index += 1)
    alone.push(...(await runPair(up[index], down[index], seed)));
  return alone;
}

async function runCells(up: Cell[], down: Cell[], seed: number): Promise<CellResult[]> {
  const harness = await start(seed);
  const results: CellResult[] = [];
  const close = (cells: Cell[], problem: string | undefined) => {
    for (const cell of cells) {
      const missed = problem === undefined && !hasStruck(harness, cell);
      results.push({
        name: cell.name,
        fault: cell.fault,
        ...(problem === undefined ? {} : { problem }),
        ...(missed ? { missed } : {}),
      });
    }
    harness.cloud.faults.clear();
    harness.messageFaults.splice(0);
  };
  try {
    let id = '';
    try {
      arm(harness, up);
      id = await post(harness, 'one');
      await harness.runUntil(id, 'ready');
      await harness.runUntilNoneIsLate();
      const record = await harness.record(id);
      const problems = notExactlyOne(harness.cloud, record);
      if (record.status !== 'ready') problems.push(`it is ${record.status} afterwards`);
      close(up, problems.length === 0 ? undefined : problems.join('; '));
    } catch (error) {
      close(up, `${reasonOf(error)} ${await stateOf(harness, id)}`);
      for (const { name, fault } of down)
        results.push({ name, fault, problem: 'not tried: the apply before it failed' });
      return results;
    }
    try {
      arm(harness, down);
      const status = await ask(harness, 'DELETE', `/load-balancers/${id}`);
      if (status !== 202) throw new Error(`DELETE answered ${status}`);
      await harness.runUntil(id, 'released');
      await harness.runUntilNoneIsLate();
      const problems = remainsOf(harness.cloud).map((left) => `left: ${left}`);
      const { status: end } = await harness.record(id);
      if (end !== 'released') problems.push(`it is ${end} afterwards`);
      close(down, problems.length === 0 ? undefined : problems.join('; '));
    } catch (error) {
      close(down, `${reasonOf(error)} ${await stateOf(harness, id)}`);
    }
    return results;
  } finally {
    await harness.close();
  }
}

async function stateOf(harness: Harness, id: string): Promise<string> {
  const record = await harness.record(id).catch(() => undefined);
  if (record === undefined) return '(no record)';
  const action = record.desired === 'ready' ? 'apply' : 'release';
  const open = stageNames
    .filter((name) => record.stages[name][action].state !== 'done')
    .map((name) => `${name} ${record.stages[name][action].state}: ${record.stages[name][action].reason ?? ''}`);
  return `[${record.status}; ${open.slice(0, 4).join('; ')}; ${record.failure?.code ?? ''}]`;
}

export interface RandomResult {
  seed: number;
  faults: string[];
  problem?: string;
}

/**
 * Several faults of all kinds at random moments; in half of the runs also a release at a random moment of the apply, and
 * in some a second release, a retry or a sweep. Ends ready and then released, or released.
 */
export async function runRandom(classes: CallClass[], seed: number): Promise<RandomResult> {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const harness = await start(seed);
  const faults: string[] = [];
  try {
    const count = 2 + Math.floor(random() * 4);
    for (let index = 0; index < count; index += 1) {
      if (random() < 0.25) {
        const fault = {
          kind: pick(messageFaults),
          stage: pick(stageNames),
          action: pick(['apply', 'release'] as const),
          skip: Math.floor(random() * 3),
          lateMs: pick(latenesses),
        };
        harness.messageFaults.push(fault);
        faults.push(`${fault.kind} ${fault.action} ${fault.stage} #${fault.skip}`);
        continue;
      }
      const { functionName, service, action, count: occurrences } = pick(classes);
      const rule = {
        kind: pick(callFaults),
        functionName,
        service,
        action,
        skip: Math.floor(random() * occurrences),
        delayMs: 1000,
      };
      harness.cloud.faults.add(rule);
      faults.push(`${rule.kind} ${functionName.replace('dualstack-alb-', '')} ${action} #${rule.skip}`);
    }
    const releaseAfter = random() < 0.5 ? Math.floor(random() * 60) : undefined;
    const extra = random() < 0.4 ? pick(['release', 'retry', 'sweep'] as const) : undefined;
    const extraAfter = (releaseAfter ?? 0) + Math.floor(random() * 30);
    if (releaseAfter !== undefined) faults.push(`release after ${releaseAfter} messages`);
    if (extra !== undefined) faults.push(`${extra} after ${extraAfter} messages`);

    const id = await post(harness, `random-${seed}`);
    let isReleased = false;
    let isExtraDone = extra === undefined;
    const meddle = async (): Promise<void> => {
      if (releaseAfter !== undefined && !isReleased && harness.delivered >= releaseAfter) {
        isReleased = true;
        await ask(harness, 'DELETE', `/load-balancers/${id}`);
      }
      if (!isExtraDone && harness.delivered >= extraAfter) {
        isExtraDone = true;
        if (extra === 'sweep') await harness.sweep().catch(() => undefined);
        if (extra === 'retry') await ask(harness, 'POST', `/load-balancers/${id}/retry`);
        if (extra === 'release' && isReleased) await ask(harness, 'DELETE', `/load-balancers/${id}`);
      }
    };
    const reach = async (...statuses: string[]): Promise<string> => {
      let status = '';
      await harness.run(async () => {
        await meddle();
        ({ status } = await harness.record(id));
        return statuses.includes(status);
      }, 12 * hours);
      return status;
    };
    const status = await reach('ready', 'released', 'failed');
    await harness.runUntilNoneIsLate();
    if (status === 'failed') throw new Error('it failed');
    if (status === 'ready') {
      const problems = notExactlyOne(harness.cloud, await harness.record(id));
      if (problems.length > 0) throw new Error(problems.join('; '));
      await ask(harness, 'DELETE', `/load-balancers/${id}`);
      const end = await reach('released');
      if (end !== 'released') throw new Error(`it is ${end}, not released`);
      await harness.runUntilNoneIsLate();
    }
    if ((await harness.record(id)).status !== 'released') throw new Error('it is not released');
    const left = remainsOf(harness.cloud);
    if (left.length > 0) throw new Error(`left: ${left.join(', ')}`);
    return { seed, faults };
  } catch (error) {
    const id = harness.cloud.tablestore.rows('dualstack_alb_deployments')[0]?.['id'];
    return { seed, faults, problem: `${reasonOf(error)} ${await stateOf(harness, String(id))}` };
  } finally {
    await harness.close();
  }
}
