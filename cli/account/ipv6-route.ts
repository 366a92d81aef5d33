import { createSocket } from 'node:dgram';
import { noRouteCodes } from '../../shared/net/no-route.ts';

/** Alibaba Cloud's public resolver. */
const farAddress = '2400:3200::1';

/**
 * Whether this machine has a route to an IPv6 address. Nothing is sent: a datagram socket only asks the kernel for the way.
 *
 * @returns undefined, or the code that says that there is none.
 */
export async function missingIpv6Route(address = farAddress): Promise<string | undefined> {
  const socket = createSocket('udp6');
  try {
    await new Promise<void>((resolve, reject) => {
      // The types leave out that a failure comes as an argument.
      socket.connect(53, address, ((failure?: Error) =>
        failure === undefined ? resolve() : reject(failure)) as () => void);
    });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (noRouteCodes.has(code)) return code;
    throw error;
  } finally {
    socket.close();
  }
}
