import { dirname, join, resolve } from 'node:path';
import { config } from 'dotenv';
import { expand } from 'dotenv-expand';
import { load } from 'js-yaml';

type Environment = Record<string, string | undefined>;

/**
 * Returns the environment in which `s` reads a file: that of the process, then what the file `.env` adds to it in the
 * working folder, in the folders that resources name as `props.code`, as seen from the working folder, and beside the file.
 * A variable that the process has, even an empty one, is not replaced; `${OTHER}` within the values of `.env` is, each time
 * that such a file is read: in the usual case the first and the last are the same, so that `\$` does not protect a `$`.
 *
 * The two packages are the versions that `s` 3.1.10 carries. Source: that version itself, its start and its
 * ParseSpec.doYamlinit (https://www.npmjs.com/package/@serverless-devs/s/v/3.1.10, read 2026-11-30).
 *
 * @param workingFolder - where `s` is run.
 */
export function environmentOfFile(
  path: string,
  text: string,
  env: Environment,
  workingFolder = process.cwd(),
): Environment {
  const folders = [workingFolder, ...codeFolders(text, workingFolder), dirname(resolve(path))];
  // The library knows no other environment than that of the process.
  const before = process.env;
  process.env = { ...env };
  try {
    for (const folder of folders) expand(config({ path: join(folder, '.env') }));
    return process.env;
  } finally {
    process.env = before;
  }
}

function codeFolders(text: string, workingFolder: string): string[] {
  let file: unknown;
  try {
    file = load(text);
  } catch {
    // Whoever reads the functions reports it.
    return [];
  }
  const { resources } = (file ?? {}) as { resources?: Record<string, { props?: { code?: unknown } } | null> };
  return Object.values(resources ?? {}).flatMap((resource) => {
    const code = resource?.props?.code;
    return typeof code === 'string' && code !== '' ? [resolve(workingFolder, code)] : [];
  });
}
