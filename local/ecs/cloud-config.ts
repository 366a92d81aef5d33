import { posix } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isScalar, parseDocument, visit, type Document } from 'yaml';
import { composeSite, type GuestSite } from './guest-site.ts';
import { splitScript } from './shell.ts';

interface Guest {
  files: Map<string, string>;
  isInstalled: boolean;
  isEnabled: boolean;
  isRunning: boolean;
  problems: string[];
}

/**
 * What nginx serves on an instance with this user data; undefined when the user data does not install nginx.
 *
 * On Alibaba Cloud Linux `yum install nginx` neither starts nor enables the service. Source: packages of the distribution
 * follow Fedora's presets (https://docs.fedoraproject.org/en-US/packaging-guidelines/DefaultServices/).
 *
 * @param boot - `later`: after a stop and start, when only an enabled service comes up by itself.
 */
export function guestSite(userData: string, boot: 'first' | 'later' = 'first'): GuestSite | undefined {
  const guest: Guest = { files: new Map(), isInstalled: false, isEnabled: false, isRunning: false, problems: [] };
  const firstLine = userData.split('\n', 1)[0]?.trimEnd() ?? '';
  if (firstLine === '#cloud-config') readCloudConfig(userData, guest);
  else if (firstLine.startsWith('#!')) follow(userData, guest);
  else if (/^Content-Type:|^MIME-Version:/i.test(firstLine))
    guest.problems.push('multi-part user data is not emulated by the embedded cloud');
  if (!guest.isInstalled && guest.problems.length === 0) return undefined;
  return composeSite(guest.files, boot === 'first' ? guest.isRunning : guest.isEnabled, guest.problems);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Order as in cloud-init: write_files, then packages, then write_files with `defer`, then runcmd. Source: https://cloudinit.readthedocs.io/en/latest/reference/modules.html */
function readCloudConfig(userData: string, guest: Guest): void {
  const refused = unreadableCharacter(userData);
  // A break of a line like any other in YAML 1.1.
  const document = parseDocument(userData.replaceAll('\u0085', '\n'), {
    version: '1.1',
    uniqueKeys: false,
    keepSourceTokens: true,
  });
  const error = refused ?? document.errors[0]?.message.split('\n')[0];
  if (error !== undefined) {
    guest.problems.push(`Failed loading yaml blob. Invalid format: ${error}`);
    return;
  }
  if (hasSurrogate(document))
    guest.problems.push("write_files: 'utf-8' codec can't encode character: surrogates not allowed");
  const config: unknown = document.toJS();
  if (config === null || config === undefined) return;
  if (!isRecord(config)) {
    guest.problems.push('Failed loading yaml blob. Yaml load allows a mapping at the root only');
    return;
  }
  writeFiles(config['write_files'], guest, false);
  const packages = config['packages'] ?? [];
  if (!Array.isArray(packages)) guest.problems.push('packages: is not a list');
  else
    for (const item of packages as unknown[]) {
      const name: unknown = Array.isArray(item) ? item[0] : item;
      if (typeof name !== 'string')
        guest.problems.push('packages: every item must be a name, or a name with a version');
      else if (isNginx(name)) guest.isInstalled = true;
    }
  writeFiles(config['write_files'], guest, true);
  const commands = config['runcmd'] ?? [];
  if (!Array.isArray(commands)) {
    guest.problems.push('runcmd: is not a list');
    return;
  }
  let script = '';
  for (const item of commands as unknown[])
    if (typeof item === 'string') script += `${item}\n`;
    else if (Array.isArray(item) && item.every((word) => ['string', 'number', 'boolean'].includes(typeof word)))
      script += `${readArguments(item.map(String))}\n`;
    else if (item !== null) guest.problems.push('runcmd: every item must be a string or a list of strings');
  follow(script, guest);
}

/**
 * PyYAML takes no control character but tab and line breaks, and neither U+FFFE nor U+FFFF: the whole document is dropped.
 * Source: yaml/reader.py of PyYAML 6.0 (https://github.com/yaml/pyyaml/blob/6.0/lib/yaml/reader.py). U+2028 and U+2029 are line
 * breaks in YAML 1.1 that stay in the text, which the parser here does not know.
 */
function unreadableCharacter(text: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  const found = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/.exec(text)?.[0];
  if (found !== undefined)
    return `unacceptable character #x${found.charCodeAt(0).toString(16).padStart(4, '0')}: special characters are not allowed`;
  return /[\u2028\u2029]/.test(text) ? 'a raw U+2028 or U+2029 is not emulated by the embedded cloud' : undefined;
}

/**
 * PyYAML reads `\ud83d\ude00` as two lone surrogates, which cannot be written as UTF-8; a pair that JSON would join included.
 */
function hasSurrogate(document: Document): boolean {
  let isFound = false;
  visit(document, {
    Scalar(_key, node) {
      const token = node.srcToken;
      if (!isScalar(node) || token?.type !== 'double-quoted-scalar') return;
      if (/(^|[^\\])(\\\\)*\\(u|U0000)d[89a-f]/i.test(token.source)) isFound = true;
    },
  });
  return isFound;
}

/** A list is run without a shell, except that its own program may be one: `[sh, -c, 'text']`. */
const readArguments = (words: string[]): string =>
  /(^|\/)(ba)?sh$/.test(words[0] ?? '') && /^-\w*c$/.test(words[1] ?? '')
    ? (words[2] ?? '')
    : words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');

function writeFiles(list: unknown, guest: Guest, deferred: boolean): void {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) {
    if (!deferred) guest.problems.push('write_files: is not a list');
    return;
  }
  for (const item of list as unknown[]) {
    if (!isRecord(item)) {
      if (!deferred) guest.problems.push('write_files: every item must be a mapping');
      continue;
    }
    if ((item['defer'] === true) !== deferred) continue;
    const path = item['path'];
    if (typeof path !== 'string' || !path.startsWith('/')) {
      guest.problems.push('write_files: an item has no absolute path');
      continue;
    }
    const content = decode(item['content'] ?? '', item['encoding']);
    if (content === undefined) guest.problems.push(`write_files: the content of ${path} cannot be decoded`);
    else guest.files.set(path, item['append'] === true ? (guest.files.get(path) ?? '') + content : content);
  }
}

