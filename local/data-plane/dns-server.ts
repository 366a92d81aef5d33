import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  decode,
  encode,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  AUTHORITATIVE_ANSWER,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import type { DecodedPacket, Packet, PacketOpt } from 'dns-packet';
import { lineOf } from './lines.ts';
import type { Role, Zones } from './zones.ts';

const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
/** Largest answer over UDP to a client that does not say more. Source: RFC 1035, section 2.3.4. */
const plainUdpBytes = 512;
const ourUdpBytes = 1232;

/** Which network the client of a resolver is in (RFC 7871). */
const isClientSubnet = (option: PacketOpt): option is Extract<PacketOpt, { ip: unknown }> =>
  'ip' in option && option.code === 8;

/** A DNS server on loopback: UDP and TCP on one port as a recursive resolver, and one TCP port as the name servers of AliDNS. */
export class DnsServer {
  readonly #zones: Zones;
  #udp: UdpSocket | undefined;
  #servers: Server[] = [];
  #connections = new Set<Socket>();
  #port = 0;
  #authoritativePort = 0;

  constructor(zones: Zones) {
    this.#zones = zones;
  }

  /** UDP and TCP: answers as 223.5.5.5 does. */
  get port(): number {
    return this.#port;
  }

  /** TCP: answers as dns25.hichina.com does, without following CNAMEs. */
  get authoritativePort(): number {
    return this.#authoritativePort;
  }

  async listen(): Promise<void> {
    // The free port that UDP gets may be taken on TCP: try some more.
    for (let attempt = 1; ; attempt += 1) {
      const udp = await this.#bindUdp();
      const { port } = udp.address();
      try {
        await this.#bindTcp('recursive', port);
        this.#udp = udp;
        this.#port = port;
        break;
      } catch (error) {
        await new Promise<void>((resolve) => udp.close(() => resolve()));
        if (attempt === 10) throw error;
      }
    }
    this.#authoritativePort = await this.#bindTcp('authoritative', 0);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    const udp = this.#udp;
    this.#udp = undefined;
    const servers = this.#servers.splice(0);
    if (udp !== undefined) await new Promise<void>((resolve) => udp.close(() => resolve()));
    await Promise.all(
      servers.map(async (server) => {
        await new Promise<void>((resolve) => server.close(() => resolve()));
      }),
    );
  }

  async #bindUdp(): Promise<UdpSocket> {
    const udp = createSocket('udp4');
    udp.on('message', (message, remote) => {
      const answer = this.#answer(message, 'recursive', true);
      // A client that has gone away is no concern of the server.
      if (answer !== undefined) udp.send(answer, remote.port, remote.address, () => undefined);
    });
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(0, '127.0.0.1', () => {
        udp.off('error', reject);
        udp.on('error', () => undefined);
        resolve();
      });
    });
    return udp;
  }

  async #bindTcp(role: Role, port: number): Promise<number> {
    const server = createServer((socket) => this.#serve(socket, role));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  /** Messages over TCP follow their length in two bytes; several may share a connection. Source: RFC 1035, section 4.2.2. */
  #serve(socket: Socket, role: Role): void {
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const length = pending.readUInt16BE(0);
        const answer = this.#answer(pending.subarray(2, 2 + length), role, false);
        pending = pending.subarray(2 + length);
        if (answer === undefined) {
          socket.destroy();
          return;
        }
        const prefix = Buffer.alloc(2);
        prefix.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([prefix, answer]));
      }
    });
  }

  /** Undefined: not a DNS query at all. */
  #answer(message: Buffer, role: Role, isUdp: boolean): Buffer | undefined {
    let query: DecodedPacket;
    try {
      query = decode(message);
    } catch {
      if (message.length < 2) return undefined;
      return encode({ type: 'response', id: message.readUInt16BE(0), flags: rcodes.FORMERR });
    }
    if (query.type !== 'query') return undefined;
    const questions = query.questions ?? [];
    const [question] = questions;
    const edns = query.additionals?.find((record) => record.type === 'OPT');
    const subnet = edns?.options.find(isClientSubnet);
    const base = (query.flags ?? 0) & RECURSION_DESIRED;
    const ra = role === 'recursive' ? RECURSION_AVAILABLE : 0;
    const head: Packet = {
      type: 'response',
      id: query.id ?? 0,
      questions,
      additionals:
        edns === undefined
          ? []
          : [
              {
                type: 'OPT',
                name: '.',
                udpPayloadSize: ourUdpBytes,
                extendedRcode: 0,
                ednsVersion: 0,
                flags: 0,
                flag_do: false,
                // Echoed with the scope of the answer: the whole prefix (RFC 7871, section 7.2.1).
                options: subnet === undefined ? [] : [{ ...subnet, scopePrefixLength: subnet.sourcePrefixLength }],
              },
            ],
    };
    if ((((query.flags ?? 0) >> 11) & 0xf) !== 0) return encode({ ...head, flags: base | ra | rcodes.NOTIMP });
    if (question === undefined || questions.length !== 1) return encode({ ...head, flags: base | ra | rcodes.FORMERR });
    let flags: number;
    let full: Buffer;
    try {
      const reply = this.#zones.answer(question, role, lineOf(subnet?.ip));
      flags = base | ra | (reply.isAuthoritative ? AUTHORITATIVE_ANSWER : 0) | rcodes[reply.rcode];
      full = encode({ ...head, flags, answers: reply.answers, authorities: reply.authorities });
    } catch {
      // A record value that has no form on the wire.
      return encode({ ...head, flags: base | ra | rcodes.SERVFAIL });
    }
    const room =
      edns === undefined ? plainUdpBytes : Math.max(plainUdpBytes, Math.min(edns.udpPayloadSize, ourUdpBytes));
    return isUdp && full.length > room ? encode({ ...head, flags: flags | TRUNCATED_RESPONSE }) : full;
  }
}
