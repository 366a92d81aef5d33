import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { idsInTitles, readPitfalls, runPitfalls } from '../../cli/pitfalls.ts';

// The texts below that look like tests are put together here, so that they show nothing of this very repository.
const [one, two, three, unknown] = ['001', '002', '003', '999'].map((number) => `P-${number}`);

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the command over a checkout made of the given list and test files. */
async function run(list: unknown, tests: Record<string, string> = {}, args: string[] = []) {
  const root = mkdtempSync(join(tmpdir(), 'pitfalls-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'docs'));
  mkdirSync(join(root, 'test', 'deep'), { recursive: true });
  writeFileSync(join(root, 'docs', 'pitfalls.json'), typeof list === 'string' ? list : JSON.stringify(list));
  for (const [name, text] of Object.entries(tests)) writeFileSync(join(root, 'test', name), text);
  return await printed(args, root);
}

async function printed(args: string[], root: string) {
  const out: string[] = [];
  const errors: string[] = [];
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text: string) => out.push(...text.split('\n'))),
    vi.spyOn(console, 'error').mockImplementation((text: string) => errors.push(...text.split('\n'))),
  ];
  try {
    const code = await runPitfalls(args, { root });
    return { code, out, errors };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const shown = { id: 'P-001', title: 'A trap that a test shows' };
const reasoned = { id: 'P-002', title: 'A trap of later', untested: 'belongs to what does not exist yet' };
const bare = { id: 'P-003', title: 'A forgotten trap' };

describe('the command', () => {
  it('prints what no test shows, with the reason', async () => {
    const { code, out, errors } = await run([shown, reasoned], { 'a.test.ts': `it('${one}: waits', () => {});` });
    expect(out).toEqual([
      'P-002  A trap of later',
      '       why: belongs to what does not exist yet',
      '',
      '2 pitfalls: 1 shown by tests, 1 without a test for the reason given',
    ]);
    expect({ code, errors }).toEqual({ code: 0, errors: [] });
  });

  it('fails for a pitfall with neither test nor reason', async () => {
    const { code, errors } = await run([bare]);
    expect(code).toBe(1);
    expect(errors).toEqual(['P-003 has neither a test nor a reason: A forgotten trap']);
  });

  it('fails for a reason beside a test', async () => {
    const { code, errors } = await run([reasoned], { 'deep/a.test.ts': `describe("${two}: x", () => {});` });
    expect(code).toBe(1);
    expect(errors).toEqual(['P-002 has a test in test/deep/a.test.ts: take its reason out of the list']);
  });

  it('fails for a number that nobody knows', async () => {
    const { code, errors } = await run([shown], { 'a.test.ts': `it('${one}: x'); it('${unknown}: y');` });
    expect(code).toBe(1);
    expect(errors).toEqual(['P-999 in test/a.test.ts is not in the list']);
  });

  it('fails for a number that is listed twice', async () => {
    const { code, errors } = await run([reasoned, reasoned]);
    expect(code).toBe(1);
    expect(errors).toEqual(['P-002 is listed twice']);
  });

  it('names the files of those that are shown with --all', async () => {
    const { out } = await run([shown], { 'a.test.ts': `it('${one}: x');`, 'b.test.ts': `it('${one}: y');` }, ['--all']);
    expect(out.slice(0, 3)).toEqual([
      'P-001  A trap that a test shows',
      '       test/a.test.ts',
      '       test/b.test.ts',
    ]);
  });

  it('keeps to 80 columns', async () => {
    const long = 'many words '.repeat(30).trim();
    const { out, errors } = await run([
      { id: 'P-001', title: long, untested: long },
      { id: 'P-002', title: long },
    ]);
    expect([...out, ...errors].filter((line) => line.length > 80)).toEqual([]);
    expect(out.join(' ').replaceAll(/\s+/g, ' ')).toContain(`${one} ${long} why: ${long}`);
  });

  it.each([
    ['no JSON', '{', /cannot read .*pitfalls\.json/],
    ['an id of another form', [{ id: '27', title: 'x' }], /0\.id/],
    ['a field that nobody knows', [{ id: 'P-001', title: 'x', reason: 'y' }], /reason/],
  ])('says what is wrong with a list that is %s', async (_, list, message) => {
    await expect(run(list)).rejects.toThrow(message);
  });

  it('refuses an unknown option', async () => {
    await expect(run([], {}, ['--fast'])).rejects.toThrow('--fast');
  });

  it('explains itself', async () => {
    const { code, out } = await run([], {}, ['--help']);
    expect(code).toBe(0);
    expect(out.join('\n')).toContain('npm run pitfalls');
    expect(out.filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('a test shows a pitfall', () => {
  it.each([
    ['with its id first', `  it('${one}: waits', async () => {`, [one]],
    ['with several ids', `it('${one} ${two}, ${three}: waits', () => {`, [one, two, three]],
    ['in a table of cases', `  ])('${one}: %s', (_, x) => {`, [one]],
    ['in the name of a case', `    ['${one}: a', 1], ['${two}: b', 2],`, [one, two]],
    ['in double quotes', `it("${one}: doesn't wait", () => {`, [one]],
  ])('%s', (_, line, ids) => {
    expect(idsInTitles(line)).toEqual(ids);
  });

  it.each([
    ['with its id at the end', `it('waits (${one})', () => {`],
    ['without a colon', `it('${one} waits', () => {`],
    ['by a comment', `// it('${one}: waits', () => {`],
    ['by a line of a docstring', ` * '${one}: waits'`],
    ['when it is skipped', `it.skip('${one}: waits', () => {`],
    ['as a todo', `it.todo('${one}: waits');`],
  ])('not %s', (_, line) => {
    expect(idsInTitles(line)).toEqual([]);
  });
});

describe('the list of this repository', () => {
  const pitfalls = readPitfalls(join(repository, 'docs', 'pitfalls.json'));

  it('has every number from 1 to 189', () => {
    expect(pitfalls.map(({ id }) => id)).toEqual(
      Array.from({ length: 189 }, (_, index) => `P-${String(index + 1).padStart(3, '0')}`),
    );
  });

  it('has titles of one line', () => {
    expect(pitfalls.filter(({ title }) => title.length > 73 || title.endsWith('.'))).toEqual([]);
  });

  it('has a test or a reason for each', async () => {
    const { code, errors } = await printed([], repository);
    expect(errors).toEqual([]);
    expect(code).toBe(0);
  });
});
