import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';
import { type CloudKeys, foldersOf, isOwn, nameOf } from './keys.ts';

const ownerOnly = 0o600;

/**
 * Writes the keys of a cloud that has started into a file that its owner alone can read: one that our own commands find by
 * the port, and `FILE.keys.json` beside `--url-file FILE`.
 *
 * @returns where they stand, and what removes them again.
 */
export function publishKeys(
  keys: CloudKeys,
  { urlFile, env = process.env }: { urlFile?: string; env?: Record<string, string | undefined> } = {},
): { path: string; remove: () => void } {
  const text = `${JSON.stringify(keys, null, 2)}\n`;
  const folder = folderToWrite(env);
  removeStale(folder);
  const paths = [join(folder, nameOf(keys.url)), ...(urlFile === undefined ? [] : [`${urlFile}.keys.json`])];
  for (const path of paths) {
    // A name that nobody can guess, for a file that is not there yet: another user cannot have made it first.
    const fresh = `${path}.${randomUUID()}`;
    try {
      writeFileSync(fresh, text, { mode: ownerOnly, flag: 'wx' });
      renameSync(fresh, path);
    } catch (error) {
      rmSync(fresh, { force: true });
      const option = path === `${urlFile}.keys.json` ? '--url-file: ' : '';
      throw new CommandError(
        `${option}cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const removeFiles = () => {
    for (const path of paths)
      // Another cloud may have taken the port and the file since.
      if (readOr(path, '') === text) rmSync(path, { force: true });
  };
  const release = atEndOfProcess(removeFiles);
  const remove = () => {
    release();
    removeFiles();
  };
  return { path: paths.at(-1) as string, remove };
}

/**
 * Does something before the process ends by `process.exit` or by a signal that nobody else listens to; who does ends it as
 * he likes.
 *
 * @returns what takes it back.
 */
function atEndOfProcess(work: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals): void => {
    work();
    release();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const release = (): void => {
    process.off('exit', work);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.once('exit', work);
  for (const signal of signals) process.on(signal, onSignal);
  return release;
}

/** Removes keys of processes that were killed before they could do so. */
function removeStale(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => /^\d+\.json$/.test(one))) {
    const file = join(folder, name);
    try {
      const { pid } = JSON.parse(readFileSync(file, 'utf8')) as Partial<CloudKeys>;
      if (pid === undefined || !isRunning(pid)) rmSync(file, { force: true });
    } catch {
      // Another start has just removed it.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** @throws CommandError when no folder can be this user's alone. */
function folderToWrite(env: Record<string, string | undefined>): string {
  const folders = foldersOf(env);
  const found = folders.find((folder) => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      return false;
    }
    return isOwn(folder);
  });
  if (found !== undefined) return found;
  throw new CommandError(
    `${folders[0]} must be a folder that only you can enter (mode 0700), since keys are kept in it. Remove it, or set XDG_RUNTIME_DIR.`,
  );
}

const readOr = (path: string, fallback: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
};
