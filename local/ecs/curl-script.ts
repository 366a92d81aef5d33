import { type CurlCommand, readCurl } from './curl-options.ts';

/** One command of a script, loops unrolled. `lastExitCode` in a text to echo stands for the exit code of the command before. */
export type CurlStep = { does: 'curl'; command: CurlCommand } | { does: 'echo'; text: string };

/** What `$?` is read as. */
export const lastExitCode = '\0';

/** Commands of one script, loops unrolled: 145 requests at weights of 1 to 10 are the most that a probe needs. */
const mostSteps = 500;

type Token = { kind: 'word'; text: string } | { kind: 'seq'; last: number } | { kind: 'end' };

/** A part of a word; `$?` is the only thing that the shell would put something else for. */
const piece = /[\w@%+=:,./-]+|\$\?|'[^'\n]*'|"(?:[^"$`\\\n]|\$\?)*"/y;

/**
 * Reads a script that consists of curl and nothing else: commands after one another (line ends, `;`), words bare or in quotes,
 * `2>&1`, comments, `echo` with `$?`, and `for NAME in $(seq N); do ...; done`. Strict, since what is read here is run: no
 * variable, substitution, pattern, pipe or redirection that a shell would act on.
 *
 * @returns undefined for anything else.
 */
export function readCurlScript(script: string): CurlStep[] | undefined {
  const tokens = tokensOf(script);
  const steps = tokens === undefined ? undefined : stepsOf(statementsOf(tokens));
  const hasCurl = steps?.some(({ does }) => does === 'curl') ?? false;
  return hasCurl ? steps : undefined;
}

function tokensOf(script: string): Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(script);
    if (found !== null) at += found[0].length;
    return found;
  };
  while (at < script.length) {
    if (take(/(?:[ \t]|\\\n)+|2>&1(?=[\s;]|$)/y) !== null) continue;
    if (take(/#[^\n]*/y) !== null) continue;
    if (take(/\n|;(?![ \t]*;)/y) !== null) {
      tokens.push({ kind: 'end' });
      continue;
    }
    const last = take(/\$\(seq (\d{1,3})\)(?=[\s;])/y)?.[1];
    if (last !== undefined) {
      tokens.push({ kind: 'seq', last: Number(last) });
      continue;
    }
    let text: string | undefined;
    for (let found = take(piece); found !== null; found = take(piece)) text = (text ?? '') + unquoted(found[0]);
    if (text === undefined || /[^\s;]/.test(script[at] ?? '\n')) return undefined;
    tokens.push({ kind: 'word', text });
  }
  return tokens;
}

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1);
  return (text.startsWith('"') ? text.slice(1, -1) : text).replaceAll('$?', lastExitCode);
}

function statementsOf(tokens: Token[]): Exclude<Token, { kind: 'end' }>[][] {
  const statements: Exclude<Token, { kind: 'end' }>[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'end') statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

function stepsOf(statements: ReturnType<typeof statementsOf>): CurlStep[] | undefined {
  const steps: CurlStep[] = [];
  let loop: { times: number; from: number; isOpen: boolean } | undefined;
  for (const statement of statements) {
    let words = statement.map((token) => (token.kind === 'word' ? token.text : undefined));
    if (words[0] === 'for') {
      const [, name = '', keyword, ...rest] = words;
      const [set] = statement.slice(3);
      const isLoop = /^[a-z_]\w*$/i.test(name) && keyword === 'in' && rest.length === 1 && set?.kind === 'seq';
      if (loop !== undefined || !isLoop) return undefined;
      loop = { times: set.last, from: steps.length, isOpen: false };
      continue;
    }
    if (loop !== undefined && !loop.isOpen) {
      if (words[0] !== 'do') return undefined;
      loop.isOpen = true;
      words = words.slice(1);
      if (words.length === 0) continue;
    }
    if (loop !== undefined && words.length === 1 && words[0] === 'done') {
      const body = steps.splice(loop.from);
      if (body.length === 0 || loop.from + loop.times * body.length > mostSteps) return undefined;
      for (let turn = 0; turn < loop.times; turn += 1) steps.push(...body);
      loop = undefined;
      continue;
    }
    const step = stepOf(words);
    if (step === undefined || steps.length === mostSteps) return undefined;
    steps.push(step);
  }
  return loop === undefined ? steps : undefined;
}

function stepOf([name, ...rest]: (string | undefined)[]): CurlStep | undefined {
  if (rest.includes(undefined)) return undefined;
  const words = rest as string[];
  if (name === 'echo') return words[0]?.startsWith('-') === true ? undefined : { does: 'echo', text: words.join(' ') };
  if (name !== 'curl' || words.some((word) => word.includes(lastExitCode))) return undefined;
  const command = readCurl(words);
  return typeof command === 'string' ? undefined : { does: 'curl', command };
}
