import { expect, it } from 'vitest';
import { inParallel } from '../../shared/in-parallel.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('works on no more items at once than it may', async () => {
  let atWork = 0;
  let most = 0;
  const begun: number[] = [];
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    begun.push(item);
    most = Math.max(most, (atWork += 1));
    for (let turns = 0; turns < item; turns += 1) await turn();
    atWork -= 1;
  });
  expect(most).toBe(3);
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

it('does nothing without items', async () => {
  await inParallel([], 3, () => Promise.reject(new Error('no item')));
});

it('throws what the work throws, while the others go on', async () => {
  const done: number[] = [];
  const failing = inParallel([1, 2, 3], 2, async (item) => {
    if (item === 1) throw new Error('one');
    await turn();
    done.push(item);
  });
  await expect(failing).rejects.toThrow('one');
  await turn();
  await turn();
  expect(done).toEqual([2, 3]);
});
