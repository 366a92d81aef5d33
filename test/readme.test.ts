import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../cli/main.ts';
import { EmbeddedCloud } from '../local/cloud.ts';
import { type ControlPlane, startControlPlane } from '../local/control-plane.ts';
import { faultKinds, faultRule, parseFaultRules } from '../local/faults.ts';
import { VirtualClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { pipeline, stageNames } from '../shared/pipeline.ts';
import { parseWatchSpec } from '../shared/watch/spec.ts';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const readme = read('README.md');
/** The README, and what it leaves to others. */
const texts = new Map(
  ['README.md', 'docs/probes-and-alerts.md', 'docs/settings-and-options.md', 'docs/embedded-cloud.md'].map((path) => [
    path,
    read(path),
  ]),
);

/** Text from a heading to the next one of the same or a higher level, of the README or of the file that it leaves it to. */
function section(title: string, path = 'README.md'): string {
  const text = texts.get(path) ?? '';
  const match = new RegExp(`^(#+) ${title}$`, 'm').exec(text);
  if (match === null) throw new Error(`${path} has no section ${title}`);
  const rest = text.slice(match.index + match[0].length);
  const end = new RegExp(`^#{1,${match[1]?.length ?? 1}} `, 'm').exec(rest)?.index ?? rest.length;
  return rest.slice(0, end);
}

/** Cells of all tables of a text, without header and rule. */
const rows = (text: string): string[][] =>
  [...text.matchAll(/^\|(.*)\|$/gm)]
    .map(([, row = '']) => row.split('|').map((cell) => cell.trim()))
    .filter((cells, index, all) => !isRule(cells) && !isRule(all[index + 1] ?? []));
const isRule = (cells: string[]): boolean => cells.length > 0 && cells.every((cell) => /^:?-+:?$/.test(cell));

const blocks = (language: string, text = readme): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);

