import { request as send } from 'node:http';
import type { AlbState, BackendServer, LoadBalancer, ServerGroup, ServerHealth } from '../alb/state.ts';
import { latencies } from '../latency.ts';
import { serverKey } from './balancer.ts';
import type { Guests } from './guests.ts';
import type { Network } from './network.ts';

/** One check's outcome; undefined: passed. */
type Failure = Pick<ServerHealth, 'actualResponse' | 'expectedResponse'> & { reasonCode: string };

interface Track {
  health: ServerHealth;
  passed: number;
  failed: number;
  nextAtMs: number;
}

/** How long a check waits for a guest on loopback in real time; the configured timeout is for the modelled network. */
const guardMs = 3000;

interface Parts {
  alb: AlbState;
  network: Network;
  guests: Guests;
  begin: () => () => void;
}

/**
 * The load balancers' health checks: real requests, at the configured interval on the cloud's clock, to every server of every group
 * that a listener uses. Waits on the clock between rounds, and on nothing at all while there is no listener.
 */
export class HealthChecks {
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  #tracks = new Map<string, Track>();
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.poke();
    await this.#loop;
  }

  /** Something may be to check now: ends the rest that the loop takes while no group is in use. */
  poke(): void {
    this.#wake?.();
  }

  /** How the checks see a server of a group. */
  health(group: ServerGroup, server: BackendServer): ServerHealth {
    this.poke();
    if (!group.healthCheck.enabled) return { status: 'Unavailable' };
    if (server.weight === 0) return { status: 'Unused' };
    return this.#tracks.get(trackKey(group, server))?.health ?? { status: 'Initial' };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // Busy until the loop waits again: time must not jump over the rounds that follow.
      const end = this.#parts.begin();
      const nextAtMs = await this.#round();
      const waiting = this.#waitFor(nextAtMs);
      end();
      await waiting;
    }
  }

  async #waitFor(nextAtMs: number | undefined): Promise<void> {
    const { clock, latency } = this.#parts.alb.context;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    if (nextAtMs !== undefined) await clock.waitUntil(nextAtMs, signal);
    else if (this.#parts.alb.listeners.list().length === 0) await this.#rest();
    // A listener whose group has nothing to check yet: servers may be added at any moment.
    else await clock.waitUntil(clock.nowMs() + latency.healthCheckIntervalMs, signal);
  }

  async #rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  /** Checks all servers that are due. @returns when the next one is due; undefined: none. */
  async #round(): Promise<number | undefined> {
    const { alb } = this.#parts;
    const nowMs = alb.context.clock.nowMs();
    const wanted = new Map<string, { group: ServerGroup; server: BackendServer; users: LoadBalancer[] }>();
    for (const { group, users } of this.#groupsInUse())
      for (const server of group.servers) {
        const isProbed = server.weight > 0 && ['Available', 'Configuring'].includes(alb.serverStatus(server) ?? '');
        if (isProbed) wanted.set(trackKey(group, server), { group, server, users });
      }
    for (const key of this.#tracks.keys()) if (!wanted.has(key)) this.#tracks.delete(key);
    const due: Promise<void>[] = [];
    for (const [key, { group, server, users }] of wanted) {
      const track = this.#tracks.get(key) ?? { health: { status: 'Initial' }, passed: 0, failed: 0, nextAtMs: nowMs };
      this.#tracks.set(key, track);
      if (track.nextAtMs > nowMs) continue;
      track.nextAtMs = nowMs + this.#intervalMs(group);
      due.push(this.#check(group, server, users).then((failure) => note(track, group, failure)));
    }
    await Promise.all(due);
    const instants = [...this.#tracks.values()].map((track) => track.nextAtMs);
    return instants.length === 0 ? undefined : Math.min(...instants);
  }

  /** Groups that a running listener forwards to, with health checks on. */
  #groupsInUse(): { group: ServerGroup; users: LoadBalancer[] }[] {
    const { alb, network } = this.#parts;
    const groups = new Map<string, { group: ServerGroup; users: LoadBalancer[] }>();
    for (const listener of alb.listeners.list()) {
      const loadBalancer = alb.loadBalancers.find(listener.loadBalancerId);
      if (loadBalancer === undefined || !network.isListening(listener) || !network.isServing(loadBalancer)) continue;
      const ids = listener.rules
        .flatMap((rule) => rule.actions)
        .flatMap((action) => (action.type === 'ForwardGroup' ? action.serverGroups : []))
        .map(({ serverGroupId }) => serverGroupId);
      for (const id of [listener.serverGroupId, ...ids]) {
        const group = alb.serverGroups.find(id);
        if (group?.healthCheck.enabled !== true) continue;
        const entry = groups.get(id) ?? { group, users: [] };
        if (!entry.users.includes(loadBalancer)) entry.users.push(loadBalancer);
        groups.set(id, entry);
      }
    }
    return [...groups.values()];
  }

  #intervalMs(group: ServerGroup): number {
    const { healthCheckIntervalMs } = this.#parts.alb.context.latency;
    const isRealistic = healthCheckIntervalMs === latencies.realistic.healthCheckIntervalMs;
    return isRealistic ? group.healthCheck.intervalSeconds * 1000 : healthCheckIntervalMs;
  }

  /** From every zone of every load balancer that uses the group: a server that one zone cannot reach is not healthy. */
  async #check(group: ServerGroup, server: BackendServer, users: LoadBalancer[]): Promise<Failure | undefined> {
    const { network, guests } = this.#parts;
    const { healthCheck } = group;
    const family = server.serverIp.includes(':') ? 6 : 4;
    const port = healthCheck.connectPort === 0 ? server.port : healthCheck.connectPort;
    for (const user of users) {
      const sources = network.localAddresses(user, family);
      if (sources.length === 0) return { reasonCode: 'CONNECT_TIMEOUT' };
      for (const source of sources) {
        const met = network.meetBackend(user, source, server.serverIp, port);
        if (met.what !== 'guest')
          return {
            reasonCode: met.what === 'nothing' && met.refusal === 'ECONNREFUSED' ? 'CONNECT_FAILED' : 'CONNECT_TIMEOUT',
          };
        if (healthCheck.protocol === 'TCP') continue;
        // Nginx of an instance answers plain HTTP only: a handshake with it fails.
        if (healthCheck.protocol === 'HTTPS') return { reasonCode: 'RECV_RESPONSE_FAILED' };
        const failure = await guests
          .endpoint(met.instance, port, family)
          .then(async (endpoint) => await this.#ask(group, server, port, endpoint))
          // A path or host that no request can carry.
          .catch(() => ({ reasonCode: 'SEND_REQUEST_FAILED' }));
        if (failure !== undefined) return failure;
      }
    }
    return undefined;
  }

  async #ask(
    { healthCheck }: ServerGroup,
    server: BackendServer,
    port: number,
    endpoint: { host: string; port: number },
  ): Promise<Failure | undefined> {
    const address = server.serverIp.includes(':') ? `[${server.serverIp}]` : server.serverIp;
    const host = healthCheck.host === '' ? (port === 80 ? address : `${address}:${port}`) : healthCheck.host;
    return await new Promise((resolve) => {
      const check = send({
        ...endpoint,
        agent: false,
        method: healthCheck.method,
        path: healthCheck.path,
        headers: { host, 'user-agent': 'SLBHealthCheck' },
        timeout: guardMs,
      });
      check.on('timeout', () => {
        resolve({ reasonCode: 'RECV_RESPONSE_TIMEOUT' });
        check.destroy();
      });
      check.on('error', (error: NodeJS.ErrnoException) =>
        resolve({
          reasonCode:
            error.code === 'ECONNREFUSED'
              ? 'CONNECT_FAILED'
              : (error.code ?? '').startsWith('HPE_')
                ? 'RESPONSE_FORMAT_ERROR'
                : 'RECV_RESPONSE_FAILED',
        }),
      );
      check.on('response', (answer) => {
        answer.resume();
        const status = answer.statusCode ?? 0;
        const isExpected = healthCheck.codes.some((code) => code === `http_${Math.floor(status / 100)}xx`);
        resolve(
          isExpected
            ? undefined
            : {
                reasonCode: 'RESPONSE_MISMATCH',
                actualResponse: String(status),
                expectedResponse: healthCheck.codes.map((code) => code.toUpperCase().replace('XX', 'xx')).join(','),
              },
        );
      });
      check.end();
    });
  }
}

const trackKey = (group: ServerGroup, server: BackendServer): string => `${group.id} ${serverKey(server)}`;

/** Counts in a row: as many as the threshold says turn the health. */
function note(track: Track, { healthCheck }: ServerGroup, failure: Failure | undefined): void {
  track.passed = failure === undefined ? track.passed + 1 : 0;
  track.failed = failure === undefined ? 0 : track.failed + 1;
  if (failure === undefined) {
    if (track.passed >= healthCheck.healthyThreshold) track.health = { status: 'Normal' };
  } else if (track.failed >= healthCheck.unhealthyThreshold || track.health.status === 'Unhealthy')
    track.health = { status: 'Unhealthy', ...failure };
}
