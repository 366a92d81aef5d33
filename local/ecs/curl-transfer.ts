import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { canonical } from '../addresses.ts';
import type { CurlCommand } from './curl-options.ts';
import { type Transfer, writeOutVariables } from './curl-write-out.ts';

export interface Socket {
  host: string;
  port: number;
}

/** Seconds that have passed in the guest before anything was sent. */
interface Passed {
  lookup: number;
  waited: number;
}

export interface Connection {
  address: string;
  /** The loopback socket that stands for it. */
  socket: Socket;
  passed: Passed;
}

export interface Failure {
  exitCode: number;
  reason: string;
  /** Connections that were begun. */
  connects: number;
  passed: Passed;
}

export interface Ended {
  exitCode: number;
  transfer: Transfer;
  /** What curl says of the error. */
  message: string;
  body: string;
}

const separator = '\u001F';
const mostOutputBytes = 1024 * 1024;
const longestMs = 60_000;

/** The machine's own curl: never through a shell, and without the settings and proxies of the machine's user. */
export class MachineCurl {
  readonly #closing: AbortSignal;

  /** @param closing - ends it. */
  constructor(closing: AbortSignal) {
    this.#closing = closing;
  }

  async exists(): Promise<boolean> {
    return (await this.#run(['--version'], longestMs)).exitCode === 0;
  }

  /**
   * One transfer over a connection that the guest makes; what comes out is as the guest sees it.
   *
   * @param own - the guest's address.
   * @param timeoutMs - after which it is killed.
   */
  async transfer(command: CurlCommand, met: Connection, own: string, timeoutMs: number): Promise<Ended> {
    const { host, port, url, maxTimeMs, connectTimeoutMs, passedOn } = command;
    const mark = randomUUID();
    const left = (option: string, ms: number | undefined) =>
      ms === undefined ? [] : [option, String(ms / 1000 - met.passed.waited)];
    const args = [
      '--ipv6',
      '--silent',
      '--show-error',
      ...left('--max-time', maxTimeMs),
      ...left('--connect-timeout', connectTimeoutMs),
      ...passedOn,
      '--write-out',
      [mark, ...writeOutVariables.map((name) => `%{${name}}`)].join(separator),
      // The address alone is another one: what goes over the connection is the same.
      '--connect-to',
      `::[${met.socket.host}]:${met.socket.port}`,
      url,
    ];
    const { exitCode, stdout, stderr } = await this.#run(args, Math.min(timeoutMs, longestMs));
    const cut = stdout.lastIndexOf(mark);
    const values = cut === -1 ? [] : stdout.slice(cut).split(separator).slice(1);
    const seen = Object.fromEntries(writeOutVariables.map((name, index) => [name, values[index] ?? ''])) as Transfer;
    return {
      exitCode,
      transfer: seenInside(seen, met, { own, port }),
      message: stderr.replaceAll(/\S+ port \d+/g, `${host} port ${port}`),
      body: cut === -1 ? stdout : stdout.slice(0, cut),
    };
  }

  async #run(args: string[], timeoutMs: number): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    return await new Promise((resolve) => {
      const options = {
        env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
        encoding: 'utf8',
        maxBuffer: mostOutputBytes,
        signal: this.#closing,
        timeout: Math.max(1, timeoutMs),
        killSignal: 'SIGKILL',
      } as const;
      execFile('curl', ['--disable', ...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        resolve({ exitCode: typeof code === 'number' ? code : code === 'ENOENT' ? 127 : 137, stdout, stderr });
      });
    });
  }
}

/** Loopback mapped back to the guest's network, and numbers in the forms of curl 7.61. */
function seenInside(
  seen: Transfer,
  { address, passed }: Connection,
  { own, port }: { own: string; port: number },
): Transfer {
  const transfer = { ...seen, scheme: seen.scheme.toUpperCase() };
  for (const name of writeOutVariables) {
    const value = Number(seen[name]);
    const before = passed.lookup + (name === 'time_namelookup' ? 0 : passed.waited);
    // A phase that was not reached stays zero.
    if (name.startsWith('time_')) transfer[name] = (value > 0 ? value + before : 0).toFixed(6);
    if (name.startsWith('speed_')) transfer[name] = value.toFixed(3);
  }
  if (seen.remote_ip === '') return transfer;
  return { ...transfer, remote_ip: canonical(address), remote_port: String(port), local_ip: canonical(own) };
}

const never: Omit<Transfer, 'url_effective' | 'num_connects' | 'time_namelookup' | 'time_total'> = {
  http_code: '000',
  response_code: '000',
  http_connect: '000',
  time_connect: '0.000000',
  time_appconnect: '0.000000',
  time_pretransfer: '0.000000',
  time_starttransfer: '0.000000',
  size_header: '0',
  size_request: '0',
  size_download: '0',
  size_upload: '0',
  speed_download: '0.000',
  speed_upload: '0.000',
  content_type: '',
  time_redirect: '0.000000',
  num_redirects: '0',
  ftp_entry_path: '',
  redirect_url: '',
  ssl_verify_result: '0',
  proxy_ssl_verify_result: '0',
  filename_effective: '',
  remote_ip: '',
  remote_port: '0',
  local_ip: '',
  local_port: '0',
  http_version: '0',
  scheme: '',
};

/** What curl 7.61 shows where no connection came about. */
export function failed({ url }: CurlCommand, { exitCode, reason, connects, passed }: Failure): Ended {
  const transfer: Transfer = {
    ...never,
    url_effective: url,
    num_connects: String(connects),
    time_namelookup: (exitCode === 6 ? 0 : passed.lookup).toFixed(6),
    time_total: (passed.lookup + passed.waited).toFixed(6),
  };
  return { exitCode, transfer, message: `curl: (${exitCode}) ${reason}\n`, body: '' };
}
