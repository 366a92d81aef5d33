import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedCloud } from '../local/cloud.ts';
import { CommandError } from './command-error.ts';

/** What a client of an embedded cloud needs; with it anything can be done to that cloud, and code can be run by it. */
export interface CloudKeys {
  url: string;
  regionId: string;
  accountId: string;
  accessKeyId: string;
  accessKeySecret: string;
  /** For `/_local/...`; null: none is asked for. */
  controlToken: string | null;
}

/** Set them where an embedded cloud is started, and where one is used whose file of keys cannot be read. */
export const rootSecretVariable = 'EMBEDDED_CLOUD_ROOT_SECRET';
export const controlTokenVariable = 'EMBEDDED_CLOUD_CONTROL_TOKEN';

/** As a value of the token: none is asked for. */
export const noToken = 'none';

/** Returns the keys of a cloud that has started. */
export const keysOf = ({ url, context, credentials, controlToken }: EmbeddedCloud): CloudKeys => ({
  url,
  regionId: context.regionId,
  accountId: credentials.accountId,
  accessKeyId: credentials.root.accessKeyId,
  accessKeySecret: credentials.root.accessKeySecret,
  controlToken,
});

const ownerOnly = 0o600;

/** Tokens of clouds in this process. */
const inProcess = new Map<string, string | null>();

/**
 * Returns the folder of this user for keys: below `XDG_RUNTIME_DIR`, or else the folder for temporary files.
 *
 * @throws CommandError when the folder is not this user's alone: another user may have made it first.
 */
function keysFolder(env: Record<string, string | undefined>): string {
  const { uid } = userInfo();
  const folder = join(env['XDG_RUNTIME_DIR'] || tmpdir(), `dualstack-alb-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const about = lstatSync(folder);
  const isOwn = uid < 0 || (about.isDirectory() && about.uid === uid && (about.mode & 0o077) === 0);
  if (!isOwn)
    throw new CommandError(
      `${folder} must be a folder that only you can enter (mode 0700), since keys are kept in it. Remove it, or set XDG_RUNTIME_DIR.`,
    );
  return folder;
}

const fileFor = (url: string, env: Record<string, string | undefined>): string =>
  join(keysFolder(env), `${new URL(url).port || '80'}.json`);

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
  const paths = [fileFor(keys.url, env), ...(urlFile === undefined ? [] : [`${urlFile}.keys.json`])];
  for (const path of paths) {
    // A name that nobody can have taken before: what stands there already is not written to.
    const fresh = `${path}.${randomUUID()}`;
    writeFileSync(fresh, text, { mode: ownerOnly, flag: 'wx' });
    chmodSync(fresh, ownerOnly);
    renameSync(fresh, path);
  }
  const remove = () => {
    for (const path of paths)
      // Another cloud may have taken the port and the file since.
      if (readOr(path, '') === text) rmSync(path, { force: true });
  };
  return { path: paths.at(-1) as string, remove };
}

/** Lets `controlHeaders` know the token of a cloud that this process started. */
export const rememberToken = (url: string, token: string | null): void => void inProcess.set(url, token);

/** Returns the header that `/_local/...` of the cloud at `url` asks for, as far as this user knows the token. */
export function controlHeaders(
  url: string,
  env: Record<string, string | undefined> = process.env,
): Record<string, string> {
  const token = env[controlTokenVariable] || inProcess.get(url) || tokenInFile(url, env);
  return token === undefined || token === null || token === noToken ? {} : { authorization: `Bearer ${token}` };
}

/** Returns the base URL as a browser takes it together with the token. */
export function withToken(url: string): string {
  const { authorization } = controlHeaders(url);
  return authorization === undefined ? url : url.replace('://', `://local:${authorization.split(' ')[1]}@`);
}

function tokenInFile(url: string, env: Record<string, string | undefined>): string | null | undefined {
  try {
    return (JSON.parse(readFileSync(fileFor(url, env), 'utf8')) as CloudKeys).controlToken;
  } catch {
    return undefined;
  }
}

const readOr = (path: string, fallback: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
};