/** What a heading is reached by. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );

const codes = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

describe('README.md', () => {
  let cloud: EmbeddedCloud;
  let functions: ControlPlane;
  beforeAll(async () => {
    cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()), controlToken: null });
    await cloud.start();
    functions = startControlPlane(cloud, { workerPath: '', environment: {} });
  });
  afterAll(async () => {
    await functions.close();
    await cloud.close();
  });

  it('lists the emulated actions of every service', async () => {
    const answer = await fetch(`${cloud.url}/_local/actions`);
    const services = (await answer.json()) as Record<string, { version: string; actions: string[] }>;
    const actual = Object.entries(services).map(
      ([name, { version, actions }]) => `\`${name}\` ${version}: ${actions.toSorted().join(', ')}`,
    );
    const listed = [
      ...section('Emulated actions', 'docs/embedded-cloud.md').matchAll(/^- ((?:.+\n)(?: {2}.+\n)*)/gm),
    ].map(([, item = '']) => item.trim().replaceAll(/\s+/g, ' '));
    expect(listed).toEqual(actual);
  });

  it('lists the controls', async () => {
    const { error } = (await (await fetch(`${cloud.url}/_local/`)).json()) as { error: string };
    const actual = error
      .slice(error.indexOf('there are: ') + 'there are: '.length)
      .split(', ')
      .toSorted();
    const listed = rows(section('Controls', 'docs/embedded-cloud.md')).map(
      ([first = '']) => /^`([A-Z]+ \/_local\/[a-z-]+)/.exec(first)?.[1] ?? first,
    );
    expect(listed.toSorted()).toEqual(actual);
  });

  it('draws the graph of stages as it is', () => {
    const [graph = ''] = blocks('mermaid');
    const drawn = [...graph.matchAll(/^ {2}([a-z0-9-]+) --> ([a-z0-9-]+)$/gm)].map(([, from, to]) => `${from} ${to}`);
    const actual = stageNames.flatMap((name) => pipeline[name].needs.map((need) => `${need} ${name}`));
    expect(drawn.toSorted()).toEqual(actual.toSorted());
  });

  it('says what each stage does', () => {
    const [, table = ''] = section('Stages and queues').split(/^\| stage +\|/m);
    expect([...table.matchAll(/^\| `([a-z0-9-]+)` +\|/gm)].map(([, name]) => name)).toEqual([...stageNames]);
  });

  it('lists the settings', () => {
    const source = readFileSync(new URL('shared/config.ts', root), 'utf8');
    const names = [...source.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => `DUALSTACK_ALB_${name}`);
    const listed = rows(section('Settings', 'docs/settings-and-options.md')).map(([name = '']) => codes(name)[0] ?? '');
    expect(listed.toSorted()).toEqual(names.toSorted());
    expect(() => loadConfig(Object.fromEntries([...listed, 'DUALSTACK_ALB_NONE'].map((name) => [name, '?'])))).toThrow(
      /^(?!.*(?<!_NONE): is not a setting).*DUALSTACK_ALB_NONE: is not a setting/,
    );
  });

  describe('the options', () => {
    /** What a command prints without doing anything. */
    async function said(...args: string[]): Promise<string> {
      const lines: string[] = [];
      const speak = (line: unknown) => void lines.push(String(line));
      const spies = [
        vi.spyOn(console, 'log').mockImplementation(speak),
        vi.spyOn(console, 'error').mockImplementation(speak),
      ];
      await main(args, { root: '.', buildFunctions: () => Promise.reject(new Error('only help was asked for')) });
      for (const spy of spies) spy.mockRestore();
      return lines.join('\n');
    }
    /** Text of the section by command, without the blocks in it. */
    const [, ...parts] = `${section('Options', 'docs/settings-and-options.md')}\n${section('Preparing an account')}`
      .replaceAll(/^```[\s\S]*?^```$/gm, '')
      .split(/^`npm (?:run )?([a-z:]+) -- [^`]*`/m);
    const textOf = new Map(parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? ''] as const] : [])));

    it('are those of every command', async () => {
      const commands = [...(await said('')).matchAll(/^ {2}npm (?:run )?([a-z:]+)/gm)].map(([, name = '']) => name);
      expect(commands.length).toBeGreaterThan(5);
      expect([...textOf.keys()].toSorted()).toEqual(commands.toSorted());
    });

    it.each([...textOf])('of npm run %s are those that it names itself', async (name, text) => {
      const help = await said(name, '--help');
      const actual = [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option = '']) => option);
      const listed = codes(text).flatMap((code) => /^--[a-z-]+/.exec(code) ?? []);
      expect([...new Set(listed)].toSorted()).toEqual(actual.toSorted());
    });
  });

  it('describes every fault that a probe names', () => {
    const source = readFileSync(new URL('shared/probe/observation.ts', root), 'utf8');
    const [, union = ''] = /type FaultKind =([^;]+);/.exec(source) ?? [];
    const kinds = [...union.matchAll(/'([a-z0-9-]+)'/g)].map(([, kind]) => kind);
    const [, table = ''] = section('Probes', 'docs/probes-and-alerts.md').split(/^\| fault +\|/m);
    expect(rows(table).map(([first = '']) => codes(first)[0])).toEqual(expect.arrayContaining(kinds));
    expect(rows(table)).toHaveLength(kinds.length);
  });

  it('describes every kind and field of a fault', () => {
    const [kinds = [], fields = []] = section('Faults', 'docs/embedded-cloud.md')
      .split(/^\| field +\|/m)
      .map((text) => rows(text).flatMap(([first = '']) => codes(first)));
    expect(kinds).toEqual(expect.arrayContaining([...faultKinds]));
    expect(kinds).toHaveLength(faultKinds.length);
    expect(fields.toSorted()).toEqual(Object.keys(faultRule.shape).toSorted());
  });

  it('shows a file of faults that is taken', () => {
    const [, json = ''] = /<<'END'\n([\s\S]*?)\nEND/.exec(section('Faults', 'docs/embedded-cloud.md')) ?? [];
    expect(parseFaultRules(JSON.parse(json))).toHaveLength(4);
  });

  it('shows a request to watch that is taken', () => {
    const [json = ''] = blocks('json', section('Watching what exists'));
    expect(parseWatchSpec(JSON.parse(json))).toHaveProperty('spec');
  });

  it.each([...texts])('%s keeps to 80 columns in what a terminal shows', (_path, text) => {
    const lines = [...blocks('sh', text), ...blocks('text', text)].flatMap((block) => block.split('\n'));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it.each([...texts])('%s links to files and headings that exist', (path, text) => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]+)?\)/g)].map(([, file = '', heading = '']) => ({
      file: file === '' ? new URL(path, root) : new URL(file, new URL(path, root)),
      heading: heading.slice(1),
    }));
    const isBroken = ({ file, heading }: (typeof links)[number]): boolean =>
      !existsSync(file) || (heading !== '' && !anchorsOf(readFileSync(file, 'utf8')).includes(heading));
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter(isBroken).map(({ file, heading }) => `${file.pathname}#${heading}`)).toEqual([]);
  });
});

describe('README.ja.md', () => {
  const japanese = read('README.ja.md');
  /** Lines of code blocks that a reader types, in order. */
  const commandsOf = (text: string): string[] =>
    [...text.matchAll(/^```(?:sh|text)\n([\s\S]*?)^```$/gm)]
      .flatMap(([, block = '']) => block.split('\n'))
      .filter((line) => /^(npm|npx|curl|export) /.test(line));

  it('has the commands of the first minute and of the deploy chapter, and no other', () => {
    const english = `${section('The first minute')}\n${section('Deploying')}`;
    expect(commandsOf(japanese)).toEqual(commandsOf(english));
    expect(commandsOf(japanese).length).toBeGreaterThan(12);
  });

  it('has the figures of the deploy chapter', () => {
    const figures = (text: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .flatMap((line) => line.match(/\d+\.\d\d+/g) ?? []);
    const [, chapter = ''] = japanese.split('## デプロイ');
    expect(new Set(figures(chapter))).toEqual(new Set(figures(section('Deploying'))));
  });
});
