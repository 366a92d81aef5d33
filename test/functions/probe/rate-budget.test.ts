import { array, assert, integer, nat, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowanceOf, RateBudget } from '../../../functions/probe/rate-budget.ts';
import { firstAt } from '../../../shared/first-at.ts';

const calls = 3;
const tickMs = Date.UTC(2026, 10, 23);

/** The budgets of all shards of a tick, and their clock. */
const budgetsOf = (shards: number, perSecond: number, ofTickMs = tickMs) => {
  const clock = { ms: 0 };
  const budgets = Array.from(
    { length: shards },
    (_, shard) => new RateBudget(allowanceOf({ shard, shards, tickMs: ofTickMs }, perSecond, calls), () => clock.ms),
  );
  return { clock, budgets };
};

describe('the budget of a shard', () => {
  it('holds all that the rate gives where one shard is all', () => {
    const { budgets } = budgetsOf(1, 20);
    expect(Array.from({ length: 8 }, () => budgets[0]?.take(calls))).toEqual([...Array(6).fill(true), false, false]);
  });

  it.each([1, 2, 3])('holds one view at once when %i calls a second are allowed', (perSecond) => {
    const { budgets, clock } = budgetsOf(1, perSecond);
    expect(budgets[0]?.take(calls)).toBe(true);
    expect(budgets[0]?.take(calls)).toBe(false);
    clock.ms += (1000 * calls) / perSecond;
    expect(budgets[0]?.take(calls)).toBe(true);
  });

  it.each([7, 20, 100])('lets each of %i shards have a view in its turn', (shards) => {
    const { budgets, clock } = budgetsOf(shards, 20);
    clock.ms = (1000 * calls * shards) / 20;
    expect(budgets.every((budget) => budget.take(calls))).toBe(true);
  });

  it('gives the first views of a tick to shards that were not first at the last', () => {
    const firsts = (ofTickMs: number) =>
      budgetsOf(20, 20, ofTickMs).budgets.flatMap((budget, shard) => (budget.take(calls) ? [shard] : []));
    expect(firsts(tickMs)).toHaveLength(6);
    const [before, after] = [firsts(tickMs), firsts(tickMs + 60_000)];
    expect(after.filter((shard) => before.includes(shard)).length).toBeLessThan(6);
    const served = new Set(Array.from({ length: 5 }, (_, tick) => firsts(tickMs + tick * 60_000)).flat());
    expect(served.size).toBe(20);
  });
});

it('all shards together keep to the rate from the tick on', () => {
  assert(
    property(
      integer({ min: 1, max: 60 }),
      integer({ min: 1, max: 100 }),
      integer({ min: 0, max: 1000 }),
      array(tuple(nat({ max: 59 }), nat({ max: 3000 })), { maxLength: 200 }),
      (shards, perSecond, tick, wishes) => {
        const { budgets, clock } = budgetsOf(shards, perSecond, tickMs + tick * 60_000);
        let made = 0;
        for (const [shard, afterMs] of wishes) {
          clock.ms += afterMs;
          while (budgets[shard % shards]?.take(calls)) made += calls;
          expect(made).toBeLessThanOrEqual(Math.max(perSecond, calls) + (clock.ms * perSecond) / 1000 + 1e-6);
        }
      },
    ),
  );
});

it('who is first at a tick comes around to everyone', () => {
  const longest = (count: number, served: number) => {
    const last = new Map<number, number>();
    let gap = 0;
    for (let tick = 0; tick < 500; tick += 1)
      for (let index = 0; index < served; index += 1) {
        const one = (firstAt(tickMs + tick * 60_000, count) + index) % count;
        gap = Math.max(gap, tick - (last.get(one) ?? 0));
        last.set(one, tick);
      }
    return gap;
  };
  expect(firstAt(tickMs, 1)).toBe(0);
  // A fourth of them is served at each tick: nobody waits much longer than four ticks.
  expect(longest(50, 13)).toBeLessThanOrEqual(8);
});
