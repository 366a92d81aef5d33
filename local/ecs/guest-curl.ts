import { isIPv6 } from 'node:net';
import type { CurlCommand } from './curl-options.ts';
import type { CurlStep } from './curl-script.ts';
import { lastExitCode } from './curl-script.ts';
import { type Connection, type Ended, type Failure, failed, MachineCurl, type Socket } from './curl-transfer.ts';
import { writeOut } from './curl-write-out.ts';
import { hasInet6 } from './guest-inet6.ts';
import type { GuestNetwork } from './guest-network.ts';
import type { EcsState, Instance } from './state.ts';

/** What a script has come to; `Timeout`: it was ended at the deadline, `Interrupted`: its guest went down meanwhile. */
export interface GuestRun {
  ended: 'Exit' | 'Timeout' | 'Interrupted';
  atMs: number;
  exitCode: number;
  output: string;
}

/** When Linux gives up on a connection that nobody answers: after six repetitions. Source: tcp_syn_retries in https://man7.org/linux/man-pages/man7/tcp.7.html */
const kernelTimeoutMs = 127_000;
/** Source: DEFAULT_CONNECT_TIMEOUT in https://github.com/curl/curl/blob/curl-7_61_1/lib/connect.h */
const defaultConnectTimeoutMs = 300_000;

/**
 * A script of curl on a guest. Its commands run one after the other, with the machine's own curl and real packets, to the
 * loopback socket behind the address that the guest would meet. What the guest does not reach fails as curl 7.61 does, after the
 * time that it takes on the cloud's clock. Both streams come out in one, as Cloud Assistant keeps them.
 *
 * @see https://github.com/aliyun/aliyun_assist_client/blob/main/agent/taskengine/basetask.go (one writer for both streams)
 */
export class GuestScript {
  readonly #state: EcsState;
  readonly #network: GuestNetwork;
  readonly #instance: Instance;
  readonly #deadlineMs: number;
  readonly #closing: AbortSignal;
  /** How far the script is; the clock may have jumped beyond. */
  #atMs: number;

  constructor(parts: {
    state: EcsState;
    network: GuestNetwork;
    instance: Instance;
    deadlineMs: number;
    closing: AbortSignal;
  }) {
    this.#state = parts.state;
    this.#network = parts.network;
    this.#instance = parts.instance;
    this.#deadlineMs = parts.deadlineMs;
    this.#closing = parts.closing;
    this.#atMs = parts.state.context.clock.nowMs();
  }

  async run(steps: CurlStep[]): Promise<GuestRun> {
    const machine = new MachineCurl(this.#closing);
    const hasCurl = await this.#busy(() => machine.exists());
    let exitCode = 0;
    let output = '';
    const result = (ended: GuestRun['ended']): GuestRun => ({ ended, atMs: this.#atMs, exitCode, output });
    for (const step of steps) {
      if (step.does === 'echo') {
        output += `${step.text.replaceAll(lastExitCode, String(exitCode))}\n`;
        exitCode = 0;
        continue;
      }
      const done = hasCurl ? await this.#curl(machine, step.command) : noCurl;
      if (!this.#state.isGuestUp(this.#instance)) return result('Interrupted');
      if (this.#atMs >= this.#deadlineMs) return result('Timeout');
      ({ exitCode } = done);
      output += done.output;
    }
    return result('Exit');
  }

  async #curl(machine: MachineCurl, command: CurlCommand): Promise<{ exitCode: number; output: string }> {
    const met = await this.#connect(command);
    const own = this.#instance.ipv6Addresses[0] ?? '';
    const ended: Ended =
      'socket' in met
        ? await this.#busy(() => machine.transfer(command, met, own, this.#deadlineMs - this.#atMs))
        : failed(command, met);
    const { text, complaints } = writeOut(command.writeOut ?? '', ended.transfer);
    const message = command.showsErrors ? ended.message : '';
    // Standard output is buffered, standard error is not: what curl complains of comes first.
    return { exitCode: ended.exitCode, output: `${complaints}${message}${ended.body}${text}` };
  }

  /**
   * Tries the addresses in turn, each for as long as curl 7.61 does: the first of several for half of the time, each next one
   * for half of what is left.
   *
   * @see https://github.com/curl/curl/blob/curl-7_61_1/lib/connect.c (Curl_connecthost, Curl_is_connected)
   */
  async #connect(command: CurlCommand): Promise<Connection | Failure> {
    const { host, port, resolve, maxTimeMs, connectTimeoutMs } = command;
    const startMs = performance.now();
    const addresses = isIPv6(host) ? [host] : (resolve.get(`${host}:${port}`) ?? this.#network.ipv6AddressesOf(host));
    const passed = { lookup: (performance.now() - startMs) / 1000, waited: 0 };
    if (addresses.length === 0) return { exitCode: 6, reason: `Could not resolve host: ${host}`, connects: 0, passed };
    const limitMs = Math.min(maxTimeMs ?? Infinity, connectTimeoutMs ?? Infinity, defaultConnectTimeoutMs);
    let leftMs = limitMs;
    let addressMs = addresses.length === 1 ? limitMs : limitMs / 2;
    let why: string | undefined;
    for (const address of addresses) {
      const found = await this.#busy(() => this.#route(address, port));
      if ('host' in found) return { address, socket: found, passed };
      // Fails at once: no connection is begun.
      if (found.refusal === 'ENETUNREACH') continue;
      why = 'Connection refused';
      if (found.refusal !== 'ECONNREFUSED') {
        const waitMs = Math.min(addressMs, kernelTimeoutMs);
        await this.#pause(waitMs);
        passed.waited += waitMs / 1000;
        leftMs -= waitMs;
        if (leftMs === 0)
          return { exitCode: 28, reason: `Connection timed out after ${limitMs} milliseconds`, connects: 1, passed };
        why = 'Connection timed out';
      }
      addressMs = leftMs / 2;
    }
    return why === undefined
      ? { exitCode: 7, reason: "Couldn't connect to server", connects: 0, passed }
      : { exitCode: 7, reason: `Failed to connect to ${host} port ${port}: ${why}`, connects: 1, passed };
  }

  async #route(address: string, port: number): Promise<Socket | { refusal: string }> {
    const { ipv6Addresses, vSwitchId, vpcId } = this.#instance;
    const [own] = ipv6Addresses;
    const hasRoute = (this.#state.vpc.vSwitches.find(vSwitchId)?.ipv6CidrBlock ?? '') !== '';
    if (own === undefined || !hasRoute || !hasInet6(this.#instance)) return { refusal: 'ENETUNREACH' };
    return await this.#network.route(address, port, { vpcId, address: own });
  }

  /** Waits on the cloud's clock, at most until the deadline. */
  async #pause(ms: number): Promise<void> {
    this.#atMs = Math.min(this.#atMs + ms, this.#deadlineMs);
    await this.#state.context.clock.waitUntil(this.#atMs, this.#closing);
  }

  /** Work that takes real time only. */
  async #busy<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#state.context;
    const end = this.#network.begin();
    const startMs = clock.nowMs();
    try {
      return await work();
    } finally {
      this.#atMs += clock.nowMs() - startMs;
      end();
    }
  }
}

const noCurl = { exitCode: 127, output: 'bash: curl: command not found\n' };
