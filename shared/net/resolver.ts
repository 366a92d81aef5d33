import { isIP } from 'node:net';
import dnsPacket, { type Answer, type Packet, type Question } from 'dns-packet';
import { sameName } from '../domain-name.ts';
import { normalAddress, sameAddress } from './cidr.ts';
import { OutOfTimeError } from '../budget.ts';
import { type Dial, dialInternet } from './dial.ts';

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'SOA';

export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`... */
  code: string;
  answers: Answer[];
  authorities: Answer[];
}

/** No answer from a name server: refused, timed out, or not DNS. */
export class DnsError extends Error {
  override readonly name = 'DnsError';
  /** What the last server answered, where it answered at all: `SERVFAIL`, `REFUSED`. */
  readonly code: string | undefined;

  constructor(message: string, options: { cause?: unknown; code?: string } = {}) {
    super(message, options);
    this.code = options.code;
  }
}

export interface DnsServer {
  address: string;
  port: number;
}

/** `223.5.5.5`, `127.0.0.1:5353`, `[::1]:5353`, `2400:3200::1`. */
export function parseDnsServer(text: string): DnsServer {
  const parts =
    /^\[(.+)\](?::(\d+))?$/.exec(text) ??
    // Before IPv6, whose pattern takes 10 ms of a cold start to compile.
    /^([^:]+)(?::(\d+))?$/.exec(text) ??
    (isIP(text) === 6 ? [text, text, undefined] : undefined);
  const [, address = '', port] = parts ?? [];
  const portNumber = port === undefined ? 53 : Number(port);
  if (isIP(address) === 0 || portNumber < 1 || portNumber > 65_535)
    throw new Error(`DNS server ${text}: not an address`);
  return { address, port: portNumber };
}

/** A server repeats the question, and may leave it out only with a refusal to read it. */
const repeats = ([first]: Question[] = [], { type, name }: Question): boolean =>
  first === undefined || (first.type === type && sameName(first.name, name));

/** Asks one name server one question over TCP, which every server must speak (RFC 7766) and which cannot be truncated. */
export async function askServer(
  dial: Dial,
  server: DnsServer,
  name: string,
  type: RecordType,
  options: { timeoutMs: number; recursive: boolean },
): Promise<DnsAnswer> {
  const id = Math.floor(Math.random() * 65_536);
  const question: Question = { type, name, class: 'IN' };
  const packet = dnsPacket.streamEncode({
    type: 'query',
    id,
    flags: options.recursive ? dnsPacket.RECURSION_DESIRED : 0,
    questions: [question],
  });
  const where = `name server ${server.address}`;
  const reply = await new Promise<Packet>((resolve, reject) => {
    const socket = dial(server);
    const chunks: Buffer[] = [];
    const end = (finish: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      finish();
    };
    const timer = setTimeout(
      () => end(() => reject(new DnsError(`${where}: no answer within ${options.timeoutMs} ms`))),
      options.timeoutMs,
    );
    socket.on('error', (error) =>
      end(() =>
        // That says nothing of the server.
        reject(error instanceof OutOfTimeError ? error : new DnsError(`${where}: ${error.message}`, { cause: error })),
      ),
    );
    socket.on('close', () => end(() => reject(new DnsError(`${where}: closed the connection without an answer`))));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return;
      end(() => {
        try {
          resolve(dnsPacket.streamDecode(bytes));
        } catch (error) {
          reject(new DnsError(`${where}: its answer is not DNS`, { cause: error }));
        }
      });
    });
    socket.on('connect', () => socket.write(packet));
  });
  if (reply.id !== id || reply.type !== 'response' || !repeats(reply.questions, question))
    throw new DnsError(`${where}: its answer is to another question`);
  const { rcode } = reply as Packet & { rcode: string };
  return { code: rcode, answers: reply.answers ?? [], authorities: reply.authorities ?? [] };
}

export interface Resolver {
  /** Recursive: asks the configured servers in turn until one answers. @throws DnsError when none does. */
  resolve(name: string, type: RecordType): Promise<DnsAnswer>;
  /**
   * Not recursive: asks `server` itself, whose address DNS may have named: only one in the Internet, or one that is configured.
   *
   * @throws DnsError where it does not answer, or is not asked.
   */
  ask(server: DnsServer, name: string, type: RecordType): Promise<DnsAnswer>;
}

export function createResolver(settings: { servers: string[]; dial: Dial; timeoutMs: number }): Resolver {
  const servers = settings.servers.map(parseDnsServer);
  const isConfigured = ({ address }: DnsServer): boolean =>
    servers.some((server) => sameAddress(server.address, address));
  return {
    async resolve(name, type) {
      let failure: unknown = new DnsError('no DNS server is configured');
      for (const server of servers) {
        try {
          const answer = await askServer(settings.dial, server, name, type, {
            timeoutMs: settings.timeoutMs,
            recursive: true,
          });
          if (answer.code !== 'SERVFAIL' && answer.code !== 'REFUSED') return answer;
          failure = new DnsError(`name server ${server.address}: ${answer.code} for ${name}`, { code: answer.code });
        } catch (error) {
          if (!(error instanceof DnsError)) throw error;
          failure = error;
        }
      }
      throw failure;
    },
    ask: (server, name, type) =>
      askServer(isConfigured(server) ? settings.dial : dialInternet(settings.dial), server, name, type, {
        timeoutMs: settings.timeoutMs,
        recursive: false,
      }),
  };
}

/** The textual data of all answers of one type: addresses, or names without the final dot. */
export const dataOf = (answer: Pick<DnsAnswer, 'answers'>, type: 'A' | 'AAAA' | 'CNAME' | 'NS'): string[] =>
  answer.answers.flatMap((record) =>
    record.type === type && typeof record.data === 'string' ? [normalAddress(record.data.replace(/\.$/, ''))] : [],
  );
