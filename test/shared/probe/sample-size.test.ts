import { expect, it } from 'vitest';
import { sampleSize } from '../../../shared/probe/sample-size.ts';

it('asks 20 times at equal weights', () => {
  expect(sampleSize([100, 100])).toMatchObject({ count: 20, wanted: 20 });
});

it('asks 145 times at 1:10', () => {
  expect(sampleSize([10, 100])).toMatchObject({ count: 145, wanted: 145 });
});

it('leaves weight 0 out', () => {
  expect(sampleSize([100, 100, 0]).count).toBe(20);
});

it('tells the achieved probability where it is capped', () => {
  const size = sampleSize([1, 100], 200);
  expect(size).toMatchObject({ count: 200, wanted: 1389 });
  expect(size.missProbability).toBeCloseTo(0.1367, 3);
});

it('asks a single backend once', () => {
  expect(sampleSize([100])).toEqual({ count: 1, wanted: 1, missProbability: 0 });
});
