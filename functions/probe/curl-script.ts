import { isIP, isIPv6 } from 'node:net';
import { countFor } from '../../shared/probe/observe-target.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import { escapedPath } from '../../shared/probe/well.ts';

/** Seconds. A connection within the VPC comes about at once, or with its second packet; an answer has as long as a function gives it. */
const connectSeconds = 2;
const requestSeconds = 5;

/** Part of a body that is asked for where answers are told apart by it. */
const askedBodyBytes = 512;
/** A body that is longer all the same, and says so, is not fetched: the output of all requests shares one limit. */
const longestBodyBytes = 4096;

/** What Cloud Assistant keeps of a command's output; of more it drops the middle. */
const keptOutputBytes = 24 * 1024;
/** Line of `-w`, exit code, and the usual response headers or the part of the body. */
const outputBytesOf = (target: ProbeTarget): number => 130 + (readsHead(target) ? 270 : askedBodyBytes);

/**
 * How often one command asks every address: what the weights want, as far as Cloud Assistant keeps what it prints and the
 * request allows it. At least once.
 */
export function roundsOf(target: ProbeTarget, addresses: number): number {
  const wanted = countFor(target, addresses);
  const most = Math.min(Math.floor(keptOutputBytes / outputBytesOf(target)), Math.max(wanted, target.mostRequests));
  return Math.max(1, Math.min(Math.ceil(wanted / addresses), Math.floor(most / addresses)));
}

/** Whether headers are looked at, by which answers are told apart; else bodies. */
export const readsHead = ({ method, identification }: Pick<ProbeTarget, 'method' | 'identification'>): boolean =>
  method === 'HEAD' ||
  identification.by === 'header' ||
  (identification.by === 'pattern' && identification.header !== undefined);

/** For a shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Shell script that asks all addresses in turn, for so many rounds: literal `curl -6`, a new connection each, nothing that
 * curl 7.61 does not know. curl tells its exit code to the shell only, so an `echo` follows each.
 *
 * @param mark - a random word, of letters and digits, that nobody who answers can know, to tell the lines of the script from theirs.
 * @returns Over TLS also one request ahead of the others that fails unless the certificate is trusted.
 * @throws Error where a part of the target is none that a URL can hold.
 * @see https://github.com/curl/curl/blob/curl-7_61_1/src/tool_getparam.c
 */
export function curlScript(target: ProbeTarget, addresses: string[], rounds: number, mark: string): string {
  const requests = addresses.map((_, index) => requestOf(target, addresses, index, mark));
  return [
    ...(target.tls ? [requestOf(target, addresses, 0, mark, true)] : []),
    `for round in $(seq ${rounds}); do`,
    ...requests,
    'done',
  ].join('\n');
}

function requestOf(target: ProbeTarget, addresses: string[], index: number, mark: string, trusts = false): string {
  const { tls, method } = target;
  const words = [
    `curl -6 -sS -m ${requestSeconds} --connect-timeout ${connectSeconds} --noproxy '*' -A dualstack-alb-probe`,
    ...(tls && !trusts ? ['-k'] : []),
    ...(method === 'HEAD' ? ['-I'] : []),
    readsHead(target) ? '-D - -o /dev/null' : `-r 0-${askedBodyBytes - 1} --max-filesize ${longestBodyBytes}`,
    ...whereTo(target, addresses[index] ?? ''),
    `-w ${quoted(writeOut(mark, index))}`,
  ];
  // One stream: Cloud Assistant may mix two as it likes.
  return `${words.join(' ')} 2>&1\necho ${mark} $?`;
}

/** Fields that `curl-output.ts` reads; a redirect last, since anything may stand in it. */
const writeOut = (mark: string, index: number): string =>
  `\\n${mark} ${index} %{http_code} %{remote_ip} %{time_connect} %{time_appconnect} %{time_starttransfer} %{time_total} %{size_download} %{redirect_url}\\n`;

function whereTo({ host, port, path, tls }: ProbeTarget, address: string): string[] {
  const isName =
    isIP(host) === 0 && /^[a-z0-9_*]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i.test(host);
  const isLiteral = /^\[.*\]$/.test(host) && isIPv6(host.slice(1, -1));
  const isPort = Number.isInteger(port) && port > 0 && port <= 65_535;
  if (!(isLiteral || isName) || !isIPv6(address) || !isPort || !path.startsWith('/'))
    throw new Error(`cannot be asked for by curl: ${JSON.stringify({ host, port, path, address }).slice(0, 300)}`);
  const name = `${host}${port === (tls ? 443 : 80) ? '' : `:${port}`}`;
  const url = (at: string) => quoted(`${tls ? 'https' : 'http'}://${at}${escapedPath(path)}`);
  return isLiteral
    ? [`-H ${quoted(`Host: ${name}`)}`, url(name.replace(host, `[${address}]`))]
    : [`--resolve ${quoted(`${host}:${port}:[${address}]`)}`, url(name)];
}
