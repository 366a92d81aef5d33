import type { FaultKind, FaultRule } from '../../local/faults.ts';
import type { WireLogEntry } from '../../local/edge.ts';
import type { Action, StageName } from '../../shared/pipeline.ts';
import { stageNames } from '../../shared/pipeline.ts';
import type { MessageFault } from '../support/harness.ts';

/** One class of calls: which function makes it, which action, in which direction. */
export interface CallClass {
  functionName: string;
  service: string;
  action: string;
  direction: Action;
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
export const messageFaults = ['twice-at-once', 'twice-late', 'lost'] as const;

/** When the second delivery of `twice-late` comes: while its stage is at the next turn, after a whole release, after the lease. */
export const latenesses = [2000, 20_000, 60_000] as const;

/** One field of the matrix: a class and the single fault that strikes it. */
export interface Cell {
  name: string;
  direction: Action;
  fault: CellFault;
  rule?: FaultRule;
  message?: MessageFault;
  /** Why it cannot occur, where it cannot. */
  impossible?: string;
}

const isRead = ({ service, action }: CallClass): boolean =>
  /^(Describe|List|Get)/.test(action) || (service === 'tablestore' && action.startsWith('Get'));

/** The classes of a run without faults, from its wire log. */
export function classesOf(log: WireLogEntry[], direction: Action): CallClass[] {
  const classes = new Map<string, CallClass>();
  for (const { caller, service, action } of log) {
    if (!caller.startsWith('dualstack-alb-')) continue;
    const key = `${caller} ${service} ${action}`;
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { functionName: caller, service, action, direction, count: 1 });
    else known.count += 1;
  }
  return [...classes.values()];
}

/** Every class with every fault, and every stage with every fault of its messages. `pick` chooses which occurrence is struck. */
export function cellsOf(classes: CallClass[], pick: (count: number) => number): Cell[] {
  const cells: Cell[] = [];
  for (const callClass of classes) {
    const { functionName, service, action, direction, count } = callClass;
    for (const fault of callFaults) {
      const name = `${direction} ${functionName.replace('dualstack-alb-', '')} ${service} ${action}`;
      if (isRead(callClass) && (fault === 'reset-after' || fault === 'kill-after')) {
        cells.push({ name, direction, fault, impossible: 'a read has no effect: the same as before the effect' });
        continue;
      }
      cells.push({
        name,
        direction,
        fault,
        rule: { kind: fault, functionName, service, action, skip: pick(count), delayMs: 1000 },
      });
    }
  }
  for (const direction of ['apply', 'release'] as const)
    for (const stage of stageNames)
      for (const fault of messageFaults)
        cells.push({
          name: `${direction} ${stage} message`,
          direction,
          fault,
          message: {
            kind: fault,
            stage: stage satisfies StageName,
            action: direction,
            ...(fault === 'twice-late' ? { lateMs: latenesses[pick(latenesses.length)] ?? 0 } : {}),
          },
        });
  return cells;
}
