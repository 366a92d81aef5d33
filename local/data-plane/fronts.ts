import { createServer, type IncomingMessage, request as send, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AlbState, BackendServer, Listener, LoadBalancer, RuleAction, ServerGroup } from '../alb/state.ts';
import { Balancer, SmoothRoundRobin } from './balancer.ts';
import type { Guests } from './guests.ts';
import { backendHeaders, passedOn } from './headers.ts';
import { type Endpoint, LoopbackServers } from './loopback-servers.ts';
import type { Network, Scope } from './network.ts';
import { type Asked, asked, redirectLocation, ruleFor } from './rules.ts';
import { type SelfSigned, tlsVersions } from './self-signed.ts';
import { answeredCookies, askedCookies, stickyServer } from './stickiness.ts';

const albPage = (status: string): string =>
  `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n<hr><center>ALB</center>\r\n</body>\r\n</html>\r\n`;

const statusTexts: Record<number, string> = {
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};

interface Parts {
  alb: AlbState;
  network: Network;
  guests: Guests;
  certificate: () => SelfSigned;
  /** Counts a request under way; what it returns ends it. */
  begin: () => () => void;
}

/** The fronts of all listeners: one real server for each listener, family and scope that is asked for. */
export class Fronts {
  readonly #parts: Parts;
  readonly #servers = new LoopbackServers();
  #balancers = new Map<string, Balancer>();
  #groupTurns = new Map<string, SmoothRoundRobin>();
  #zoneTurn = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async endpoint(listener: Listener, family: 4 | 6, scope: Scope): Promise<Endpoint> {
    const { alb } = this.#parts;
    const isKnown = (id: string) => alb.listeners.find(id) !== undefined;
    await this.#servers.prune((key) => isKnown(key.split(' ', 1)[0] as string));
    for (const key of this.#balancers.keys()) if (!isKnown(key.split(' ', 1)[0] as string)) this.#balancers.delete(key);
    for (const key of this.#groupTurns.keys()) if (!isKnown(key)) this.#groupTurns.delete(key);
    return await this.#servers.endpoint(`${listener.id} ${family} ${scope}`, family, () => {
      const answer = (request: IncomingMessage, response: ServerResponse) => {
        void this.#answer(listener.id, family, scope, request, response);
      };
      const server = listener.protocol === 'HTTPS' ? this.#tlsServer(listener, answer) : createServer(answer);
      server.keepAliveTimeout = listener.idleTimeoutSeconds * 1000;
      return server;
    });
  }

  async close(): Promise<void> {
    await this.#servers.close();
  }

  #tlsServer(listener: Listener, answer: (request: IncomingMessage, response: ServerResponse) => void): Server {
    const { key, certificate } = this.#parts.certificate();
    return createTlsServer({ key, cert: certificate, ...tlsVersions(listener.securityPolicyId) }, answer);
  }

  async #answer(
    listenerId: string,
    family: 4 | 6,
    scope: Scope,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const end = this.#parts.begin();
    outgoing.once('close', end);
    try {
      const { alb, network } = this.#parts;
      const listener = alb.listeners.find(listenerId);
      const loadBalancer = listener === undefined ? undefined : alb.loadBalancers.find(listener.loadBalancerId);
      const isOpen =
        listener !== undefined &&
        loadBalancer !== undefined &&
        network.isServing(loadBalancer) &&
        network.isListening(listener) &&
        network.isFrontReachable(loadBalancer, family, scope);
      if (!isOpen) {
        incoming.socket.destroy();
        return;
      }
      const request = asked(incoming, listener.protocol, listener.port);
      const rules = listener.rules.filter((rule) => ['Available', 'Configuring'].includes(alb.rules.statusOf(rule)));
      const actions = ruleFor(rules, request)?.actions;
      const action = actions?.at(-1);
      if (action === undefined || action.type === 'ForwardGroup')
        await this.#forward(loadBalancer, listener, action, request, incoming, outgoing);
      else this.#byItself(action, request, incoming, outgoing);
    } catch (error) {
      if (outgoing.headersSent) outgoing.destroy();
      else this.#fail(incoming, outgoing, 502, String(error));
    }
  }

  /** Answers that no backend server has part in. */
  #byItself(
    action: Exclude<RuleAction, { type: 'ForwardGroup' }>,
    request: Asked,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): void {
    incoming.resume();
    const isRedirect = action.type === 'Redirect';
    const body = Buffer.from(isRedirect ? albPage(`${action.httpCode} Redirect`) : action.content);
    outgoing.writeHead(action.httpCode, {
      'content-type': isRedirect ? 'text/html' : action.contentType,
      'content-length': String(body.length),
      ...(isRedirect ? { location: redirectLocation(action, request) } : {}),
    });
    outgoing.end(incoming.method === 'HEAD' ? undefined : body);
  }

  #fail(incoming: IncomingMessage, outgoing: ServerResponse, status: number, reason?: string): void {
    incoming.resume();
    const body = Buffer.from(albPage(statusTexts[status] ?? String(status)));
    outgoing.writeHead(status, {
      'content-type': 'text/html',
      'content-length': String(body.length),
      // Not of the real service: says what the status alone does not.
      ...(reason === undefined ? {} : { 'x-embedded-cloud-reason': reason.replace(/[^\x20-\x7e]/g, ' ') }),
    });
    outgoing.end(incoming.method === 'HEAD' ? undefined : body);
  }

  async #forward(
    loadBalancer: LoadBalancer,
    listener: Listener,
    action: Extract<RuleAction, { type: 'ForwardGroup' }> | undefined,
    request: Asked,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const { alb, network, guests } = this.#parts;
    const group = this.#group(listener, action);
    const candidates = group === undefined ? [] : this.#candidates(group);
    const server = group === undefined ? undefined : this.#choose(listener, group, candidates, request);
    if (group === undefined || server === undefined) {
      this.#fail(incoming, outgoing, 503, 'no backend server is available');
      return;
    }
    const family = server.serverIp.includes(':') ? 6 : 4;
    const sources = network.localAddresses(loadBalancer, family);
    this.#zoneTurn += 1;
    const source = sources[this.#zoneTurn % sources.length];
    const met =
      source === undefined ? undefined : network.meetBackend(loadBalancer, source, server.serverIp, server.port);
    if (met === undefined || met.what === 'listener' || (met.what === 'nothing' && met.refusal !== 'ECONNREFUSED')) {
      this.#fail(incoming, outgoing, 504, `connect to ${server.serverIp} timed out`);
      return;
    }
    // Nginx of an instance answers plain HTTP only: a handshake with it fails.
    if (met.what === 'nothing' || group.protocol !== 'HTTP') {
      this.#fail(incoming, outgoing, 502, `connect to ${server.serverIp} failed`);
      return;
    }
    const endpoint = await guests.endpoint(met.instance, met.port, met.family);
    const finished = this.#balancer(listener, group).begin(server);
    outgoing.once('close', finished);
    const headers = backendHeaders(loadBalancer, listener, request);
    if (request.headers.cookie !== undefined) headers.cookie = askedCookies(group, request.headers.cookie);
    const backend = send({
      ...endpoint,
      agent: false,
      method: incoming.method,
      path: incoming.url,
      headers,
      timeout: listener.requestTimeoutSeconds * 1000,
    });
    backend.on('timeout', () => backend.destroy(new Error('timeout')));
    backend.on('response', (answer) => {
      const set = answer.headers['set-cookie'] ?? [];
      const cookies = answeredCookies(group, server, request.headers, set, alb.context.clock.nowMs());
      outgoing.writeHead(answer.statusCode ?? 502, {
        ...passedOn(answer.headers),
        ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
      });
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    backend.on('error', (error) => {
      if (outgoing.headersSent) outgoing.destroy();
      else if (!outgoing.destroyed)
        this.#fail(incoming, outgoing, error.message === 'timeout' ? 504 : 502, error.message);
    });
    outgoing.once('close', () => backend.destroy());
    incoming.pipe(backend);
  }

  #group(
    listener: Listener,
    action: Extract<RuleAction, { type: 'ForwardGroup' }> | undefined,
  ): ServerGroup | undefined {
    const { alb } = this.#parts;
    if (action === undefined || action.serverGroups.length === 0) return alb.serverGroups.find(listener.serverGroupId);
    const turns = this.#groupTurns.get(listener.id) ?? new SmoothRoundRobin();
    this.#groupTurns.set(listener.id, turns);
    const id = turns.next(
      action.serverGroups.map(({ serverGroupId, weight }) => ({ key: serverGroupId, weight, item: serverGroupId })),
    );
    return id === undefined ? undefined : alb.serverGroups.find(id);
  }

  /** Servers that may get the request: the healthy ones, or all when none is healthy (P-069). */
  #candidates(group: ServerGroup): BackendServer[] {
    const { alb } = this.#parts;
    const present = group.servers.filter(
      (server) => server.weight > 0 && ['Available', 'Configuring'].includes(alb.serverStatus(server) ?? ''),
    );
    if (!group.healthCheck.enabled) return present;
    const healthy = present.filter((server) => alb.health(group, server).status === 'Normal');
    return healthy.length > 0 ? healthy : present;
  }

  #balancer(listener: Listener, group: ServerGroup): Balancer {
    const key = `${listener.id} ${group.id}`;
    const balancer = this.#balancers.get(key) ?? new Balancer();
    this.#balancers.set(key, balancer);
    return balancer;
  }

  #choose(
    listener: Listener,
    group: ServerGroup,
    candidates: BackendServer[],
    request: Asked,
  ): BackendServer | undefined {
    const sticky = stickyServer(group, candidates, request.headers, this.#parts.alb.context.clock.nowMs());
    return sticky ?? this.#balancer(listener, group).choose(group, candidates, request.client);
  }
}
