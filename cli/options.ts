import { constants, fchmodSync, openSync, readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type FaultRule, parseFaultRules } from '../local/faults.ts';
import type { LatencyName } from '../local/latency.ts';
import { CommandError } from './command-error.ts';
import { controlTokenVariable, noToken, rootSecretVariable } from './keys.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** @throws CommandError for an unknown option, a missing value, or a word that is no option. */
export const parseOptions = <T extends Options>(args: string[], options: T) => parse(args, options, false).values;

/** The same for a command that takes words besides its options. */
export const parseWords = <T extends Options>(args: string[], options: T) => parse(args, options, true);

function parse<T extends Options>(args: string[], options: T, allowPositionals: boolean) {
  try {
    return parseArgs({ args, options, allowPositionals, strict: true });
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\nTry --help.`);
  }
}

/** Options of the commands that start an embedded cloud; without them both are drawn at each start. */
export const keyOptions = { 'root-secret': { type: 'string' }, 'control-token': { type: 'string' } } as const;

/** @throws CommandError for a secret or token that cannot be sent in a header. */
export function readKeyOptions(
  options: { 'root-secret'?: string | undefined; 'control-token'?: string | undefined },
  env: Record<string, string | undefined> = process.env,
): { rootSecret?: string; controlToken?: string | null } {
  const rootSecret = options['root-secret'] ?? (env[rootSecretVariable] || undefined);
  const controlToken = options['control-token'] ?? (env[controlTokenVariable] || undefined);
  for (const [name, value] of [
    ['root-secret', rootSecret],
    ['control-token', controlToken],
  ] as const)
    if (value !== undefined && !/^[\x21-\x7e]{4,200}$/.test(value))
      throw new CommandError(`--${name} must be 4 to 200 printable characters without spaces.`);
  return {
    ...(rootSecret === undefined ? {} : { rootSecret }),
    ...(controlToken === undefined ? {} : { controlToken: controlToken === noToken ? null : controlToken }),
  };
}

export function readWholeNumber(name: string, text: string, max: number): number {
  if (!/^\d+$/.test(text) || Number(text) > max)
    throw new CommandError(`--${name} must be a whole number from 0 to ${max}, not "${text}".`);
  return Number(text);
}

export function readLatency(text: string): LatencyName {
  if (text === 'realistic' || text === 'short' || text === 'none') return text;
  throw new CommandError(`--latency must be realistic, short or none, not "${text}".`);
}

export function readJsonFile(option: string, path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(
      `--${option}: cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandError(
      `--${option}: ${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** What was sent and answered may hold keys: nobody but the user reads it. */
const ownerOnly = 0o600;

/**
 * Opens a file for what comes later: a path that cannot be written is said before the work begins.
 *
 * @throws CommandError also for a symbolic link, but those of /dev.
 */
export function openForWriting(option: string, path: string): number {
  try {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    // In a folder that others can write, a link would lead what is emptied here to a file of the user's.
    const follow = path.startsWith('/dev/') ? 0 : O_NOFOLLOW;
    const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | follow, ownerOnly);
    fchmodSync(file, ownerOnly);
    return file;
  } catch (error) {
    throw new CommandError(
      `--${option}: cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** @throws CommandError for what is no name of a machine. */
export function readHosts(names: readonly string[] = []): string[] {
  const wrong = names.find((name) => !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name));
  if (wrong !== undefined)
    throw new CommandError(`--host: "${wrong}" is not a name of a machine; give it without scheme and port.`);
  return names.map((name) => name.toLowerCase());
}

export function readFaults(path: string | undefined): FaultRule[] {
  if (path === undefined) return [];
  const parsed = readJsonFile('faults', path);
  if (!Array.isArray(parsed)) throw new CommandError(`--faults: ${path} must hold an array of fault rules.`);
  try {
    return parseFaultRules(parsed);
  } catch (error) {
    throw new CommandError(`--faults: ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A sentence for the errors of listening that people meet. */
export function listenError(error: unknown, port: number): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new CommandError(
      `Port ${port} is taken on this machine. Choose another with --port N, or --port 0 for any free one.`,
    );
  if (code === 'EACCES')
    return new CommandError(
      `Port ${port} is not open to this user. Choose one above 1023 with --port N, or --port 0 for any free one.`,
    );
  return error instanceof Error ? error : new Error(String(error));
}
