import dgram from 'node:dgram';
import dns from 'node:dns';
import net, { type Socket, type TcpNetConnectOpts } from 'node:net';
import { constants } from 'node:os';
import { setAt, valueAt } from '../dictionary.ts';
import { installHandles } from './worker-handles.ts';
import type { Route } from './worker-protocol.ts';

type Refusal = Extract<Route, { refusal: string }>['refusal'] | 'EACCES';
type Lookup = (
  hostname: string,
  options: { family: number; hints: number; all: boolean },
  done: (
    error: Error | null,
    address: string | { address: string; family: number }[] | undefined,
    family?: number,
  ) => void,
) => void;

const isLoopback = (address: string): boolean =>
  /^127\.|^::ffff:127\./i.test(address) || ['::1', '0:0:0:0:0:0:0:1', '0.0.0.0', '::'].includes(address);

/** As Node's own connect errors look. */
function connectError(code: Refusal, address: string, port?: number): Error {
  const error = new Error(`connect ${code} ${address}${port === undefined ? '' : `:${port}`}`);
  const known = { errno: -constants.errno[code], code, syscall: 'connect', address };
  return Object.assign(error, port === undefined ? known : { ...known, port });
}

/** There is no internet, hence no name server that knows a public name. */
function notFound(hostname: string, syscall = 'getaddrinfo'): Error {
  const error = new Error(`${syscall} ENOTFOUND ${hostname}`);
  return Object.assign(error, { errno: -3008, code: 'ENOTFOUND', syscall, hostname });
}

/**
 * Puts the sandbox's network between the function and the machine, under http, https, tls and fetch alike: an address
 * of the cloud is dialled on the loopback socket that plays it, names other than `localhost` do not resolve, and
 * nothing leaves the machine.
 *
 * @param onDial - called at every connection attempt.
 */
export function installNetwork(route: (address: string, port: number) => Promise<Route>, onDial: () => void): void {
  // eslint-disable-next-line typescript/unbound-method -- called with the socket as `this` below
  const realConnect = net.Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
  type Normalize = (this: void, args: unknown[]) => [TcpNetConnectOpts, (() => void) | null];
  // eslint-disable-next-line no-underscore-dangle -- Node's own name
  const normalize = (net as unknown as { _normalizeArgs: Normalize })._normalizeArgs;

  const dial = (socket: Socket, address: string, options: TcpNetConnectOpts, done: (() => void) | null): void => {
    if (isLoopback(address)) {
      realConnect.call(socket, { ...options, host: address, lookup: undefined }, done ?? undefined);
      return;
    }
    void route(address, options.port).then((found) => {
      if (socket.destroyed) return;
      if ('refusal' in found) {
        socket.destroy(connectError(found.refusal, address, options.port));
        return;
      }
      const shown = { remoteAddress: address, remotePort: options.port, remoteFamily: `IPv${net.isIP(address)}` };
      for (const [name, value] of Object.entries(shown))
        Object.defineProperty(socket, name, { configurable: true, get: () => (socket.connecting ? undefined : value) });
      // What the caller says of the cloud's address (family, own address) must not bind the loopback socket.
      const { host: _host, family: _family, localAddress: _local, localPort: _localPort, ...rest } = options;
      realConnect.call(socket, { ...rest, ...found, lookup: undefined }, done ?? undefined);
    });
  };

  const connect = function connect(this: Socket, ...args: unknown[]): Socket {
    const [options, done] = Array.isArray(args[0]) ? (args[0] as ReturnType<typeof normalize>) : normalize(args);
    const path = 'path' in options ? options.path : undefined;
    if (typeof path === 'string') {
      // Sockets of this machine's programs: those of Docker or the desktop would do anything for who connects.
      process.nextTick(() => this.destroy(connectError('EACCES', path)));
      return this;
    }
    onDial();
    const host = options.host ?? 'localhost';
    if ((host === 'localhost' && options.lookup === undefined) || isLoopback(host))
      return realConnect.apply(this, args);
    // From here on the connection is under way as far as the caller can see: writes wait for it.
    (this as { connecting: boolean }).connecting = true;
    if (net.isIP(host) !== 0) {
      dial(this, host, options, done);
      return this;
    }
    const lookup = (options.lookup ?? dns.lookup) as unknown as Lookup;
    const family = options.family ?? 0;
    lookup(host, { family, hints: options.hints ?? 0, all: false }, (error, found) => {
      if (this.destroyed) return;
      const address = Array.isArray(found) ? found[0]?.address : found;
      if (error !== null && error !== undefined) this.destroy(error);
      else if (address === undefined) this.destroy(notFound(host));
      else dial(this, address, options, done);
    });
    return this;
  };
  net.Socket.prototype.connect = connect;

  installHandles();
  installNames();
  installResolvers();
  installDatagrams();
}

