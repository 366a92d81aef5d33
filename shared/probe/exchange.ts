import { createHash } from 'node:crypto';
import { isIPv4, type Socket } from 'node:net';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import type { Dial } from '../net/dial.ts';
import { type Certificate, certificateOf, tlsOptions } from './certificate.ts';
import { isTrueIpv6 } from './ipv6-only.ts';
import type { Sample } from './observation.ts';
import { AnswerError, ResponseReader } from './response-reader.ts';

export interface ExchangeTarget {
  /** Address literal of the family. */
  address: string;
  /** Default 6. An answer over the other one is none. */
  family?: 4 | 6;
  port: number;
  /** Default GET. */
  method?: 'GET' | 'HEAD';
  /** Host header, and server name of TLS. */
  host: string;
  path: string;
  tls: boolean;
  /** From the first packet to the last byte. */
  timeoutMs: number;
}

export interface Exchange {
  sample: Sample;
  /** What the backend is told by; absent without an answer. */
  headers?: Map<string, string>;
  body?: Buffer;
  /** What was sent, without the empty line that ends it; absent where nothing was. */
  request?: string;
  /** As they came: interim answers before the last. */
  heads?: readonly string[];
  /** Over TLS. */
  certificate?: Certificate;
}

type Phase = 'connect' | 'tls' | 'answer';

/** In the order and spelling of curl. */
const requestOf = ({ method = 'GET', host, port, path, tls }: ExchangeTarget): string =>
  [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}${port === (tls ? 443 : 80) ? '' : `:${port}`}`,
    'User-Agent: dualstack-alb-probe',
    'Accept: */*',
    'Connection: close',
  ].join('\r\n');

/**
 * One request over a new connection to exactly this address: nothing is resolved, no redirect followed, no connection used
 * again, never the other family. Ends within `timeoutMs` and keeps a bounded part of the answer, whatever the other side does.
 *
 * @returns always; what went wrong is in `sample.error`.
 */
export function exchange(dial: Dial, target: ExchangeTarget): Promise<Exchange> {
  const { address, family = 6 } = target;
  const isOfFamily = family === 6 ? isTrueIpv6 : isIPv4;
  const otherFamily = { code: `NOT_IPV${family}` };
  if (!isOfFamily(address))
    return Promise.resolve({
      sample: { address, phases: { totalMs: 0 }, error: { ...otherFamily, phase: 'connect' } },
    });
  return new Promise((resolve) => {
    const startMs = performance.now();
    const elapsed = () => performance.now() - startMs;
    const isHead = target.method === 'HEAD';
    const reader = new ResponseReader({ isHead });
    const sample: Sample = { address, phases: { totalMs: 0 } };
    let certificate: Certificate | undefined;
    let request: string | undefined;
    let phase: Phase = 'connect';
    let isOver = false;
    let spokenAtMs = 0;
    const end = (error?: unknown) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      sample.phases.totalMs = rounded(elapsed());
      if (error !== undefined) sample.error = { code: codeOf(error), phase };
      if (reader.status !== 0) sample.status = reader.status;
      raw.destroy();
      stream.destroy();
      const read = error === undefined ? answerOf(reader, sample, isHead) : {};
      resolve({
        sample,
        ...read,
        ...(request === undefined ? {} : { request, heads: reader.heads }),
        ...(certificate === undefined ? {} : { certificate }),
      });
    };
    const timer = setTimeout(() => end(timedOut), target.timeoutMs);
    const raw = dial({ address, port: target.port });
    let stream: Socket | TLSSocket = raw;
    const speak = () => {
      phase = 'answer';
      spokenAtMs = elapsed();
      request = requestOf(target);
      stream.write(`${request}\r\n\r\n`, 'latin1');
    };
    const listen = (socket: Socket | TLSSocket) => {
      // A socket that has been destroyed may still tell of an error.
      socket.on('error', end);
      socket.on('close', () => end(closedEarly));
    };
    const readAnswer = (chunk: Buffer) => {
      if (isOver) return;
      sample.phases.firstByteMs ??= rounded(elapsed() - spokenAtMs);
      try {
        if (reader.push(chunk)) end();
      } catch (error) {
        end(error);
      }
    };
    listen(raw);
    raw.once('connect', () => {
      sample.phases.connectMs = rounded(elapsed());
      const { remoteAddress } = raw;
      if (remoteAddress !== undefined) sample.remoteAddress = remoteAddress;
      if (remoteAddress === undefined || !isOfFamily(remoteAddress)) {
        end(otherFamily);
        return;
      }
      if (!target.tls) {
        speak();
        return;
      }
      phase = 'tls';
      // Whether the certificate is trusted is a finding of its own, not a reason to see no answer at all.
      const secure = tlsConnect({ socket: raw, ...tlsOptions(target.host) }, () => {
        sample.phases.tlsMs = rounded(elapsed() - (sample.phases.connectMs ?? 0));
        certificate = certificateOf(secure, target.host);
        speak();
      });
      stream = secure;
      listen(secure);
      secure.on('data', readAnswer);
      secure.on('end', () => end(reader.end() ? undefined : closedEarly));
    });
    if (!target.tls) {
      raw.on('data', readAnswer);
      raw.on('end', () => end(reader.end() ? undefined : closedEarly));
    }
  });
}

const timedOut = { code: 'ETIMEDOUT' };
const closedEarly = new AnswerError('CLOSED_EARLY', 'the connection was closed before the answer was complete');

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'UNKNOWN';

function answerOf(reader: ResponseReader, sample: Sample, isHead: boolean): Pick<Exchange, 'headers' | 'body'> {
  const { headers, body } = reader;
  // Of no body, all servers have the same.
  if (!isHead) sample.bodyHash = createHash('sha1').update(body).digest('base64url').slice(0, 12);
  const location = headers.get('location');
  if (location !== undefined && reader.status >= 300 && reader.status < 400) sample.location = location.slice(0, 500);
  return { headers, body };
}
