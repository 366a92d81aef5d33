import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { CommandError } from './command-error.ts';

/** Why a command that needs `s` and its component cannot run on this machine. */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}

/** The version of component fc3 that s.yaml names. */
export const fc3Version = '0.1.22';

/** Names a folder with component fc3, where no option does. */
export const componentVariable = 'DUALSTACK_ALB_FC3_COMPONENT';

/** Where `s` looks up components, and where it keeps them. */
const registryHost = 'api.devsapp.cn';
const cached = (name: string): string => join('.s', 'components', 'devsapp.cn', 'v3', name);

/** Returns where `s` keeps component fc3. @param home - the home that it uses: `serverless_devs_config_home`, or the user's. */
export const keptComponent = (home: string): string => join(home, cached(`fc3@${fc3Version}`));

/** Command line of `s`: the checkout's, or the one on PATH. @throws NotRun */
export function findS(root: string): string[] {
  const packageFile = join(root, 'node_modules', '@serverless-devs', 's', 'package.json');
  if (existsSync(packageFile)) {
    const { bin } = JSON.parse(readFileSync(packageFile, 'utf8')) as { bin: Record<string, string> };
    return [process.execPath, resolve(packageFile, '..', bin['s'] ?? 'bin/s')];
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter))
    if (folder !== '' && existsSync(join(folder, 's'))) return [join(folder, 's')];
  throw new NotRun('the command `s` of Serverless Devs is not installed; "npm ci" without --omit=dev brings it');
}

/**
 * Where component fc3 is: the given path, what `s` has kept on this machine, or undefined when `s` can fetch it itself.
 *
 * @throws NotRun when there is none; CommandError for a path without a component.
 */
export async function findComponent(
  path: string | undefined,
  { home, resolveName }: { home: string; resolveName: (host: string) => Promise<unknown> } = {
    home: homedir(),
    resolveName: lookup,
  },
): Promise<string | undefined> {
  if (path !== undefined) {
    const folder = resolve(path);
    if (!existsSync(join(folder, 'package.json')))
      throw new CommandError(
        `--component or ${componentVariable}: there is no component at ${folder} (no package.json).`,
      );
    return folder;
  }
  const kept = keptComponent(home);
  if (existsSync(join(kept, '.s.lock'))) return kept;
  try {
    await Promise.race([
      resolveName(registryHost),
      new Promise((_resolve, reject) => setTimeout(reject, 5000, new Error('no answer in 5 s')).unref()),
    ]);
    return undefined;
  } catch (error) {
    throw new NotRun(
      `component fc3 is not on this machine, and its registry ${registryHost} cannot be reached (${error instanceof Error ? error.message : String(error)}); name a folder with it by --component or ${componentVariable}`,
    );
  }
}

export interface SRun {
  command: string[];
  cwd: string;
  /** Home of its own: no credentials or settings of whoever runs this get in. */
  home: string;
  /** Base URL of the embedded cloud. */
  endpoint: string;
  account: { accountId: string; accessKeyId: string; accessKeySecret: string; securityToken?: string };
  env: Record<string, string>;
  onLine?: (line: string) => void;
  longestMs: number;
}

/** Prepares a home for `s`. A full deploy loads component fc3-domain though no function has a domain (P-167). */
export function makeHome(home: string): void {
  const folder = join(home, cached('fc3-domain'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.s.lock'), '{"version":"0.0.0"}');
  writeFileSync(join(folder, 'package.json'), '{"name":"fc3-domain","version":"0.0.0","main":"index.js"}');
  writeFileSync(
    join(folder, 'index.js'),
    "const refuse = () => { throw new Error('the embedded cloud has no custom domains'); };\nmodule.exports = class { info() { return {}; } plan() { return {}; } deploy() { refuse(); } remove() { refuse(); } };\nmodule.exports.default = module.exports;\n",
  );
}

/** How `s` is given keys: by three variables, whatever `access` in the file says, or with a token by one that must be named. */
function accessOf({ accountId, accessKeyId, accessKeySecret, securityToken }: SRun['account']) {
  const keys = { AccountID: accountId, AccessKeyID: accessKeyId, AccessKeySecret: accessKeySecret };
  if (securityToken === undefined) return { env: keys, args: [] };
  const name = 'local_serverless_devs_key';
  return { env: { [name]: JSON.stringify({ ...keys, SecurityToken: securityToken }) }, args: ['-a', name] };
}

/** Runs `s` against the embedded cloud; its colours are taken off. */
export async function runS(args: string[], run: SRun): Promise<{ exitCode: number; output: string }> {
  const [command = '', ...first] = run.command;
  const access = accessOf(run.account);
  const child = spawn(command, [...first, ...args, ...access.args], {
    cwd: run.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: run.home,
      NO_COLOR: '1',
      ...access.env,
      FC_CLIENT_CUSTOM_ENDPOINT: run.endpoint,
      FC_CODE_TEMP_OSS_ENDPOINT: run.endpoint,
      ...run.env,
    },
  });
  let output = '';
  let rest = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      // eslint-disable-next-line no-control-regex
      const text = chunk.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
      output += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) run.onLine?.(line);
    });
  const timer = setTimeout(() => child.kill('SIGKILL'), run.longestMs);
  const exitCode = await new Promise<number>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done(code ?? 1));
  });
  clearTimeout(timer);
  return { exitCode, output };
}
