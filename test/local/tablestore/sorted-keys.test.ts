import { assert, nat, property, string, uniqueArray } from 'fast-check';
import { expect, it } from 'vitest';
import { SortedKeys } from '../../../local/tablestore/sorted-keys.ts';

const keysOf = (keys: Iterable<string>): SortedKeys => {
  const sorted = new SortedKeys();
  for (const key of keys) sorted.add(key);
  return sorted;
};

it('gives the keys between two bounds in order, whatever has come and gone', () => {
  const key = string({ maxLength: 3 });
  assert(
    property(uniqueArray(key), nat(), key, key, (added, removals, one, other) => {
      const sorted = keysOf(added);
      const removed = added.slice(0, removals % (added.length + 1));
      for (const each of removed) sorted.remove(each);
      const there = added.slice(removed.length).sort((a, b) => (a < b ? -1 : 1));
      expect(sorted.all()).toEqual(there);
      expect([...sorted.forward(one, other)]).toEqual(there.filter((each) => each >= one && each < other));
      expect([...sorted.backward(one, other)]).toEqual(there.filter((each) => each <= one && each > other).reverse());
    }),
  );
});

it('looks at what is taken from a range, not at all keys', () => {
  let looks = 0;
  // Compares as a string does, and counts.
  const counted = (index: number): string =>
    ({
      [Symbol.toPrimitive]() {
        looks += 1;
        return String(index).padStart(6, '0');
      },
    }) as unknown as string;
  const keys = Array.from({ length: 10_000 }, (_, index) => counted(index));
  const sorted = keysOf(keys);
  for (const range of [sorted.forward(keys[5000] as string, '999999'), sorted.backward(keys[5000] as string, '')]) {
    looks = 0;
    for (let taken = 0; taken < 10; taken += 1) expect(range.next().done).toBe(false);
    expect(looks).toBeLessThan(50);
  }
});
