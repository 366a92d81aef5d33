import { array, assert, constantFrom, letrec, oneof, property, record, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, longestSearched, patternProblem } from '../../../shared/probe/pattern.ts';

describe('a pattern', () => {
  it.each(['this is (ipv[46]) rs', 'server=(\\w+)', '"node"\\s*:\\s*"([^"]+)"', '(?i)<title>(.*?)</title>', '(a+)+$'])(
    'may be %s',
    (pattern) => {
      expect(patternProblem(pattern)).toBeUndefined();
    },
  );

  it.each([
    ['(.)\\1', /invalid escape sequence: `\\1`/],
    ['(?=a)b', /unsupported Perl syntax: `\(\?=`/],
    ['(', /missing closing \)/],
    ['.{1000}'.repeat(28), /28002 instructions, more than 256/],
  ])('may not be %s, and it is said why', (pattern, why) => {
    expect(patternProblem(pattern)).toMatch(why);
  });

  it.each([
    ['this is (ipv[46]) rs', 'Hello World ! this is ipv6 rs.', 'ipv6'],
    ['web-\\d+', 'from web-12', 'web-12'],
    ['(?:a(b))?c', 'c', 'c'],
    ['x', 'y', undefined],
    ['x', `${'y'.repeat(longestSearched)}x`, undefined],
  ])('%s finds in %s: %s', (pattern, text, found) => {
    expect(compilePattern(pattern)(text)).toBe(found);
  });
});

/** Of this thread and what works for it: a loaded machine takes longer, and no more of it. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A search that goes back over what it has tried took minutes for these. */
const mostCpuMs = 5000;

describe('no answer makes a search long', () => {
  it.each([
    ['a.*b.*c', 'ab'.repeat(2048)],
    [`${'(?:a|a)?'.repeat(15)}b`, 'a'.repeat(4096)],
    ['(a+)+$', `${'a'.repeat(4096)}b`],
    ['(a|b)*a(a|b){60}c', `${'a'.repeat(8000)}c`],
    ['(.*a.{248})', 'a'.repeat(longestSearched)],
  ])('%s', (pattern, text) => {
    const find = compilePattern(pattern);
    expect(cpuMs(() => find(text))).toBeLessThan(mostCpuMs);
  });

  it('whatever the pattern, on what it nearly matches', () => {
    const atoms = ['a', 'b', '.', '\\w', '[^c]', '[ab]', 'a|a', 'ab|a', '', '\\b', '^', '(?i)A'];
    const repeats = ['', '*', '+', '?', '*?', '{2,}', '{0,9}', '{20}'];
    const { pattern } = letrec<{ pattern: string; piece: string }>((tie) => ({
      piece: oneof(
        { depthSize: 'small', withCrossShrink: true },
        constantFrom(...atoms),
        tuple(tie('pattern'), constantFrom('(', '(?:')).map(([inner, open]) => `${open}${inner})`),
      ),
      pattern: array(tuple(tie('piece'), constantFrom(...repeats)), { minLength: 1, maxLength: 6 }).map((pieces) =>
        pieces.map(([piece, repeat]) => (piece === '' ? '' : `(?:${piece})${repeat}`)).join(''),
      ),
    }));
    const body = record({
      unit: string({ unit: constantFrom('a', 'b', 'ab', ' '), minLength: 1, maxLength: 8 }),
      end: constantFrom('', 'c', '\n', 'ä'),
    }).map(({ unit, end }) => `${unit.repeat(longestSearched).slice(0, longestSearched - 1)}${end}`);
    let searched = 0;
    assert(
      property(pattern, constantFrom('', 'c', '$', '[^ab]'), body, (start, end, text) => {
        const tried = `${start}${end}`.slice(0, 200);
        if (patternProblem(tried) !== undefined) return;
        searched += 1;
        const find = compilePattern(tried);
        expect(cpuMs(() => find(text))).toBeLessThan(mostCpuMs);
      }),
      { numRuns: 200 },
    );
    expect(searched).toBeGreaterThan(50);
  });
});
