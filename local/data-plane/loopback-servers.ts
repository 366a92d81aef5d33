import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Endpoint {
  host: '127.0.0.1' | '::1';
  port: number;
}

/** Listeners on loopback by key: opened when first asked for, closed when no longer wanted. */
export class LoopbackServers {
  #open = new Map<string, { server: Server; endpoint: Promise<Endpoint> }>();

  /** @throws the listen error; without IPv6 on loopback, EADDRNOTAVAIL. */
  async endpoint(key: string, family: 4 | 6, create: () => Server): Promise<Endpoint> {
    const known = this.#open.get(key);
    if (known !== undefined) return await known.endpoint;
    const server = create();
    const host = family === 6 ? '::1' : '127.0.0.1';
    const endpoint = new Promise<Endpoint>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host, () => {
        server.off('error', reject);
        resolve({ host, port: (server.address() as AddressInfo).port });
      });
    });
    this.#open.set(key, { server, endpoint });
    try {
      return await endpoint;
    } catch (error) {
      this.#open.delete(key);
      throw error;
    }
  }

  /** Ends those whose key is not wanted any more, with their connections. */
  async prune(isWanted: (key: string) => boolean): Promise<void> {
    await Promise.all([...this.#open.keys()].filter((key) => !isWanted(key)).map((key) => this.#end(key)));
  }

  async close(): Promise<void> {
    await this.prune(() => false);
  }

  async #end(key: string): Promise<void> {
    const entry = this.#open.get(key);
    if (entry === undefined) return;
    this.#open.delete(key);
    await entry.endpoint.catch(() => undefined);
    entry.server.closeAllConnections();
    await new Promise<void>((resolve) => entry.server.close(() => resolve()));
  }
}
