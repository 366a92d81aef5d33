import { createHash } from 'node:crypto';
import type { BackendServer, ServerGroup } from '../alb/state.ts';

export const serverKey = (server: BackendServer): string => `${server.serverId}/${server.serverIp}/${server.port}`;

/** What the cookie SERVERID calls a server: it must not tell clients about ids and addresses. */
export const serverMark = (server: BackendServer): string => createHash('md5').update(serverKey(server)).digest('hex');

/** Smooth weighted round robin, as nginx does it: with weights 3 and 1 the answers are a a b a, not a a a b. */
export class SmoothRoundRobin {
  #current = new Map<string, number>();

  /** @returns the next of the items; undefined when none has weight. */
  next<T>(items: { key: string; weight: number; item: T }[]): T | undefined {
    const weighted = items.filter(({ weight }) => weight > 0);
    const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
    let best: (typeof weighted)[number] | undefined;
    for (const candidate of weighted) {
      const current = (this.#current.get(candidate.key) ?? 0) + candidate.weight;
      this.#current.set(candidate.key, current);
      if (best === undefined || current > (this.#current.get(best.key) ?? 0)) best = candidate;
    }
    if (best === undefined) return undefined;
    this.#current.set(best.key, (this.#current.get(best.key) ?? 0) - total);
    for (const key of this.#current.keys()) if (!weighted.some((one) => one.key === key)) this.#current.delete(key);
    return best.item;
  }
}

/** Chooses among the servers of one group for one listener. */
export class Balancer {
  #roundRobin = new SmoothRoundRobin();
  /** Requests under way by server. */
  #active = new Map<string, number>();

  choose(group: ServerGroup, candidates: BackendServer[], client: string): BackendServer | undefined {
    switch (group.scheduler) {
      case 'Wrr':
        return this.#roundRobin.next(
          candidates.map((server) => ({ key: serverKey(server), weight: server.weight, item: server })),
        );
      case 'Wlc': {
        const load = (server: BackendServer) => (this.#active.get(serverKey(server)) ?? 0) / server.weight;
        const least = Math.min(...candidates.map(load));
        // Servers of equal load take turns, as with least_conn of nginx (inf: the vendor says nothing of ties).
        return this.#roundRobin.next(
          candidates
            .filter((server) => load(server) === least)
            .map((server) => ({ key: serverKey(server), weight: server.weight, item: server })),
        );
      }
      case 'Sch':
        return candidates[createHash('md5').update(client).digest().readUInt32BE(0) % candidates.length];
    }
  }

  /** @returns what to call when the request is over. */
  begin(server: BackendServer): () => void {
    const key = serverKey(server);
    this.#active.set(key, (this.#active.get(key) ?? 0) + 1);
    return () => {
      const left = (this.#active.get(key) ?? 1) - 1;
      if (left > 0) this.#active.set(key, left);
      else this.#active.delete(key);
    };
  }
}
