import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '../../local/faults.ts';

export type ProxyFault = 'html-502' | 'reset-before' | 'reset-after' | 'slow';

const faults: ProxyFault[] = ['html-502', 'reset-before', 'reset-after', 'slow'];

/** A message whose answer is lost is hidden for the queue's visibility timeout of four minutes: no test waits so long. */
const isReceive = ({ method, url = '' }: IncomingMessage): boolean => method === 'GET' && url.startsWith('/queues/');

/** A plain HTTP proxy before a cloud: a part of the calls meets each of the faults. */
export async function startFaultyProxy(target: string, options: { chanceOfEach: number; slowMs: number }) {
  const random = seededRandom(20_261_122);
  const struck: Record<ProxyFault, number> = { 'html-502': 0, 'reset-before': 0, 'reset-after': 0, slow: 0 };
  const seen = { forwarded: 0 };
  const { hostname, port } = new URL(target);

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse, fault: ProxyFault | undefined): void => {
    if (incoming.url?.startsWith('/_local/') === false) seen.forwarded += 1;
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      if (fault === 'reset-after') {
        answer.resume();
        answer.once('end', () => outgoing.destroy());
        return;
      }
      const pass = () => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      };
      if (fault === 'slow') setTimeout(pass, options.slowMs);
      else pass();
    });
    onward.once('error', () => outgoing.destroy());
    // A client that hangs up ends its long poll.
    outgoing.once('close', () => onward.destroy());
    incoming.pipe(onward);
  };

  const server = createServer((incoming, outgoing) => {
    const drawn = faults[Math.floor(random() / options.chanceOfEach)];
    const fault = drawn === 'reset-after' && isReceive(incoming) ? 'reset-before' : drawn;
    if (fault !== undefined) struck[fault] += 1;
    if (fault === 'reset-before') incoming.socket.destroy();
    else if (fault === 'html-502') {
      incoming.resume();
      outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>502 Bad Gateway</body></html>');
    } else forward(incoming, outgoing, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    struck,
    /** Calls to the cloud's services that were passed on. */
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
