import { createHook } from 'node:async_hooks';
import net from 'node:net';
import { constants } from 'node:os';
import { setAt, valueAt } from '../dictionary.ts';

interface Handle {
  close(): void;
}
type Call = (this: Handle, ...args: unknown[]) => number;
type CreateServerHandle = (address: string, port: number, type: number) => Handle | number;

const isLoopback = (address: unknown): boolean =>
  typeof address === 'string' && (/^(::ffff:)?127\./i.test(address) || address === '::1');
/** To dial the unspecified address is to dial this machine; to listen there is to listen to all others. */
const isHere = (address: unknown): boolean => isLoopback(address) || address === '::' || address === '0.0.0.0';

/**
 * Bounds what Node's own handles do, below everything that a function can replace in `net`: TCP listens and dials on loopback
 * alone, and sockets of files are neither made nor dialled, which the permission model does not look at (seen with Node 20.20).
 */
export function installHandles(): void {
  // eslint-disable-next-line no-underscore-dangle -- Node's own name
  const create = (net as unknown as { _createServerHandle: CreateServerHandle })._createServerHandle;
  const bound = (handle: Handle, name: string, isAllowed: (args: unknown[]) => boolean): void => {
    const owner = Object.getPrototypeOf(handle) as Record<string, unknown>;
    const real = valueAt(owner, name) as Call | undefined;
    if (real === undefined) return;
    const guarded: Call = function call(this: Handle, ...args) {
      return isAllowed(args) ? real.apply(this, args) : -constants.errno.EACCES;
    };
    setAt(owner, name, guarded);
    Object.defineProperty(owner, name, { writable: false, configurable: false });
  };
  const tcp = create('127.0.0.1', 0, 4);
  if (typeof tcp === 'number') throw new Error(`no socket for the network of functions (${tcp})`);
  for (const name of ['bind', 'bind6']) bound(tcp, name, ([address]) => isLoopback(address));
  for (const name of ['connect', 'connect6']) bound(tcp, name, ([, address]) => isHere(address));
  tcp.close();

  let pipe: Handle | undefined;
  const hook = createHook({
    init: (_id, _type, _trigger, resource) => {
      pipe ??= resource as Handle;
    },
  }).enable();
  // No such path can be: the handle is made, and nothing else.
  create('/dev/null/none', -1, -1);
  hook.disable();
  if (pipe === undefined) throw new Error('no handle of sockets of files, so no function runs');
  for (const name of ['bind', 'connect', 'listen']) bound(pipe, name, () => false);
}
