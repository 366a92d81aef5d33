import { describe, expect, it } from 'vitest';
import { inert } from '../../../shared/alert/text.ts';

describe('inert text', () => {
  it.each([
    ['https://evil.example', 'https:|//evil.example'],
    ['[click](https://evil.example)', '[click]|(https:|//evil.example)'],
    ['[a][b] [c]: d', '[a]|[b] [c]|: d'],
    ['<at id=all></at>', '<|at id=all><|/at>'],
    ['<@U1> <!channel> @all a@b.c', '<|@|U1> <|!channel> @|all a@|b.c'],
    ['1 < 2, x <3, [2408:4002::1]', '1 < 2, x <3, [2408:4002::1]'],
  ])('%s is broken up where it would be a link or a mention', (text, expected) => {
    expect(inert(text).replaceAll('\u2060', '|')).toBe(expected);
  });
});
