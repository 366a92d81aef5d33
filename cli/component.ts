import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import type { Environment } from './account/account.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { parseOptions } from './options.ts';
import { componentVariable, fc3Version, keptComponent } from './serverless-devs.ts';

const help = `npm run component -- [options]: the hash of component fc3, which "s deploy" runs with your keys

  --component PATH   folder of the component; default ${componentVariable},
                     or where s keeps it on this machine
  --pin              write the hash into component.sum; commit that file
  --help             this text

Where component.sum names another hash, this ends with status 1; "npm run deploy" and the
pre-deploy action of s.yaml ask it first.`;

/** One line per pinned component, as in go.sum: `NAME@VERSION sha256:HEX`. */
const sumFile = 'component.sum';
const nameOfComponent = `fc3@${fc3Version}`;

/** Written by `s` at each download, with the time. */
const ownOfS = new Set(['.s.lock']);

/**
 * Returns `sha256:HEX` over every file below a folder: path, kind and contents, in the order of paths. The folder is what
 * `s` made of the downloaded archive and what it runs; the archive itself is not kept.
 */
export function hashOfFolder(folder: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !ownOfS.has(name));
  for (const name of names.sort()) {
    const path = join(folder, name);
    const about = lstatSync(path);
    if (about.isDirectory()) continue;
    const contents = about.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
    const digest = createHash('sha256').update(contents).digest('hex');
    hash.update(`${name.split(sep).join('/')}\0${about.isSymbolicLink() ? 'link' : 'file'}\0${digest}\n`);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Returns the hash that `component.sum` names; undefined when it names none. @throws CommandError for a line that is invalid. */
export function pinnedHash(root: string): string | undefined {
  const file = join(root, sumFile);
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of lines)
    if (!/^[\w./-]+@[\w.-]+ sha256:[0-9a-f]{64}$/.test(line))
      throw new CommandError(`${sumFile}: invalid line "${line}". A line is: NAME@VERSION sha256:HEX`);
  const found = lines.find((line) => line.startsWith(`${nameOfComponent} `));
  return found?.split(' ')[1];
}

function pin(root: string, hash: string): void {
  const file = join(root, sumFile);
  const others = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '' && !line.startsWith(`${nameOfComponent} `))
    : [];
  writeFileSync(file, `${[...others, `${nameOfComponent} ${hash}`].join('\n')}\n`);
}

/**
 * Compares the component on this machine with the pinned hash.
 *
 * @returns the sentence to print.
 * @throws CommandError when the two differ.
 */
export function checkComponent(root: string, folder: string): string {
  const pinned = pinnedHash(root);
  if (!existsSync(join(folder, 'package.json')))
    return pinned === undefined
      ? `component ${nameOfComponent} is not on this machine yet: s fetches it, and "npm run component" shows its hash then`
      : `component ${nameOfComponent} is not on this machine yet: s fetches it, and its hash is compared with ${sumFile} before anything is deployed`;
  const hash = hashOfFolder(folder);
  if (pinned === undefined)
    return `component ${nameOfComponent} has the hash ${hash}; to hold later deploys to it: npm run component -- --pin`;
  if (pinned === hash) return `component ${nameOfComponent} has the hash ${hash}, as ${sumFile} names it`;
  throw new CommandError(
    [
      `Component ${nameOfComponent} in ${folder} is not the one in ${sumFile}:`,
      `  ${sumFile}  ${pinned}`,
      `  the folder      ${hash}`,
      'It runs with your keys. Remove the folder, so that s fetches the component again; if the difference stays, compare',
      'both versions before you accept the new one with: npm run component -- --pin',
    ].join('\n'),
  );
}

export const componentFolder = (path: string | undefined, env: Environment): string =>
  path ?? env[componentVariable] ?? keptComponent(env['serverless_devs_config_home'] ?? homedir());

/** @throws CommandError when the hash differs from the pinned one, or there is nothing to pin. */
export async function runComponent(
  args: string[],
  { root }: Pick<Checkout, 'root'>,
  env: Environment = process.env,
): Promise<number> {
  const options = parseOptions(args, {
    component: { type: 'string' },
    pin: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const folder = componentFolder(options.component, env);
  if (options.pin) {
    if (!existsSync(join(folder, 'package.json')))
      throw new CommandError(
        `There is no component at ${folder}. Run "npx s deploy" once, or name a folder by --component.`,
      );
    pin(root, hashOfFolder(folder));
  }
  console.log(checkComponent(root, folder));
  return 0;
}
