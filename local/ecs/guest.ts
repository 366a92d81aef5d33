import { posix } from 'node:path';
import { guestSite } from './cloud-config.ts';
import { readCurl } from './curl-options.ts';
import { splitScript } from './shell.ts';
import { configureInet6, hasInet6 } from './guest-inet6.ts';
import { iptablesSave, nftRuleset } from './guest-firewall.ts';
import type { EcsState, Instance } from './state.ts';
import { seconds } from './wire-forms.ts';

interface Result {
  exitCode: number;
  output: string;
}

const ok = (output: string): Result => ({ exitCode: 0, output });

/**
 * What the emulated guest answers to a shell script. It knows the commands by which one looks after a web server
 * (`cloud-init status`, `ip addr`, `systemctl status`, `iptables-save`, `nft list ruleset`) and a few to shape their output; it computes the answers from
 * the state and never runs anything; what it changes is the state alone (`acs-plugin-manager`). Any other command ends with exit code 127. For scripts of curl see `GuestScript`.
 */
export function answerScript(state: EcsState, instance: Instance, script: string): Result {
  let output = '';
  let piped = '';
  let last: Result = ok('');
  const commands = splitScript(script);
  for (const [index, command] of commands.entries()) {
    if (command.joint === '&&' && last.exitCode !== 0) continue;
    if (command.joint === '||' && last.exitCode === 0) continue;
    last = answer(state, instance, command.words, command.joint === '|' ? piped : '');
    const isPiped = commands[index + 1]?.joint === '|';
    piped = isPiped ? last.output : '';
    if (!isPiped && command.redirect === undefined) output += last.output;
  }
  return { exitCode: last.exitCode, output };
}

function answer(state: EcsState, instance: Instance, given: string[], input: string): Result {
  let words = given;
  if (words[0] === 'sudo') words = words.slice(1);
  if (words[0] === 'timeout') words = words.slice(2);
  const name = posix.basename(words[0] ?? '');
  const rest = words.slice(1);
  switch (name) {
    case 'cloud-init':
      if (rest[0] === 'status') return cloudInit(state, instance, rest);
      break;
    case 'ip':
      if (rest.some((word) => /^a(d(d(r(ess)?)?)?)?$/.test(word))) return ipAddress(instance, rest);
      break;
    case 'systemctl':
      if (rest.some((word) => word === 'nginx' || word === 'nginx.service')) return systemctl(state, instance, rest);
      break;
    case 'iptables-save':
      return ok(iptablesSave(instance.firewall, 4));
    case 'ip6tables-save':
      return ok(iptablesSave(instance.firewall, 6));
    case 'nft':
      if (rest.join(' ') === 'list ruleset') return ok(nftRuleset(instance.firewall));
      break;
    case 'firewall-cmd':
      if (rest.join(' ') === '--state')
        return instance.firewall?.tool === 'firewalld' ? ok('running\n') : { exitCode: 252, output: 'not running\n' };
      break;
    case 'acs-plugin-manager':
      if (rest.includes('--exec') && rest.includes('--plugin=ecs-utils-ipv6')) return ok(configureInet6(instance));
      break;
    case 'echo':
      return ok(`${rest.join(' ')}\n`);
    case 'hostname':
      return ok(`${instance.hostName}\n`);
    case 'true':
    case ':':
    case 'set':
      return ok('');
    case 'cat':
      if (rest.length === 0) return ok(input);
      break;
    case 'grep':
      return grep(rest, input);
    case 'head':
    case 'tail':
      return clip(name, rest, input);
    default:
  }
  const text = given.join(' ');
  return {
    exitCode: 127,
    output:
      name === 'curl'
        ? `bash: curl: the emulated guest does not know: ${text} (${whyNot(rest)})\n`
        : `bash: ${words[0] ?? ''}: command not found (the emulated guest does not know: ${text})\n`,
  };
}

/** Why a curl does not run; those that do never come here. */
function whyNot(words: string[]): string {
  const read = readCurl(words);
  return typeof read === 'string'
    ? read
    : 'it runs curl in scripts of curl and echo only, with all that a shell would act on in quotes';
}

/** Source of the wording: https://cloudinit.readthedocs.io/en/latest/howto/status.html */
function cloudInit(state: EcsState, instance: Instance, rest: string[]): Result {
  const problems = guestSite(instance.userData)?.problems ?? [];
  const isDone = state.isGuestUp(instance);
  const status = !isDone ? 'running' : problems.length > 0 ? 'error' : 'done';
  const long = rest.includes('--long') || rest.includes('-l');
  const detail = long ? `detail:\n${problems.map((problem) => `${problem}\n`).join('') || 'DataSourceAliYun\n'}` : '';
  return { exitCode: status === 'error' ? 1 : 0, output: `status: ${status}\n${detail}` };
}

