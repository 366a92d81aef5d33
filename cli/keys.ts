import { lstatSync, readFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedCloud } from '../local/cloud.ts';
import { CommandError } from './command-error.ts';

/** Holds what a client of an embedded cloud needs; with it anything can be done to that cloud, and code can be run by it. */
export interface CloudKeys {
  url: string;
  regionId: string;
  accountId: string;
  accessKeyId: string;
  accessKeySecret: string;
  /** For `/_local/...`; null: none is asked for. */
  controlToken: string | null;
  /** Of the process that serves; when it is gone, so is the cloud. */
  pid: number;
}

/** Set them where an embedded cloud is started, and where one is used whose file of keys cannot be read. */
export const rootSecretVariable = 'EMBEDDED_CLOUD_ROOT_SECRET';
export const controlTokenVariable = 'EMBEDDED_CLOUD_CONTROL_TOKEN';

/** As a value of the token: none is asked for. */
export const noToken = 'none';

/** Said at the start of a cloud that asks for no token. */
export const noTokenWarning =
  'warning: /_local asks for no token: every program of every user of this machine may use it, and gets the root key there';

/** Returns the keys of a cloud that has started. */
export const keysOf = ({ url, context, credentials, controlToken }: EmbeddedCloud): CloudKeys => ({
  url,
  regionId: context.regionId,
  accountId: credentials.accountId,
  accessKeyId: credentials.root.accessKeyId,
  accessKeySecret: credentials.root.accessKeySecret,
  controlToken,
  pid: process.pid,
});

/** Tokens of clouds in this process. */
const inProcess = new Map<string, string | null>();

/** Folders of this user for keys: below `XDG_RUNTIME_DIR`, and where it is unset or another user's, below that for temporary files. */
export const foldersOf = (env: Record<string, string | undefined>): string[] =>
  [env['XDG_RUNTIME_DIR'], env['TMPDIR'] || tmpdir()]
    .filter((parent) => parent !== undefined && parent !== '')
    .map((parent) => join(parent as string, `dualstack-alb-${userInfo().uid}`));

/** Returns whether the folder is this user's alone: another user may have made it first. */
export function isOwn(folder: string): boolean {
  const { uid } = userInfo();
  try {
    const about = lstatSync(folder);
    return about.isDirectory() && (uid < 0 || (about.uid === uid && (about.mode & 0o077) === 0));
  } catch {
    return false;
  }
}

/** Returns the name of the file of keys of the cloud at `url`. */
export const nameOf = (url: string): string => `${new URL(url).port || '80'}.json`;

/** The keys of a cloud are missing, wrong, or of one that has ended; the sentence says what to do. */
export class KeysError extends CommandError {}

/** Lets `controlHeaders` know the token of a cloud that this process started. */
export const rememberToken = (url: string, token: string | null): void => void inProcess.set(url, token);

/** Returns the header that `/_local/...` of the cloud at `url` asks for, as far as this user knows the token. */
export function controlHeaders(
  url: string,
  env: Record<string, string | undefined> = process.env,
): Record<string, string> {
  const token = env[controlTokenVariable] || inProcess.get(url) || publishedKeys(url, env)?.keys.controlToken;
  return token === undefined || token === null || token === noToken ? {} : { authorization: `Bearer ${token}` };
}

/** Returns the base URL as a browser takes it together with the token. */
export function withToken(url: string): string {
  const { authorization } = controlHeaders(url);
  return authorization === undefined ? url : url.replace('://', `://local:${authorization.split(' ')[1]}@`);
}

/** Returns the keys that an embedded cloud of this user on this machine has written for its port, if any, and where they stand. */
export function publishedKeys(
  url: string,
  env: Record<string, string | undefined> = process.env,
): { file: string; keys: CloudKeys } | undefined {
  // The port says nothing of another machine, which must not see them.
  if (!URL.canParse(url) || !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) return undefined;
  for (const folder of foldersOf(env).filter(isOwn)) {
    const file = join(folder, nameOf(url));
    try {
      return { file, keys: JSON.parse(readFileSync(file, 'utf8')) as CloudKeys };
    } catch {
      // None of this port, or the start of one that is being written.
    }
  }
  return undefined;
}

/** Returns what to say where nobody answers at `url`, although keys lie there; undefined when none do. */
export function staleKeys(url: string, env: Record<string, string | undefined> = process.env): KeysError | undefined {
  const published = publishedKeys(url, env);
  return published === undefined
    ? undefined
    : new KeysError(
        `No embedded cloud answers at ${url}, although ${published.file} has its keys: it has ended without removing them. Start it again (npm run cloud -- --port ${new URL(url).port}), or give the address of one that runs.`,
      );
}

/** Returns what to say where the cloud at `url` answers 401. */
export function refusedToken(url: string, env: Record<string, string | undefined> = process.env): KeysError {
  const published = publishedKeys(url, env);
  const known = env[controlTokenVariable]
    ? `the one in ${controlTokenVariable} is another`
    : published === undefined
      ? 'no file of this user has it'
      : `the one in ${published.file} is another`;
  return new KeysError(
    `The embedded cloud at ${url} asks for its control token, and ${known}. Who started it finds it in the file of keys that the start named; give it in ${controlTokenVariable}.`,
  );
}