function installNames(): void {
  const isKnown = (name: string) => name === 'localhost' || net.isIP(name) !== 0;
  const realLookup = dns.lookup;
  dns.lookup = ((name: string, ...rest: unknown[]) => {
    const done = rest.at(-1) as (error: Error) => void;
    if (isKnown(name)) (realLookup as (...args: unknown[]) => void)(name, ...rest);
    else process.nextTick(done, notFound(name));
  }) as typeof dns.lookup;
  const realPromise = dns.promises.lookup;
  dns.promises.lookup = (async (name: string, ...rest: unknown[]) => {
    if (!isKnown(name)) throw notFound(name);
    return await (realPromise as (...args: unknown[]) => Promise<unknown>)(name, ...rest);
  }) as typeof dns.promises.lookup;
}

/** Node's own resolvers ask by native code, past all of the above: only one that asks this machine's servers may. */
function installResolvers(): void {
  type Ask = (this: { getServers?: () => string[] } | undefined, ...args: unknown[]) => unknown;
  const ofMachine = dns.getServers();
  const staysHere = (server: string): boolean =>
    !ofMachine.includes(server) && isLoopback(server.replace(/^\[(.*)\]:\d+$/, '$1').replace(/^([\d.]+):\d+$/, '$1'));
  const guard = (owner: Record<string, unknown>, isPromise: boolean): void => {
    for (const name of Object.getOwnPropertyNames(owner).filter((one) =>
      /^(resolve\w*|reverse|lookupService)$/.test(one),
    )) {
      const real = valueAt(owner, name) as Ask;
      const guarded = function ask(this: ThisParameterType<Ask>, ...args: unknown[]): unknown {
        const servers = this?.getServers?.() ?? ofMachine;
        if (servers.every(staysHere)) return real.apply(this, args);
        const error = notFound(String(args[0]), `query${name}`);
        if (isPromise) return Promise.reject(error);
        process.nextTick(args.at(-1) as (error: Error) => void, error);
        return undefined;
      };
      setAt(owner, name, guarded);
    }
  };
  for (const owner of [dns, dns.Resolver.prototype]) guard(owner as unknown as Record<string, unknown>, false);
  for (const owner of [dns.promises, dns.promises.Resolver.prototype])
    guard(owner as unknown as Record<string, unknown>, true);
}

/** A resolver may ask the embedded DNS server over UDP; a datagram to anywhere else has no way out. */
function installDatagrams(): void {
  type Send = (this: dgram.Socket, ...args: unknown[]) => void;
  // eslint-disable-next-line typescript/unbound-method -- called with the socket as `this` below
  const realSend = dgram.Socket.prototype.send as Send;
  dgram.Socket.prototype.send = function send(this: dgram.Socket, ...args: unknown[]) {
    const numbers = args.slice(1).filter((argument) => typeof argument === 'number');
    const address = args.slice(1).find((argument): argument is string => typeof argument === 'string');
    if (address === undefined || address === 'localhost' || isLoopback(address)) {
      realSend.apply(this, args);
      return;
    }
    const error = connectError('ENETUNREACH', address, numbers.at(-1) ?? 0);
    const done = args.at(-1);
    if (typeof done === 'function') process.nextTick(done, error);
    else process.nextTick(() => this.emit('error', error));
  } as typeof dgram.Socket.prototype.send;
  // A connected socket sends without naming an address.
  // eslint-disable-next-line typescript/unbound-method -- called with the socket as `this` below
  const realConnect = dgram.Socket.prototype.connect as Send;
  dgram.Socket.prototype.connect = function connect(this: dgram.Socket, ...args: unknown[]) {
    const address = typeof args[1] === 'string' ? args[1] : 'localhost';
    if (address === 'localhost' || isLoopback(address)) {
      realConnect.apply(this, args);
      return;
    }
    const error = connectError('ENETUNREACH', address, Number(args[0]));
    const done = args.at(-1);
    if (typeof done === 'function') process.nextTick(done, error);
    else process.nextTick(() => this.emit('error', error));
  } as typeof dgram.Socket.prototype.connect;
}
