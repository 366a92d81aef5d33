import { expect, it } from 'vitest';
import { Budget, OutOfTimeError } from '../../shared/budget.ts';
import { inParallel, mapInParallel } from '../../shared/in-parallel.ts';

const bounds = (limit: number, budget = Budget.unlimited()) => ({ limit, budget });
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('works on no more items at once than it may', async () => {
  let atWork = 0;
  let most = 0;
  const begun: number[] = [];
  await inParallel([1, 2, 3, 4, 5, 6, 7], bounds(3), async (item) => {
    begun.push(item);
    most = Math.max(most, (atWork += 1));
    for (let turns = 0; turns < item; turns += 1) await turn();
    atWork -= 1;
  });
  expect(most).toBe(3);
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

it('does nothing without items', async () => {
  await inParallel([], bounds(3), () => Promise.reject(new Error('no item')));
});

it('throws what the work throws, while the others go on', async () => {
  const done: number[] = [];
  const failing = inParallel([1, 2, 3], bounds(2), async (item) => {
    if (item === 1) throw new Error('one');
    await turn();
    done.push(item);
  });
  await expect(failing).rejects.toThrow('one');
  await turn();
  await turn();
  expect(done).toEqual([2, 3]);
});

it('begins nothing once the budget has ended, and says what is left', async () => {
  let nowMs = 0;
  const budget = new Budget(100, () => nowMs);
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await turn();
    nowMs += 30;
  };
  expect(await inParallel([1, 2, 3, 4, 5, 6, 7], bounds(2, budget), work)).toEqual([6, 7]);
  expect(begun).toEqual([1, 2, 3, 4, 5]);
  await expect(mapInParallel([1], bounds(2, budget), work)).rejects.toBeInstanceOf(OutOfTimeError);
});

it('returns what was made of each item in their order, however they end', async () => {
  const doubled = await mapInParallel([3, 1, 2], bounds(3), async (item) => {
    for (let turns = 0; turns < item; turns += 1) await turn();
    return 2 * item;
  });
  expect(doubled).toEqual([6, 2, 4]);
});

it('throws what went wrong with one item once those under way have ended', async () => {
  const ended: number[] = [];
  const failing = mapInParallel([1, 2, 3, 4], bounds(2), async (item) => {
    if (item === 1) throw new Error('one');
    await turn();
    ended.push(item);
  });
  await expect(failing).rejects.toThrow('one');
  expect(ended).toEqual([2]);
});
