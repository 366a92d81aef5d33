import { inUrl } from '../net/cidr.ts';
import { oneLine } from '../text.ts';
import type { Exchange, ExchangeTarget } from './exchange.ts';

/** The longest lines, and the most of an answer, that are kept: whoever answers may send any. */
const longestLine = 500;
const mostHeaderLines = 60;

/** Of a socket's codes, the words of the C library that curl prints. */
const words: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'Connection refused'],
  ['ECONNRESET', 'Connection reset by peer'],
  ['EHOSTUNREACH', 'No route to host'],
  ['ENETUNREACH', 'Network is unreachable'],
  ['ETIMEDOUT', 'Connection timed out'],
]);

/**
 * Returns what `curl -6 -v` prints of an exchange, as far as its page describes the lines: `>` for headers that were sent, `<`
 * for those that came, and of its own words (`*`) which address was tried and what became of it. Those are in the form of curl
 * 8.0 and later; of a handshake over TLS there is no word. An answer is HTTP/1.1, as with `--http1.1`.
 *
 * @see https://curl.se/docs/manpage.html#-v (read 2026-11-30)
 */
export function curlLines(
  { address, port, host }: Pick<ExchangeTarget, 'address' | 'port' | 'host'>,
  { sample, request = '', heads = [] }: Pick<Exchange, 'sample' | 'request' | 'heads'>,
): string[] {
  const { error, remoteAddress } = sample;
  const reason = error === undefined ? '' : (words.get(error.code) ?? error.code);
  const tried = `*   Trying ${inUrl(address)}:${port}...`;
  if (remoteAddress === undefined || error?.phase === 'connect')
    return [tried, `* connect to ${address} port ${port} failed: ${reason}`];
  return [
    tried,
    `* Connected to ${host.replace(/^\[|\]$/g, '')} (${remoteAddress}) port ${port}`,
    // The empty line that ends a head is shown too, but for that of an interim answer.
    ...linesOf('>', request === '' ? [] : [...request.split('\r\n'), '']),
    ...linesOf(
      '<',
      heads.length === 0 ? [] : [...heads.flatMap((head) => head.split('\r\n')).slice(0, mostHeaderLines), ''],
    ),
    ...(error === undefined ? [] : [`* ${error.phase === 'tls' ? 'TLS' : 'answer'} failed: ${reason}`]),
  ];
}

const linesOf = (sign: '>' | '<', lines: string[]): string[] =>
  lines.map((line) => visible(`${sign} ${Buffer.from(line, 'latin1').toString('utf8')}`).slice(0, longestLine));

/** Blanks at its end stay: curl prints them. */
const visible = (line: string): string => oneLine(`${line}|`).slice(0, -1);

/** Addresses whose lines are kept. */
const mostAddresses = 4;

/** The lines of the first request to each address. */
export class CurlTranscripts {
  readonly #lines = new Map<string, string[]>();

  readonly note = (target: ExchangeTarget, answer: Exchange): void => {
    if (this.#lines.has(target.address) || this.#lines.size >= mostAddresses) return;
    this.#lines.set(target.address, curlLines(target, answer));
  };

  get lines(): string[][] {
    return [...this.#lines.values()];
  }
}
