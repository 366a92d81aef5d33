import type { Budget } from './budget.ts';

/** `limit`: items at work at once. */
export interface Bounds {
  limit: number;
  budget: Budget;
}

/**
 * Runs `work` for every item, in their order. Begins none once the budget has ended.
 *
 * @returns the items that were not begun.
 * @throws what `work` throws first; the others go on.
 */
export async function inParallel<T>(
  items: readonly T[],
  { limit, budget }: Bounds,
  work: (item: T) => Promise<void>,
): Promise<T[]> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < items.length && !budget.isSpent) {
      next += 1;
      await work(items[next - 1] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, one));
  return items.slice(next);
}

/**
 * Returns what `work` makes of every item, in their order.
 *
 * @throws what `work` throws first, once those under way have ended; OutOfTimeError where the budget ends before all are done.
 */
export async function mapInParallel<T, R>(
  items: readonly T[],
  bounds: Bounds,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const left = await inParallel([...items.entries()], bounds, async ([index, item]) => {
    if (failures.length > 0) return;
    try {
      results[index] = await work(item);
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
  if (left.length > 0) throw bounds.budget.exceeded(`${left.length} of ${items.length}`);
  return results;
}
