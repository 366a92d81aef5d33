import { describe, expect, it } from 'vitest';
import { isUlid, newUlid, ulidTimeMs } from '../../shared/ulid.ts';

describe('a ULID', () => {
  it('carries its instant', () => {
    expect(ulidTimeMs(newUlid(1_795_334_400_123))).toBe(1_795_334_400_123);
  });

  it('is the one of the specification, in lower case', () => {
    // "01ARYZ6S41" is the time of the example in https://github.com/ulid/spec and of its test.
    expect(newUlid(1_469_918_176_385).slice(0, 10)).toBe('01aryz6s41');
  });

  it('sorts by time', () => {
    const ids = [0, 1, 31, 32, 1_700_000_000_000, 1_700_000_000_001, 2 ** 48 - 1].map(newUlid);
    expect([...ids].sort()).toEqual(ids);
  });

  it('is different each time within one millisecond', () => {
    const ids = Array.from({ length: 500 }, () => newUlid(1_795_334_400_123));
    expect(new Set(ids).size).toBe(500);
    expect(ids.every(isUlid)).toBe(true);
  });

  it.each([
    ['upper case', '01JD9XK3V5H2M8Q4T7W0Y6ZABC'],
    ['a letter that is left out', '01jd9xk3v5h2m8q4t7w0y6zabi'],
    ['too short', '01jd9xk3v5h2m8q4t7w0y6zab'],
    ['too long', '01jd9xk3v5h2m8q4t7w0y6zabcd'],
    ['more than 48 bits of time', '81jd9xk3v5h2m8q4t7w0y6zabc'],
    ['nothing', ''],
  ])('is not %s', (_, text) => {
    expect(isUlid(text)).toBe(false);
  });
});
