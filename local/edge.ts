import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../shared/clock.ts';
import type { CredentialStore } from './credentials.ts';
import { Faults, type FaultRule } from './faults.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from './wire.ts';
import { masked } from './mask.ts';
import { refusalOf } from './visitor.ts';
import { setAt } from './dictionary.ts';

/** One line of the wire log: a call that reached the cloud. */
export interface WireLogEntry {
  time: string;
  service: string;
  version: string;
  action: string;
  params: Record<string, unknown>;
  httpStatus: number;
  code: string;
  requestId: string;
  clientToken: string;
  /** Function name, or the role or `root` that signed. */
  caller: string;
  /** The injected fault that struck this call. */
  fault?: string;
}

export interface EdgeOptions {
  clock: Clock;
  credentials: CredentialStore;
  services: WireService[];
  faults?: Faults;
  /** Answers `/_local/...`; undefined when it does not know the path. */
  control?: (request: WireRequest) => Promise<WireAnswer | undefined>;
  onCall?: (entry: WireLogEntry) => void;
  /** Ends the function instance that owns the access key: for `kill-before` and `kill-after`. */
  onKill?: (accessKeyId: string) => Promise<void> | void;
  /** Whether the instance that holds the access key has ended: the connection is cut, and nothing happens. */
  isDead?: (accessKeyId: string) => boolean;
  /** Learns of an error that no service has an answer for; default: it is printed. The caller gets neither stack nor paths. */
  onDefect?: (error: unknown, requestId: string) => void;
  maxBodyBytes?: number;
  /** Names of this machine that are served besides those of loopback and of the vendor. */
  hosts?: readonly string[];
}

export const jsonAnswer = (status: number, body: unknown, headers: Record<string, string> = {}): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

const defect = {
  code: 'EmbeddedCloudDefect',
  message: 'The embedded cloud has a defect; what it prints beside this request id says more.',
};

const html502 =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>tengine</center>\r\n</body>\r\n</html>\r\n';

/** `undefined` when there are more than `mostBytes`. @throws when the connection ends before the body does. */
async function bodyOf(incoming: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostBytes) chunks.push(chunk);
      else resolve(undefined);
    });
    incoming.once('end', () => resolve(Buffer.concat(chunks)));
    incoming.once('error', reject);
    incoming.once('close', () => {
      if (!incoming.complete) reject(new Error('the connection ended before the request did'));
    });
  });
}

/** The one HTTP listener of the embedded cloud: finds the service, injects faults, keeps the wire log. */
export class Edge {
  readonly faults: Faults;
  readonly #options: EdgeOptions;
  readonly #server: Server;
  #inFlight = 0;
  #calls = 0;
  #port = 0;