function decode(content: unknown, encoding: unknown): string | undefined {
  if (content instanceof Uint8Array) return Buffer.from(content).toString('utf8');
  if (typeof content !== 'string') return undefined;
  const name = typeof encoding === 'string' ? encoding.toLowerCase().trim() : 'text/plain';
  const isBase64 = /^((gz|gzip)\+)?(b64|base64)$/.test(name);
  if (isBase64 && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content)) return undefined;
  const bytes = Buffer.from(content, isBase64 ? 'base64' : 'utf8');
  if (!/^(gz|gzip)(\+|$)/.test(name)) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch {
    return undefined;
  }
}

const isNginx = (name: string): boolean => /^nginx(-\d.*|[=:].*)?$/.test(name);
const isService = (name: string): boolean => name === 'nginx' || name === 'nginx.service';

/** Follows what installs, starts or stops nginx and what writes files with `echo`; passes over all else. */
function follow(script: string, guest: Guest): void {
  let directory = '/root';
  for (const command of splitScript(script)) {
    const words = command.words[0] === 'sudo' ? command.words.slice(1) : command.words;
    const [program = '', ...rest] = words;
    const name = posix.basename(program);
    const operands = rest.filter((word) => !word.startsWith('-'));
    if (['yum', 'dnf', 'microdnf'].includes(name)) {
      if (operands[0] === 'install' && operands.slice(1).some(isNginx)) guest.isInstalled = true;
    } else if (name === 'systemctl') {
      const [verb = '', ...units] = operands;
      if (!units.some(isService)) continue;
      control(verb, rest.includes('--now'), guest);
    } else if (name === 'service') {
      if (isService(rest[0] ?? '')) control(rest[1] ?? '', false, guest);
    } else if (name === 'nginx') {
      if (guest.isInstalled && rest.length === 0) guest.isRunning = true;
    } else if (name === 'cd') directory = posix.resolve(directory, rest[0] ?? '/root');
    else if (name === 'echo' && command.redirect !== undefined) {
      const path = posix.resolve(directory, command.redirect.path);
      const isBare = /^-\w*n/.test(rest[0] ?? '');
      const text = rest.slice(/^-[neE]+$/.test(rest[0] ?? '') ? 1 : 0).join(' ') + (isBare ? '' : '\n');
      guest.files.set(path, command.redirect.append ? (guest.files.get(path) ?? '') + text : text);
    }
  }
}

function control(verb: string, isNow: boolean, guest: Guest): void {
  if (!guest.isInstalled) return;
  if (verb === 'enable') guest.isEnabled = true;
  if (verb === 'disable' || verb === 'mask') guest.isEnabled = false;
  if (['start', 'restart', 'reload-or-restart'].includes(verb) || (verb === 'enable' && isNow)) guest.isRunning = true;
  if (verb === 'stop' || (isNow && (verb === 'disable' || verb === 'mask'))) guest.isRunning = false;
}