function ipAddress(instance: Instance, rest: string[]): Result {
  const only = rest.find((word) => word === '-6' || word === '-4');
  const link = (index: number, name: string) =>
    `${index}: ${name}: <${name === 'lo' ? 'LOOPBACK' : 'BROADCAST,MULTICAST'},UP,LOWER_UP> mtu ${name === 'lo' ? 65_536 : 1500} state ${name === 'lo' ? 'UNKNOWN' : 'UP'} qlen 1000\n`;
  const line = (family: string, address: string, scope: string, dynamic = '') =>
    `    ${family} ${address} scope ${scope}${dynamic}\n       valid_lft forever preferred_lft forever\n`;
  const isGlobalOnly = rest.includes('global');
  let output = '';
  if (!isGlobalOnly) {
    output += link(1, 'lo');
    if (only !== '-6') output += line('inet', '127.0.0.1/8', 'host lo');
    if (only !== '-4') output += line('inet6', '::1/128', 'host ');
  }
  output += link(2, 'eth0');
  if (only !== '-6') output += line('inet', `${instance.privateIpAddress}/24`, 'global', ' dynamic eth0');
  if (only !== '-4') {
    for (const address of hasInet6(instance) ? instance.ipv6Addresses : [])
      output += line('inet6', `${address}/128`, 'global', ' dynamic');
    if (!isGlobalOnly) output += line('inet6', 'fe80::216:3eff:fe00:1/64', 'link ');
  }
  return ok(output);
}

/** Exit codes as of systemctl: 0 active, 3 inactive, 4 no such unit. Source: https://www.freedesktop.org/software/systemd/man/latest/systemctl.html */
function systemctl(state: EcsState, instance: Instance, rest: string[]): Result {
  const site = guestSite(instance.userData, instance.boots === 1 ? 'first' : 'later');
  const isInstalled = site !== undefined && (site.listens.length > 0 || site.problems.length === 0);
  const isActive = state.siteOf(instance) !== undefined;
  const isEnabled = isInstalled && (guestSite(instance.userData, 'later')?.listens.length ?? 0) > 0;
  const hasFailed = (site?.problems.length ?? 0) > 0;
  const verb = rest.find((word) => !word.startsWith('-'));
  const active = isActive ? 'active' : hasFailed && isInstalled ? 'failed' : 'inactive';
  if (verb === 'is-active') return { exitCode: isActive ? 0 : 3, output: `${active}\n` };
  if (verb === 'is-enabled')
    return isInstalled
      ? { exitCode: isEnabled ? 0 : 1, output: isEnabled ? 'enabled\n' : 'disabled\n' }
      : { exitCode: 1, output: 'Failed to get unit file state for nginx.service: No such file or directory\n' };
  if (verb !== 'status')
    return { exitCode: 127, output: `the emulated guest does not know: systemctl ${rest.join(' ')}\n` };
  if (!isInstalled) return { exitCode: 4, output: 'Unit nginx.service could not be found.\n' };
  const enabled = isEnabled ? 'enabled' : 'disabled';
  const since = seconds(instance.startedAtMs + state.context.latency.cloudInitMs);
  const activity = isActive
    ? `active (running) since ${since}`
    : active === 'failed'
      ? 'failed (Result: exit-code)'
      : 'inactive (dead)';
  const why = active === 'failed' ? (site?.problems ?? []).map((problem) => `  ${problem}\n`).join('') : '';
  return {
    exitCode: isActive ? 0 : 3,
    output:
      '● nginx.service - The nginx HTTP and reverse proxy server\n' +
      `   Loaded: loaded (/usr/lib/systemd/system/nginx.service; ${enabled}; vendor preset: disabled)\n` +
      `   Active: ${activity}\n${why}`,
  };
}

/** Fixed strings and simple patterns; `-i`, `-v`, `-c`, `-q`, `-E`, `-F`. */
function grep(rest: string[], input: string): Result {
  const options = rest.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  const pattern = rest.find((word) => !word.startsWith('-')) ?? '';
  const source = options.includes('F') ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern;
  let expression: RegExp;
  try {
    expression = new RegExp(source, options.includes('i') ? 'i' : '');
  } catch {
    return { exitCode: 2, output: `grep: the emulated guest does not know the pattern ${pattern}\n` };
  }
  const found = input
    .split('\n')
    .filter((line, index, lines) => !(line === '' && index === lines.length - 1))
    .filter((line) => expression.test(line) !== options.includes('v'));
  const output = options.includes('q')
    ? ''
    : options.includes('c')
      ? `${found.length}\n`
      : found.map((line) => `${line}\n`).join('');
  return { exitCode: found.length > 0 ? 0 : 1, output };
}

function clip(name: 'head' | 'tail', rest: string[], input: string): Result {
  const count = Math.abs(Number(/-?\d+/.exec(rest.join(' '))?.[0] ?? 10));
  const lines = input.split('\n').filter((line, index, all) => !(line === '' && index === all.length - 1));
  const kept = name === 'head' ? lines.slice(0, count) : count === 0 ? [] : lines.slice(-count);
  return ok(kept.map((line) => `${line}\n`).join(''));
}