  constructor(options: EdgeOptions) {
    this.#options = options;
    this.faults = options.faults ?? new Faults();
    // The SDKs put parameters into the query: 32 KB of user data are 43 KB of Base64, and more when percent-encoded.
    this.#server = createServer({ keepAliveTimeout: 60_000, maxHeaderSize: 256 * 1024 }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** Calls that are being answered now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls that reached a service since the start. */
  get calls(): number {
    return this.#calls;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  addService(service: WireService): void {
    this.#options.services.push(service);
  }

  /** @throws the listen error, such as EADDRINUSE. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    return this.url;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort();
    });
    this.#inFlight += 1;
    let answer: WireAnswer | undefined;
    try {
      const request = await this.#read(incoming);
      const refusal = request === undefined ? undefined : refusalOf(request, this.#options.hosts ?? []);
      if (request === undefined) answer = jsonAnswer(413, { Code: 'RequestEntityTooLarge', Message: 'body too large' });
      else if (refusal !== undefined)
        answer = jsonAnswer(403, { RequestId: request.id, Code: 'EmbeddedCloud.ForeignRequest', Message: refusal });
      else if (request.path.startsWith('/_local/'))
        answer =
          (await this.#options.control?.(request)) ?? jsonAnswer(404, { error: `no control at ${request.path}` });
      else answer = await this.#dispatch(request, gone.signal);
      if (answer === undefined) outgoing.destroy();
      else await this.#write(outgoing, answer);
    } catch (error) {
      if (!outgoing.headersSent && !outgoing.destroyed) {
        const id = randomUUID().toUpperCase();
        this.#reportDefect(error, id);
        await this.#write(outgoing, jsonAnswer(500, { RequestId: id, Code: defect.code, Message: defect.message }));
      } else outgoing.destroy();
    } finally {
      this.#inFlight -= 1;
      answer?.onSent?.();
    }
  }

  async #read(incoming: IncomingMessage): Promise<WireRequest | undefined> {
    const body = await bodyOf(incoming, this.#options.maxBodyBytes ?? 64 * 1024 * 1024);
    if (body === undefined) return undefined;
    const target = incoming.url ?? '/';
    const question = target.indexOf('?');
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(incoming.headers))
      if (value !== undefined) setAt(headers, name, Array.isArray(value) ? value.join(', ') : value);
    return {
      id: randomUUID().toUpperCase(),
      method: incoming.method ?? 'GET',
      target,
      path: question < 0 ? target : target.slice(0, question),
      query: new URLSearchParams(question < 0 ? '' : target.slice(question + 1)),
      headers,
      body,
      ...(incoming.socket.remoteAddress === undefined
        ? {}
        : { remoteAddress: incoming.socket.remoteAddress.replace(/^::ffff:/, '') }),
    };
  }

  #reportDefect(error: unknown, requestId: string): void {
    const { onDefect } = this.#options;
    if (onDefect === undefined) console.error(`embedded cloud: ${defect.code} in request ${requestId}:`, error);
    else onDefect(error, requestId);
  }

  /** The service's answer; an error of ours in the service's own form. */
  async #ask(service: WireService, request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    try {
      return await service.handle(request, signal);
    } catch (error) {
      // Nobody is there to be answered.
      if (signal.aborted) throw error;
      this.#reportDefect(error, request.id);
      return service.refuse(request, 500, defect.code, defect.message);
    }
  }

  /** `undefined`: cut the connection. */
  async #dispatch(request: WireRequest, signal: AbortSignal): Promise<WireAnswer | undefined> {
    const service = this.#options.services.find((candidate) => candidate.accepts(request));
    if (service === undefined)
      return jsonAnswer(400, {
        RequestId: request.id,
        Code: 'EmbeddedCloud.UnknownService',
        Message: `the embedded cloud has no service for ${request.method} ${request.path}; GET /_local/actions lists what it has`,
      });
    if (service.isDoor === true) return await service.handle(request, signal);
    let facts: CallFacts;
    try {
      facts = service.describe(request);
    } catch (error) {
      return service.refuse(request, 400, 'InvalidParameter', error instanceof Error ? error.message : String(error));
    }
    if (this.#options.isDead?.(facts.accessKeyId ?? '') === true) return undefined;
    this.#calls += 1;
    const principal = this.#options.credentials.find(facts.accessKeyId ?? '')?.principal;
    const fault = this.faults.strike(facts, principal?.functionName);
    const answer = await this.#handle(service, request, fault, facts, signal);
    this.#options.onCall?.({
      time: new Date(this.#options.clock.nowMs()).toISOString(),
      service: facts.service,
      version: facts.version,
      action: facts.action,
      params: masked(facts.params),
      httpStatus: answer?.status ?? 0,
      code: answer?.code ?? '',
      requestId: request.id,
      clientToken: facts.clientToken ?? '',
      caller: principal?.functionName ?? principal?.name ?? '',
      ...(fault === undefined ? {} : { fault: fault.kind }),
    });
    return answer;
  }

  async #handle(
    service: WireService,
    request: WireRequest,
    fault: FaultRule | undefined,
    facts: CallFacts,
    signal: AbortSignal,
  ): Promise<WireAnswer | undefined> {
    switch (fault?.kind) {
      case undefined:
        return await this.#ask(service, request, signal);
      case 'throttle':
        return service.refuse(
          request,
          fault.httpStatus ?? 400,
          fault.code ?? 'Throttling.User',
          'Request was denied due to user flow control.',
        );
      case 'unavailable':
        return service.refuse(
          request,
          503,
          fault.code ?? 'ServiceUnavailable',
          'The request has failed due to a temporary failure of the server.',
        );
      case 'error':
        return service.refuse(
          request,
          fault.httpStatus ?? 400,
          fault.code ?? 'InternalError',
          fault.message ?? 'injected error',
        );
      case 'html-502':
        return { status: 502, headers: { 'content-type': 'text/html' }, body: html502, code: '502' };
      case 'reset-before':
        return undefined;
      case 'kill-before':
        await this.#options.onKill?.(facts.accessKeyId ?? '');
        return undefined;
      case 'reset-after':
      case 'kill-after': {
        const answer = await this.#ask(service, request, signal);
        answer.onSent?.();
        if (fault.kind === 'kill-after') await this.#options.onKill?.(facts.accessKeyId ?? '');
        return undefined;
      }
      case 'late': {
        const answer = await this.#ask(service, request, signal);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, fault.delayMs ?? 15_000);
          signal.addEventListener('abort', () => {
            clearTimeout(timer);
            resolve();
          });
        });
        return answer;
      }
    }
  }

  async #write(outgoing: ServerResponse, answer: WireAnswer): Promise<void> {
    if (outgoing.destroyed) return;
    const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
    const bodyless = answer.status === 204 || answer.status === 304;
    outgoing.writeHead(answer.status, {
      ...answer.headers,
      ...(bodyless ? {} : { 'content-length': String(body.length) }),
    });
    await new Promise<void>((resolve) => {
      outgoing.once('close', resolve);
      outgoing.end(bodyless ? undefined : body, () => resolve());
    });
  }
}
