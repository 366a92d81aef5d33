import type { FaultKind, FaultRule } from '../../local/faults.ts';
import type { WireLogEntry } from '../../local/edge.ts';
import { stageNames } from '../../shared/pipeline.ts';
import type { MessageFault } from '../support/harness.ts';
import { type Direction, directions, type ScenarioName } from './scenarios.ts';

/** One class of calls: which function makes it, which action, in which direction. */
export interface CallClass {
  scenario: ScenarioName;
  functionName: string;
  service: string;
  action: string;
  direction: Direction;
  /** How often it occurs in a run without faults. */
  count: number;
}

export type CellFault = Exclude<FaultKind, 'error'> | MessageFault['kind'];

export const callFaults = [
  'throttle',
  'unavailable',
  'html-502',
  'reset-before',
  'reset-after',
  'late',
  'kill-before',
  'kill-after',
] as const;
export const messageFaults = ['twice-at-once', 'twice-late', 'lost', 'given-up'] as const;

/** When the second delivery of `twice-late` comes: while its stage is at the next turn, after a whole release, after the lease. */
export const latenesses = [2000, 20_000, 60_000] as const;

/** One field of the matrix: a class and the single fault that strikes it. */
export interface Cell {
  name: string;
  scenario: ScenarioName;
  direction: Direction;
  /** Function whose call or message is struck. */
  functionName: string;
  fault: CellFault;
  rule?: FaultRule;
  message?: MessageFault;
  /** Why it cannot occur, where it cannot. */
  impossible?: string;
}

const prefix = 'dualstack-alb-';

const isRead = ({ service, action }: CallClass): boolean =>
  /^(Describe|List|Get)/.test(action) || (service === 'tablestore' && action.startsWith('Get'));

/** The classes of a run without faults, from its wire log. */
export function classesOf(log: WireLogEntry[], scenario: ScenarioName, direction: Direction): CallClass[] {
  const classes = new Map<string, CallClass>();
  for (const { caller: functionName, service, action } of log) {
    if (!functionName.startsWith(prefix)) continue;
    const key = `${functionName} ${service} ${action}`;
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { scenario, functionName, service, action, direction, count: 1 });
    else known.count += 1;
  }
  return [...classes.values()];
}

/**
 * Whether `one` is among the classes already. A change goes through the stages as an apply does, so of their calls only
 * those are new that no apply makes; what the API is asked for is another thing.
 */
export const isKnown = (known: CallClass[], one: CallClass): boolean =>
  known.some(
    ({ functionName, service, action, direction }) =>
      functionName === one.functionName &&
      service === one.service &&
      action === one.action &&
      (direction === one.direction ||
        (one.direction === 'change' && direction === 'apply' && functionName !== `${prefix}api`)),
  );

/** Every class with every fault, and every stage with every fault of its messages. `pick` chooses which occurrence is struck. */
export function cellsOf(classes: CallClass[], pick: (count: number) => number): Cell[] {
  const cells: Cell[] = [];
  for (const callClass of classes) {
    const { scenario, functionName, service, action, direction, count } = callClass;
    const name = [
      ...(scenario === 'tutorial' ? [] : [scenario]),
      direction,
      functionName.replace(prefix, ''),
      service,
      action,
    ].join(' ');
    for (const fault of callFaults) {
      const cell = { name, scenario, direction, functionName, fault };
      if (isRead(callClass) && (fault === 'reset-after' || fault === 'kill-after'))
        cells.push({ ...cell, impossible: 'a read has no effect: the same as before the effect' });
      else
        cells.push({
          ...cell,
          rule: { kind: fault, functionName, service, action, skip: pick(count), delayMs: 1000 },
        });
    }
  }
  for (const direction of directions)
    for (const stage of stageNames)
      for (const fault of messageFaults)
        cells.push({
          name: `${direction} ${stage} message`,
          scenario: 'tutorial',
          direction,
          functionName: `${prefix}${stage}`,
          fault,
          message: {
            kind: fault,
            stage,
            action: direction === 'release' ? 'release' : 'apply',
            ...(fault === 'twice-late' ? { lateMs: latenesses[pick(latenesses.length)] ?? 0 } : {}),
          },
        });
  return cells;
}

/** Faults of one function that one deployment carries. */
const mostOfFunction = 4;

/** Puts cells together that one deployment carries, of one function at most four, each at a call of its own. */
export function batchesOf(cells: Cell[], size: number): Cell[][] {
  const left = new Map<string, Map<string, Cell[]>>();
  for (const cell of cells) {
    const ofFunction = left.get(cell.functionName) ?? new Map<string, Cell[]>();
    left.set(cell.functionName, ofFunction.set(cell.name, [...(ofFunction.get(cell.name) ?? []), cell]));
  }
  const countOf = (lists: Iterable<Cell[]>): number => [...lists].reduce((sum, list) => sum + list.length, 0);
  const batches: Cell[][] = [];
  for (let count = cells.length; count > 0; count -= batches.at(-1)?.length ?? 0) {
    const batch: Cell[] = [];
    // Those first that have most left: so there are as few batches as can be.
    for (const ofFunction of [...left.values()].sort((a, b) => countOf(b.values()) - countOf(a.values())))
      for (const list of [...ofFunction.values()]
        .sort((a, b) => b.length - a.length)
        .slice(0, Math.min(mostOfFunction, size - batch.length)))
        batch.push(...list.splice(0, 1));
    batches.push(batch);
  }
  return batches;
}
