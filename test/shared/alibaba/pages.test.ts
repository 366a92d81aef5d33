import { describe, expect, it } from 'vitest';
import { batches, numberedPages, tokenPages } from '../../../shared/alibaba/pages.ts';

describe('numbered pages', () => {
  it('end at an empty page, whatever the count says', async () => {
    const pages = [['a', 'b'], ['c'], []];
    const all = await numberedPages(2, ({ pageNumber }) =>
      Promise.resolve({ rows: pages[pageNumber - 1], totalCount: 9 }),
    );
    expect(all).toEqual(['a', 'b', 'c']);
  });

  it('take a missing list for an empty one', async () => {
    expect(await numberedPages(2, () => Promise.resolve({ rows: undefined, totalCount: undefined }))).toEqual([]);
  });
});

describe('pages by token', () => {
  it('refuse to go in a circle', async () => {
    const page = () => Promise.resolve({ rows: ['a'], nextToken: 'same' });
    await expect(tokenPages(page)).rejects.toThrow('repeats the token');
  });
});

describe('batches', () => {
  it('hold at most the given number', () => {
    expect(batches([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('of nothing are none', () => {
    expect(batches([], 2)).toEqual([]);
  });
});
