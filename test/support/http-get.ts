import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { Dial } from '../../shared/net/dial.ts';

export interface HttpAnswer {
  /** Address that answered. */
  remoteAddress: string;
  status: number;
  headers: Record<string, string>;
  /** At most `maxBodyBytes` of it. */
  body: string;
}

const maxBodyBytes = 64 * 1024;

/**
 * One GET over a new connection to exactly this address: no name is resolved, no redirect followed, no connection reused.
 *
 * @param host - Host header, and server name of TLS.
 * @throws the socket's error (`ECONNREFUSED`, `ENETUNREACH`...), or an Error with code `ETIMEDOUT` after `timeoutMs` in all.
 */
export function httpGet(
  dial: Dial,
  target: { address: string; port: number; host: string; path: string; tls: boolean; timeoutMs: number },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const socket = dial({ address: target.address, port: target.port });
    const end = (finish: () => void) => {
      clearTimeout(timer);
      finish();
      socket.destroy();
    };
    // Rejects by itself: a socket that is closed already (a 101 closes it without a word) would emit no error.
    const timer = setTimeout(() => {
      const timeout = Object.assign(new Error(`no answer within ${target.timeoutMs} ms`), { code: 'ETIMEDOUT' });
      end(() => reject(timeout));
    }, target.timeoutMs);
    socket.once('error', (error) => end(() => reject(error)));
    const options = {
      method: 'GET',
      path: target.path,
      headers: { host: target.host, connection: 'close', 'user-agent': 'dualstack-alb' },
    };
    const request = target.tls
      ? // The certificate's validity is a finding of its own, not a reason to see no answer at all.
        httpsRequest({
          ...options,
          createConnection: () => tlsConnect({ socket, ...serverName(target.host), rejectUnauthorized: false }),
        })
      : httpRequest({ ...options, createConnection: () => socket });
    request.once('error', (error) => end(() => reject(error)));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const answer = (): HttpAnswer => ({
        remoteAddress: socket.remoteAddress ?? target.address,
        status: response.statusCode ?? 0,
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : (value ?? ''),
          ]),
        ),
        body: Buffer.concat(chunks).toString('utf8'),
      });
      const { remoteAddress } = socket;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= maxBodyBytes) chunks.push(chunk);
        else end(() => resolve(answer()));
      });
      response.once('end', () => end(() => resolve({ ...answer(), remoteAddress: remoteAddress ?? target.address })));
      response.once('error', (error) => end(() => reject(error)));
    });
    request.end();
  });
}

/** An address is no server name (RFC 6066, section 3). */
const serverName = (host: string): { servername?: string } =>
  isIP(host.replace(/^\[|\]$/g, '')) === 0 ? { servername: host } : {};
