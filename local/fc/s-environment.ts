import { dirname, join, resolve } from 'node:path';
import { config } from 'dotenv';
import { expand } from 'dotenv-expand';
import { load } from 'js-yaml';

type Environment = Record<string, string | undefined>;

/**
 * Returns the environment in which `s` reads a file: that of the process, then what `.env` beside the file adds to it. A
 * variable that the process has, even an empty one, is not replaced; `${OTHER}` within the values of `.env` is. Before that
 * one come the files `.env` in the folders that resources name as `props.code`, as seen from the working folder.
 *
 * The two packages are the versions that `s` 3.1.10 carries. Source: ParseSpec.initYaml of @serverless-devs/parse-spec
 * (https://github.com/Serverless-Devs/Serverless-Devs/blob/master/packages/parse-spec/src/index.ts, read 2026-11-30).
 */
export function environmentOfFile(path: string, text: string, env: Environment): Environment {
  const folders = [...codeFolders(text), dirname(resolve(path))];
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

function codeFolders(text: string): string[] {
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
    return typeof code === 'string' && code !== '' ? [resolve(code)] : [];
  });
}
