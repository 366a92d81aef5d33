import { connect, isIPv4, Socket } from 'node:net';
import type { Budget } from '../budget.ts';
import { type Reach, refusedBlock, refusedIpv4Block } from './special-blocks.ts';

/** Opens a TCP connection to an address literal. Never resolves names, so that an IPv6 question never becomes an IPv4 answer. */
export type Dial = (target: { address: string; port: number }) => Socket;

export const systemDial: Dial = ({ address, port }) => connect({ host: address, port });

/** Code of the error in place of a connection to an address that is not asked. */
export const refusedAddressCode = 'ADDRESS_REFUSED';

/**
 * Dials only what a server of that reach can have as its address: DNS may be made to name any other. In place of a
 * connection to one, the socket has an error with the code `ADDRESS_REFUSED`, and not a packet is sent.
 */
export const dialWithin = (dial: Dial, reach: Reach): Dial =>
  dialUnless(dial, (address) => refusedBlock(address, reach));

/** The same for IPv4 addresses in the Internet, and for these alone. */
export const dialIpv4 = (dial: Dial): Dial => dialUnless(dial, refusedIpv4Block);

/** The same for addresses of either family in the Internet. */
export const dialInternet = (dial: Dial): Dial =>
  dialUnless(dial, (address) => (isIPv4(address) ? refusedIpv4Block(address) : refusedBlock(address, 'internet')));

const dialUnless =
  (dial: Dial, blockOf: (address: string) => string | undefined): Dial =>
  (target) => {
    const block = blockOf(target.address);
    if (block === undefined) return dial(target);
    const error = new Error(`${target.address} is not asked: ${block}`);
    return new Socket().destroy(Object.assign(error, { code: refusedAddressCode }));
  };

/**
 * Dials while the budget lasts. A connection that is open at its end is cut off there, and in place of a later one the socket
 * has an error too: both have the code `OUT_OF_TIME`. So whatever is done over a connection ends with the budget.
 */
export const dialUntil =
  (budget: Budget, dial: Dial): Dial =>
  (target) => {
    const what = `[${target.address}]:${target.port}`;
    if (budget.isSpent) return new Socket().destroy(budget.exceeded(what));
    const socket = dial(target);
    const stop = budget.atEnd(() => socket.destroy(budget.exceeded(what)));
    socket.once('close', stop);
    return socket;
  };
