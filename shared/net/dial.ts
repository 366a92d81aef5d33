import { connect, type Socket } from 'node:net';

/** Opens a TCP connection to an address literal. Never resolves names, so that an IPv6 question never becomes an IPv4 answer. */
export type Dial = (target: { address: string; port: number }) => Socket;

export const systemDial: Dial = ({ address, port }) => connect({ host: address, port });
