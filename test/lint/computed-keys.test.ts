import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('refuses a key that is only known when the code runs', () => {
  const { status, stderr } = spawnSync('node', ['.ci/computed-keys.mjs', 'test/lint/sample'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr.split('\n\n', 1)[0]?.trim().split('\n')).toEqual([
    'test/lint/sample/keys.ts:12: table[word]',
    'test/lint/sample/keys.ts:12: two[word as keyof Two]',
    'test/lint/sample/keys.ts:12: word in table',
    'test/lint/sample/keys.ts:13: [word]: alsoRefused',
    'test/lint/sample/keys.ts:16: table[word]',
    'test/lint/sample/keys.ts:18: rows[key]',
  ]);
});
