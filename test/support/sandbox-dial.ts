import { Socket } from 'node:net';
import type { EmbeddedCloud } from '../../local/cloud.ts';
import type { Dial } from '../../shared/net/dial.ts';

/** What the function sandbox does in a worker, for functions that run in process: the cloud's addresses lead to its sockets. */
export const sandboxDial =
  (cloud: EmbeddedCloud): Dial =>
  ({ address, port }) => {
    const socket = new Socket();
    if (address === '127.0.0.1' || address === '::1') return socket.connect({ host: address, port });
    // What is written before the route is known waits for the connection, as it does in a socket that is connecting.
    Object.assign(socket, { connecting: true });
    void cloud.dataPlane.route(address, port).then((route) => {
      if ('refusal' in route) {
        socket.destroy(
          Object.assign(new Error(`connect ${route.refusal} ${address}:${port}`), {
            code: route.refusal,
            syscall: 'connect',
            address,
            port,
          }),
        );
        return;
      }
      Object.defineProperty(socket, 'remoteAddress', { get: () => address, configurable: true });
      socket.connect({ host: route.host, port: route.port });
    });
    return socket;
  };
