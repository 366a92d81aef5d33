import { isIP, isIPv6 } from 'node:net';

/** A `curl -6` that the emulated guest runs. */
export interface CurlCommand {
  url: string;
  protocol: 'http' | 'https';
  /** Name, or IPv6 address without brackets. */
  host: string;
  port: number;
  /** From `--resolve`, by `host:port`. */
  resolve: Map<string, string[]>;
  writeOut?: string;
  showsErrors: boolean;
  /** No limit: undefined. */
  maxTimeMs?: number;
  connectTimeoutMs?: number;
  /** Options that the machine's curl gets as they are. */
  passedOn: string[];
}

interface Option {
  short?: string;
  long: string;
  /** Absent: takes no value. */
  value?: RegExp;
}

/** What curl 7.61 of the guest's distribution can do, as far as a probe has use for it. */
const options: Option[] = [
  { short: '6', long: 'ipv6' },
  { short: 's', long: 'silent' },
  { short: 'S', long: 'show-error' },
  { short: 'i', long: 'include' },
  // Headers only. Source: https://github.com/curl/curl/blob/curl-7_61_1/docs/cmdline-opts/head.d
  { short: 'I', long: 'head' },
  { short: 'k', long: 'insecure' },
  { short: 'o', long: 'output', value: /^\/dev\/null$/ },
  { short: 'D', long: 'dump-header', value: /^-$/ },
  { short: 'm', long: 'max-time', value: /^\d{1,5}(?:\.\d{1,6})?$/ },
  { long: 'connect-timeout', value: /^\d{1,5}(?:\.\d{1,6})?$/ },
  // A leading @ would have curl read a file.
  { short: 'w', long: 'write-out', value: /^(?!@)[\x20-\x7e]*$/ },
  { short: 'H', long: 'header', value: /^(?!@)[\x20-\x7e]+$/ },
  { short: 'A', long: 'user-agent', value: /^[\x20-\x7e]*$/ },
  { short: 'r', long: 'range', value: /^[\d,-]+$/ },
  { long: 'max-filesize', value: /^\d{1,12}$/ },
  { long: 'noproxy', value: /^[\w.*,:-]*$/ },
  { long: 'resolve', value: /^[a-z\d._-]+:\d{1,5}:[\da-f:,[\]]+$/i },
];

/** Told to the machine's curl in another form, or of no effect where there is no proxy. */
const ownForm = new Set([
  'ipv6',
  'silent',
  'show-error',
  'max-time',
  'connect-timeout',
  'write-out',
  'noproxy',
  'resolve',
]);

/**
 * @param words - what follows `curl`.
 * @returns a sentence about the first thing that the emulated guest does not know.
 */
export function readCurl(words: string[]): CurlCommand | string {
  const given: [Option, string][] = [];
  const urls: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as string;
    if (!word.startsWith('-')) {
      urls.push(word);
      continue;
    }
    const read = optionsOf(word, words[index + 1]);
    if (typeof read === 'string') return read;
    given.push(...read.options);
    if (read.takesNext) index += 1;
  }
  const all = (name: string) => given.filter(([{ long }]) => long === name).map(([, value]) => value);
  const last = (name: string) => all(name).at(-1);
  for (const must of ['ipv6', 'silent']) if (last(must) === undefined) return `no --${must}`;
  const [url = ''] = urls;
  const target = urls.length === 1 ? targetOf(url) : 'not one URL';
  const resolve = resolveOf(all('resolve'));
  if (typeof target === 'string') return target;
  if (typeof resolve === 'string') return resolve;
  const writeOut = last('write-out');
  const passedOn = given
    .filter(([{ long }]) => !ownForm.has(long))
    .flatMap(([{ long, value: takes }, value]) => (takes === undefined ? [`--${long}`] : [`--${long}`, value]));
  return {
    ...target,
    resolve,
    showsErrors: last('show-error') !== undefined,
    passedOn,
    ...(writeOut === undefined ? {} : { writeOut }),
    ...limitOf('maxTimeMs', last('max-time')),
    ...limitOf('connectTimeoutMs', last('connect-timeout')),
  };
}

/** `-sSo /dev/null`, `-m5`, `--max-time 5`. */
function optionsOf(
  word: string,
  next: string | undefined,
): { options: [Option, string][]; takesNext: boolean } | string {
  const isLong = word.startsWith('--');
  const read: [Option, string][] = [];
  const letters = isLong ? [word] : word.slice(1).split('');
  for (const [index, letter] of letters.entries()) {
    const option = options.find(({ short, long }) => (isLong ? `--${long}` === word : short === letter));
    if (option === undefined) return `the option ${isLong ? word : `-${letter}`}`;
    if (option.value === undefined) {
      read.push([option, '']);
      continue;
    }
    const attached = isLong ? '' : word.slice(index + 2);
    const value = attached === '' ? next : attached;
    if (value === undefined || !option.value.test(value)) return `--${option.long} ${value ?? ''}`.trimEnd();
    read.push([option, value]);
    return { options: read, takesNext: attached === '' };
  }
  return letters.length === 0 ? 'the option -' : { options: read, takesNext: false };
}

/** Zero is no limit. */
function limitOf<Name extends string>(name: Name, seconds: string | undefined): { [key in Name]?: number } {
  const ms = Number(seconds ?? 0) * 1000;
  return ms > 0 ? ({ [name]: ms } as { [key in Name]: number }) : {};
}

/** No fragments, no patterns of curl, no names or addresses of the guest itself, which has no socket here. */
function targetOf(url: string): Pick<CurlCommand, 'url' | 'protocol' | 'host' | 'port'> | string {
  const found = /^(https?):\/\/(\[[\da-f:.]+\]|[a-z\d_-]+(?:\.[a-z\d_-]+)*)(?::(\d{1,5}))?([/?][!$-Z^-z|~]*)?$/i.exec(
    url,
  );
  const protocol = found?.[1]?.toLowerCase() === 'https' ? 'https' : 'http';
  const host = found?.[2]?.replace(/^\[|\]$/g, '').toLowerCase() ?? '';
  const port = Number(found?.[3] ?? (protocol === 'https' ? 443 : 80));
  const isLiteral = found?.[2]?.startsWith('[') === true;
  const isRead = found !== null && port > 0 && port <= 65_535 && isIP(host) === (isLiteral ? 6 : 0);
  if (!isRead || /^(?:::1?|fe80:.*|.*\blocalhost)$/.test(host)) return `the URL ${url}`;
  return { url: found[4]?.startsWith('/') === true ? url : url.replace(/(?=\?|$)/, '/'), protocol, host, port };
}

/** IPv6 only: curl 7.61 would go to an IPv4 address that it is given here, `-6` or not. */
function resolveOf(values: string[]): Map<string, string[]> | string {
  const resolve = new Map<string, string[]>();
  for (const value of values) {
    const [, host = '', port, list = ''] = /^([^:]+):(\d+):(.+)$/.exec(value) ?? [];
    const addresses = list.split(',').map((address) => address.replace(/^\[(.*)\]$/, '$1'));
    if (!addresses.every((address) => isIPv6(address))) return `--resolve ${value}`;
    resolve.set(`${host.toLowerCase()}:${port}`, addresses);
  }
  return resolve;
}
