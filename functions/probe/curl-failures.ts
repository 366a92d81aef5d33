import type { Sample } from '../../shared/probe/observation.ts';

type Failure = NonNullable<Sample['error']>;

/** What a connection that did not come about is said to have died of (the system's words, as curl hands them on). */
const connectCodes: [words: RegExp, code: string][] = [
  [/connection refused/i, 'ECONNREFUSED'],
  [/network is unreachable/i, 'ENETUNREACH'],
  [/no route to host|host is unreachable/i, 'EHOSTUNREACH'],
  [/cannot assign requested address/i, 'EADDRNOTAVAIL'],
  [/address family not supported/i, 'EAFNOSUPPORT'],
  [/timed? ?-?out/i, 'ETIMEDOUT'],
];

/** Exit codes that tell of the other side or the way to it. Source: https://curl.se/libcurl/c/libcurl-errors.html (read 2026-11-29) */
const codes: Record<number, Failure> = {
  6: { code: 'ENOTFOUND', phase: 'connect' },
  8: { code: 'NOT_HTTP', phase: 'answer' },
  16: { code: 'NOT_HTTP', phase: 'answer' },
  18: { code: 'CLOSED_EARLY', phase: 'answer' },
  35: { code: 'TLS_HANDSHAKE', phase: 'tls' },
  52: { code: 'CLOSED_EARLY', phase: 'answer' },
  55: { code: 'EPIPE', phase: 'answer' },
  56: { code: 'ECONNRESET', phase: 'answer' },
  61: { code: 'NOT_HTTP', phase: 'answer' },
  92: { code: 'NOT_HTTP', phase: 'answer' },
};

/**
 * What an exit code of curl means for the request.
 *
 * @param message - what curl said, which it says in other words from version to version.
 * @param reached - phases that the request got behind it.
 * @returns undefined when it tells of the command or the instance, and nothing of the target.
 */
export function failureOf(
  exitCode: number,
  message: string,
  reached: { connect: boolean; tls: boolean },
): Failure | undefined {
  if (exitCode === 1) return /HTTP\/0\.9/.test(message) ? { code: 'NOT_HTTP', phase: 'answer' } : undefined;
  if (exitCode === 28)
    return { code: 'ETIMEDOUT', phase: reached.connect ? (reached.tls ? 'answer' : 'tls') : 'connect' };
  if (exitCode !== 7) return codes[exitCode];
  const [, code] = connectCodes.find(([words]) => words.test(message)) ?? [];
  // 7.61 names no cause where the system refuses at once: no packet could be sent. Later versions never name one, and an
  // instance that serves over IPv6 has a route: then somebody has refused.
  const isAtOnce = /Couldn't connect to server/.test(message) && !/Failed to connect/.test(message);
  return { code: code ?? (isAtOnce ? 'ENETUNREACH' : 'ECONNREFUSED'), phase: 'connect' };
}
