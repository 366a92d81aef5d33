import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/first-day.md', root), 'utf8');
const entries = text
  .split(/^### /m)
  .slice(1)
  .map((entry) => {
    const [title = '', ...lines] = entry.split(/^## /m)[0]?.trim().split('\n') ?? [];
    return { title, lines: lines.filter((line) => line !== '') };
  });

it('asks every question with what to try, what is expected and what else is done', () => {
  expect(entries.map(({ title }) => title.split('.')[0])).toEqual(entries.map((_, index) => String(index + 1)));
  for (const { title, lines } of entries) {
    expect(title).toMatch(/\?$/);
    expect(lines.map((line) => /^- (try|expect|else): ./.exec(line)?.[1])).toEqual(['try', 'expect', 'else']);
  }
});

it('names commands and files that exist', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object };
  const commands = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
  expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  const files = [...text.matchAll(/(?:policies|events|test)\/[\w./-]+|s-one-queue\.yaml/g)].map(([file]) => file);
  expect(files.filter((file) => !existsSync(new URL(file.replace(/\/queue-\.?$/, ''), root)))).toEqual([]);
});
