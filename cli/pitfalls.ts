import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as z from 'zod';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { parseOptions } from './options.ts';

const help = `npm run pitfalls -- [options]: which traps of the vendor's services and SDKs no
test shows, and why

A test shows a pitfall when its title begins with the number: "P-027: waits...".

  --all     also those that a test shows, with the files
  --help    this text

Exits with 1 if a pitfall has neither test nor reason, if a reason stands for
one that has a test, or if a test names a number that does not exist.`;

const pitfallsSchema = z.array(
  z.strictObject({
    id: z.string().regex(/^P-\d{3}$/),
    title: z.string().min(1),
    /** Why no test shows it. */
    untested: z.string().min(1).optional(),
  }),
);

export type Pitfall = z.infer<typeof pitfallsSchema>[number];

/** Files whose test titles carry an id, by id. */
export type Shown = Map<string, string[]>;

/** @throws CommandError when the list cannot be read. */
export function readPitfalls(path: string): Pitfall[] {
  let parsed: ReturnType<typeof pitfallsSchema.safeParse>;
  try {
    parsed = pitfallsSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!parsed.success)
    throw new CommandError(
      `${path}: ${parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
    );
  return parsed.data;
}

/** A text that begins with ids and a colon. */
const titled = /['"`](?<ids>P-\d{3}(?:[ ,]+P-\d{3})*): /g;

/** What stands before the title of a test that does not run, or before a comment. */
const runsNot = /\.(?:todo|skip)(?:\.each)?\($|^\s*(?:\/\/|\*)/;

/** Ids at the start of titles in the text of a test file; skipped tests and todos show nothing. */
export function idsInTitles(text: string): string[] {
  const ids = new Set<string>();
  for (const line of text.split('\n'))
    for (const match of line.matchAll(titled)) {
      if (runsNot.test(line.slice(0, match.index))) continue;
      for (const id of match.groups?.['ids']?.match(/P-\d{3}/g) ?? []) ids.add(id);
    }
  return [...ids];
}

/** Looks through every `*.test.ts` below a folder. */
export function scanTests(folder: string, root: string): Shown {
  const shown: Shown = new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files)
    for (const id of idsInTitles(readFileSync(file, 'utf8')))
      shown.set(id, [...(shown.get(id) ?? []), relative(root, file)]);
  return shown;
}

export interface PitfallReport {
  lines: string[];
  problems: string[];
}

export function reportPitfalls(pitfalls: Pitfall[], shown: Shown, isWhole: boolean): PitfallReport {
  const lines: string[] = [];
  const problems: string[] = [];
  const known = new Set<string>();
  let untested = 0;
  for (const { id, title, untested: reason } of pitfalls) {
    if (known.has(id)) problems.push(`${id} is listed twice`);
    known.add(id);
    const files = shown.get(id) ?? [];
    if (files.length === 0) untested += 1;
    if (files.length === 0 && reason === undefined) problems.push(`${id} has neither a test nor a reason: ${title}`);
    if (files.length > 0 && reason !== undefined)
      problems.push(`${id} has a test in ${files.join(', ')}: take its reason out of the list`);
    if (files.length > 0 && !isWhole) continue;
    lines.push(...wrap(`${id}  ${title}`, 7));
    for (const file of files) lines.push(`       ${file}`);
    if (files.length === 0) lines.push(...wrap(`       why: ${reason ?? 'nobody says'}`, 12));
  }
  for (const [id, files] of shown) if (!known.has(id)) problems.push(`${id} in ${files.join(', ')} is not in the list`);
  lines.push(
    '',
    ...wrap(
      `${pitfalls.length} pitfalls: ${pitfalls.length - untested} shown by tests, ${untested} without a test for the reason given`,
      0,
    ),
  );
  return { lines, problems };
}

const width = 80;

/** Breaks at blanks; later lines begin under the text of the first. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    const end = at <= indent ? width : at;
    lines.push(rest.slice(0, end).trimEnd());
    rest = ' '.repeat(indent) + rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

/** @returns the exit code. */
export async function runPitfalls(args: string[], { root }: Pick<Checkout, 'root'>): Promise<number> {
  const options = parseOptions(args, {
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const pitfalls = readPitfalls(join(root, 'docs', 'pitfalls.json'));
  const { lines, problems } = reportPitfalls(pitfalls, scanTests(join(root, 'test'), root), options.all);
  console.log(lines.join('\n'));
  for (const problem of problems) console.error(wrap(problem, 6).join('\n'));
  return problems.length === 0 ? 0 : 1;
}
