import { describe, expect, it } from 'vitest';
import { normalPortRange, portRangeOf } from '../../../shared/net/port-range.ts';

describe('a range of ports', () => {
  it.each([
    ['80/80', '80/80'],
    ['080/80', '80/80'],
    ['00080/00443', '80/443'],
    ['443/80', '80/443'],
    ['-1/-1', '-1/-1'],
  ])('has one spelling: %s', (text, spelling) => {
    expect(normalPortRange(text)).toBe(spelling);
  });

  it.each(['-1/-1', '80', '80-90', '80/', '/80', '80/-1', '1e3/2000', ''])('is none: %j', (text) => {
    expect(portRangeOf(text)).toBeUndefined();
    expect(normalPortRange(text)).toBe(text);
  });
});
