import { chmodSync, existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { CommandError } from './command-error.ts';

/**
 * Sets variables in a file of `NAME=value` lines that its owner alone can read; the other lines stay as they are.
 *
 * @param values - `undefined` takes a variable out.
 * @throws CommandError when the file cannot be written.
 */
export function setInEnvFile(path: string, values: Record<string, string | undefined>): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  const fresh = `${target}.${process.pid}`;
  try {
    const lines = existsSync(target) ? readFileSync(target, 'utf8').split('\n') : [];
    if (lines.at(-1) === '') lines.pop();
    const isOurs = (line: string): boolean => {
      const [, name] = /^\s*(?:export\s+)?(\w+)\s*[=:]/.exec(line) ?? [];
      return name !== undefined && Object.hasOwn(values, name);
    };
    const set = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
    const text = [...lines.filter((line) => !isOurs(line)), ...set].map((line) => `${line}\n`).join('');
    // Whoever is killed here leaves the old file or the new one.
    writeFileSync(fresh, text, { mode: 0o600 });
    chmodSync(fresh, 0o600);
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new CommandError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
