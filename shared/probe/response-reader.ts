/** Bytes that are kept of a status line with its headers; more is refused. */
export const longestHeadBytes = 16 * 1024;
/** Bytes that are kept of a body; what follows is not read. */
export const keptBodyBytes = 64 * 1024;
/** Interim answers (1xx) that are passed over. */
const mostInterim = 5;

export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  /** `NOT_HTTP`, `HEAD_TOO_LARGE`, `CLOSED_EARLY`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Framing = { kind: 'none' } | { kind: 'length'; bytes: number } | { kind: 'chunked' } | { kind: 'close' };

const empty = Buffer.alloc(0);

/**
 * Reads one HTTP/1 answer from the bytes of a connection, keeping a bounded part of it. Written for probes, which open a
 * connection for each request: Node's own client costs several times as much for that.
 */
export class ResponseReader {
  status = 0;
  /** Lower-case names; repeated headers are joined by a comma. */
  headers = new Map<string, string>();
  /** Status lines with their headers, as they came. */
  readonly heads: string[] = [];
  /** Whether `body` holds all of it. */
  isWhole = true;
  #held: Buffer = empty;
  #framing: Framing | undefined;
  #interim = 0;
  #room: Buffer = empty;
  #bodyBytes = 0;
  #readBytes = 0;
  readonly #isHead: boolean;
  /** Bytes of the chunk being read that are still to come, its line end included; undefined: a size line comes next. */
  #chunkLeft: number | undefined;

  /** @param request - `isHead`: no body follows the headers, whatever they say of one. */
  constructor({ isHead = false }: { isHead?: boolean } = {}) {
    this.#isHead = isHead;
  }

  get body(): Buffer {
    return this.#room.subarray(0, this.#bodyBytes);
  }

  /** @returns whether the answer is complete as far as it is wanted. @throws AnswerError when it is none. */
  push(chunk: Buffer): boolean {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = empty;
    while (this.#framing === undefined) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end === -1) {
        if (bytes.length > longestHeadBytes) throw tooLarge();
        if (!startsAsHttp(bytes)) throw notHttp();
        this.#held = bytes;
        return false;
      }
      if (end > longestHeadBytes) throw tooLarge();
      this.#readHead(bytes.toString('latin1', 0, end));
      bytes = bytes.subarray(end + 4);
    }
    if (this.#readBody(bytes)) return true;
    // Tiny chunks are mostly framing.
    this.#readBytes += chunk.length;
    if (this.#readBytes <= 4 * keptBodyBytes) return false;
    this.isWhole = false;
    return true;
  }

  /** The other side has closed. @returns whether the answer is complete. */
  end(): boolean {
    return this.#framing !== undefined && this.#framing.kind === 'close';
  }

  #readHead(head: string): void {
    const lines = head.split('\r\n');
    const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(lines[0] ?? '')?.[1];
    if (status === undefined) throw notHttp();
    this.heads.push(head);
    this.status = Number(status);
    this.headers.clear();
    for (let index = 1; index < lines.length; index += 1) {
      const line = lines[index] as string;
      const colon = line.indexOf(':');
      if (colon <= 0) continue;
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      const before = this.headers.get(name);
      this.headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    if (this.status < 200 && this.status !== 101) {
      this.#interim += 1;
      if (this.#interim > mostInterim) throw notHttp();
      return;
    }
    this.#framing = this.#framingOf();
  }

  #framingOf(): Framing {
    if (this.#isHead || this.status === 101 || this.status === 204 || this.status === 304) return { kind: 'none' };
    if (/\bchunked\s*$/i.test(this.headers.get('transfer-encoding') ?? '')) return { kind: 'chunked' };
    const length = this.headers.get('content-length');
    if (length === undefined) return { kind: 'close' };
    // The same length told twice is one; anything else cannot be read (RFC 9112, section 6.3).
    const lengths = new Set(length.split(/\s*,\s*/));
    const [first = ''] = lengths;
    if (lengths.size !== 1 || !/^\d{1,15}$/.test(first)) throw notHttp();
    return first === '0' ? { kind: 'none' } : { kind: 'length', bytes: Number(first) };
  }

  #readBody(bytes: Buffer): boolean {
    const framing = this.#framing as Framing;
    switch (framing.kind) {
      case 'none':
        return true;
      case 'close':
        return this.#keep(bytes);
      case 'length': {
        const part = bytes.subarray(0, framing.bytes);
        framing.bytes -= part.length;
        return this.#keep(part) || framing.bytes === 0;
      }
      default:
        return this.#readChunks(bytes);
    }
  }

  #readChunks(given: Buffer): boolean {
    let bytes = given;
    for (;;) {
      if (this.#chunkLeft === undefined) {
        const end = bytes.indexOf('\r\n');
        if (end === -1) {
          if (bytes.length > 1024) throw notHttp();
          this.#held = bytes;
          return false;
        }
        const size = /^([0-9a-f]{1,12})\s*(?:;|$)/i.exec(bytes.toString('latin1', 0, end))?.[1];
        if (size === undefined) throw notHttp();
        // Trailers say nothing that a probe wants.
        if (Number.parseInt(size, 16) === 0) return true;
        this.#chunkLeft = Number.parseInt(size, 16) + 2;
        bytes = bytes.subarray(end + 2);
      }
      const part = bytes.subarray(0, this.#chunkLeft);
      const data = Math.max(0, this.#chunkLeft - 2);
      if (this.#keep(part.subarray(0, data))) return true;
      this.#chunkLeft -= part.length;
      bytes = bytes.subarray(part.length);
      if (this.#chunkLeft > 0) return false;
      this.#chunkLeft = undefined;
    }
  }

  /** @returns whether enough is kept. */
  #keep(part: Buffer): boolean {
    const room = keptBodyBytes - this.#bodyBytes;
    const kept = Math.min(part.length, room);
    const needed = this.#bodyBytes + kept;
    if (needed > this.#room.length) {
      // Copied: a small part must not hold the memory of the whole read.
      const larger = Buffer.allocUnsafe(Math.min(keptBodyBytes, Math.max(needed, 2 * this.#room.length)));
      this.#room.copy(larger, 0, 0, this.#bodyBytes);
      this.#room = larger;
    }
    part.copy(this.#room, this.#bodyBytes, 0, kept);
    this.#bodyBytes = needed;
    if (part.length <= room) return false;
    this.isWhole = false;
    return true;
  }
}

const startsAsHttp = (bytes: Buffer): boolean => {
  const start = bytes.toString('latin1', 0, Math.min(7, bytes.length));
  return 'HTTP/1.'.startsWith(start);
};

const tooLarge = () =>
  new AnswerError('HEAD_TOO_LARGE', `the status line and headers exceed ${longestHeadBytes} bytes`);
const notHttp = () => new AnswerError('NOT_HTTP', 'the answer is not HTTP/1');
