import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const self = 'test/lint/temporary-files.test.ts';

const sources = ['bench', 'cli', 'functions', 'local', 'shared', 'test']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  .filter((name) => /\.m?[jt]s$/.test(name) && name !== self);

/** Returns whether the folder for temporary files is only ever where a folder of a random name and mode 0700 is made. */
const isPrivate = (text: string): boolean =>
  text.replaceAll(/mkdtemp(Sync)?\(join\(tmpdir\(\), '[\w-]+-'\)\)/g, '').match(/\btmpdir\(\)/) === null;

/** A folder of a fixed name, whose owner and mode are looked at before it is used. */
const checked = ['cli/keys.ts'];

it('temporary files stand in folders that nobody can have made before and only their owner can enter', () => {
  expect(sources.length).toBeGreaterThan(500);
  expect(sources.filter((name) => !isPrivate(readFileSync(join(root, name), 'utf8')))).toEqual(checked);
});

it('no script writes to a name in /tmp that others can guess', () => {
  const scripts = [
    ...readdirSync(join(root, '.ci')).map((name) => `.ci/${name}`),
    ...readdirSync(join(root, 'findings')).map((name) => `findings/${name}`),
  ];
  const guessable = scripts.filter((name) => {
    const text = readFileSync(join(root, name), 'utf8').replaceAll(
      /mktemp( -d)?( "\$\{TMPDIR:-\/tmp\}\/\w+\.XXXXXX")?/g,
      '',
    );
    return /(^|[^\w.-])\/(var\/)?tmp\//m.test(text) || /\$\{?TMPDIR/.test(text);
  });
  expect(guessable).toEqual([]);
});

it.each([
  ['join(tmpdir(), `event-${process.pid}.json`)', false],
  ["mkdtempSync(join(tmpdir(), 'event-'))", true],
  ["await mkdtemp(join(tmpdir(), 'event-'))", true],
  ['writeFileSync(`${tmpdir()}/x`)', false],
])('reads %s', (text, is) => {
  expect(isPrivate(text)).toBe(is);
});
