import { realpathSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the flags by which Node gives a worker thread less than the process has: it reads what is named, writes nothing, and
 * starts neither programs nor threads, addons or an inspector. A worker does not inherit the permissions of its process, but
 * it has its own when its own flags say so, at no cost that could be measured (tried with Node 20.20, 22.23, 24.22 and 25.9).
 *
 * @param folders - may be read with all below them.
 * @param files - may be read.
 * @see https://nodejs.org/docs/latest-v20.x/api/permissions.html (read 2026-12-01)
 */
export function permissionFlags(folders: readonly string[], files: readonly string[]): string[] {
  const has = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);
  return [
    // Its name since Node 22.13 and 23.5.
    has('--permission') ? '--permission' : '--experimental-permission',
    ...[...folders.map((folder) => join(folder, '*')), ...files].map((path) => `--allow-fs-read=${path}`),
    // Node 25 takes the network away as well; what a function may dial is decided by `installNetwork`.
    ...(has('--allow-net') ? ['--allow-net'] : []),
    // That the model is an experiment is no line of the function's log.
    '--disable-warning=ExperimentalWarning',
  ];
}

/** Returns the path without links: Node asks for the permission to look at each part of a path that it follows. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
