import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../cli/build.mjs';

it('docs/security.md names tests that are there, one at least for each attack', () => {
  const [, list = ''] = readFileSync(join(root, 'docs', 'security.md'), 'utf8').split('## The attack list');
  const rows = list.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| attack'));
  const attacks = rows.filter((line) => !line.startsWith('| -')).map((line) => line.split('|').slice(1, 3));
  expect(attacks.length).toBeGreaterThan(12);
  for (const [attack, tests = ''] of attacks) {
    const named = [...tests.matchAll(/test\/[\w./-]+/g)].map(([name]) => name.replace(/\.$/, ''));
    expect(named, attack).not.toEqual([]);
    expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  }
});
