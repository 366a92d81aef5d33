import { expect, it } from 'vitest';
import { isPattern } from '../../../shared/probe/pattern.ts';

it.each([
  ['this is (ipv[46]) rs', true],
  ['server=(\\w+)', true],
  ['(a+)+$', false],
  ['(a|a)*b', false],
  ['(.)\\1', false],
  ['a.*b.*c.*d', false],
  ['(', false],
])('%s may be run on strangers’ answers: %s', (pattern, is) => {
  expect(isPattern(pattern)).toBe(is);
});
