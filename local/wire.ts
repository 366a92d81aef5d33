/** What every service of the embedded cloud sees of a request, and what it answers. No service knows about sockets. */

export interface WireRequest {
  /** Request id, also answered to the caller. */
  readonly id: string;
  readonly method: string;
  /** Path and query exactly as received (signatures are computed over it). */
  readonly target: string;
  /** Decoded by nobody: the part of `target` before `?`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names; a repeated header is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Address of the caller; absent where no socket is behind the request. */
  readonly remoteAddress?: string;
}

export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
  /** Error code of the answer, for the wire log. */
  code?: string;
  /** Called once, when the answer has reached the socket or can no longer reach it. */
  onSent?: () => void;
}

/** What a request asks for, read without any effect: for the fault injector and the wire log. */
export interface CallFacts {
  service: string;
  version: string;
  action: string;
  /** As sent. */
  params: Record<string, unknown>;
  /** Access key id as claimed; not yet verified. */
  accessKeyId?: string;
  clientToken?: string;
}

export interface WireService {
  readonly name: string;
  /** No service of the cloud but a way to one: its calls are not counted, logged or struck by faults. */
  readonly isDoor?: true;
  /** API version, and the wire names of all actions that it emulates; absent where calls have no such names. */
  readonly api?: { version: string; actions: string[] };
  /** Whether the request is of this service's protocol. Decides by path and headers alone. */
  accepts(request: WireRequest): boolean;
  describe(request: WireRequest): CallFacts;
  /** Authenticates the caller, then carries the request out. `signal` aborts when the client has gone. */
  handle(request: WireRequest, signal: AbortSignal): Promise<WireAnswer>;
  /** An error in this protocol's own form, for injected faults and for what went wrong before `handle`. */
  refuse(request: WireRequest, status: number, code: string, message: string): WireAnswer;
}
