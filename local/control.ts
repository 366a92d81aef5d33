import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from './action.ts';
import { asciiName } from './alidns/names.ts';
import { isDomainName } from './alidns/record-rules.ts';
import type { EmbeddedCloud } from './cloud.ts';
import { controlZone } from './alb/control-zone.ts';
import { readGuestAnswers } from './data-plane/guest-answers.ts';
import { readGuestFirewall } from './ecs/guest-firewall.ts';
import { setImageInet6 } from './ecs/guest-inet6.ts';
import type { Instance } from './ecs/state.ts';
import { jsonAnswer } from './edge.ts';
import { parseFaultRules } from './faults.ts';
import { seedExisting, type ExistingSeed } from './seed-existing.ts';
import type { WireAnswer, WireRequest } from './wire.ts';
import { valueAt } from './dictionary.ts';
import { parsePolicyDocument } from './ram/documents.ts';
import { readCredentialRequest } from './temporary-credentials.ts';

type Handler = (request: WireRequest, parts: string[]) => unknown;

/**
 * `/_local/...`: what only an embedded cloud can do. JSON in and out. It asks for the cloud's token, as `Bearer` or as the
 * password of `Basic`, which a browser asks its user for: other users of the machine reach the port as well.
 */
export class Control {
  readonly #cloud: EmbeddedCloud;
  readonly #handlers: Record<string, Handler>;

  constructor(cloud: EmbeddedCloud) {
    this.#cloud = cloud;
    const { faults } = { faults: () => cloud.faults };
    this.#handlers = {
      'GET endpoints': () => this.#endpoints(),
      'GET actions': () =>
        Object.fromEntries(cloud.services.flatMap(({ name, api }) => (api === undefined ? [] : [[name, api]]))),
      'GET route': (request) => this.#route(request),
      'GET faults': () => ({ faults: faults().list() }),
      'POST faults': (request) => {
        faults().add(...parseFaultRules(readJson(request)));
        return { faults: faults().list() };
      },
      'DELETE faults': () => {
        faults().clear();
        return {};
      },
      'GET snapshot': () => this.#snapshot(),
      'GET wire-log': (request) => cloud.calls.since(Number(request.query.get('from') ?? 0)),
      'POST clock': (request) => this.#advance(readJson(request) as { advanceMs?: unknown }),
      'GET clock': () => ({ nowMs: cloud.clock.nowMs() }),
      'POST domains': (request) => {
        const { name } = readJson(request) as { name?: unknown };
        if (typeof name !== 'string' || !isDomainName(name))
          throw new ApiError('InvalidDomain', 400, 'name must be a domain name');
        if (!cloud.dns.domains.has(asciiName(name))) cloud.dns.addDomain(name);
        return { domains: [...cloud.dns.domains.keys()] };
      },
      'POST seed': (request) => seedExisting(cloud, readJson(request) as ExistingSeed),
      'POST credentials': (request) => {
        const { role, functionName, lifeMs } = readCredentialRequest(readJson(request));
        const { principal: _, ...issued } = cloud.credentials.issue(role, functionName, lifeMs);
        return issued;
      },
      'DELETE credentials': (_request, [id = '']) => {
        cloud.credentials.revoke(id);
        return {};
      },
      'PUT roles': (request, [name = '']) => {
        const documents = readJson(request);
        if (!Array.isArray(documents)) throw new ApiError('MalformedPolicyDocument', 400, 'send a list of policies');
        const policies = documents.map((document) => parsePolicyDocument(JSON.stringify(document)));
        cloud.credentials.setRolePolicies(name, policies);
        return {};
      },
      'POST instances': (_request, [id = '', what = '']) => this.#instance(id, what),
      'POST load-balancers': (request, parts) => controlZone(cloud.alb, parts, request.query.get('family')),
      'PUT images': (request, [image = '']) => setImageInet6(cloud.ecs, image, readJson(request)),
      'PUT instances': (request, [id = '', what = '']) => this.#setGuest(id, what, readJson(request)),
    };
  }

  async handle(request: WireRequest): Promise<WireAnswer | undefined> {
    const { controlToken } = this.#cloud;
    if (controlToken !== null && !isAuthorized(request, controlToken))
      return jsonAnswer(
        401,
        {
          code: 'InvalidControlToken',
          error: `send the control token of this start: Authorization: Bearer TOKEN. It stands in ${this.#cloud.keysFile ?? 'the file of keys that the start named'}`,
        },
        { 'www-authenticate': 'Basic realm="embedded cloud", charset="UTF-8"' },
      );
    // Where no token is asked for, what clients say that name no type (curl -d, urllib) passes too; pages are refused before.
    const isTaken = controlToken === null ? isJsonOrUnnamed : isJson;
    if (request.body.length > 0 && !isTaken(request.headers['content-type']))
      return jsonAnswer(415, {
        code: 'UnsupportedMediaType',
        error: 'send JSON as what it is: Content-Type: application/json',
      });
    let decoded: string[];
    try {
      decoded = request.path.slice('/_local/'.length).split('/').map(decodeURIComponent);
    } catch {
      return jsonAnswer(400, { error: `${request.path} is not a well-formed path` });
    }
    const [first = '', ...parts] = decoded;
    if (first === 'inbox' && ['GET', 'DELETE'].includes(request.method)) return this.#cloud.inbox.show(request);
    const handler = valueAt(this.#handlers, `${request.method} ${first}`);
    if (handler === undefined) {
      const known = [...Object.keys(this.#handlers), 'GET inbox', 'DELETE inbox'].map((name) =>
        name.replace(' ', ' /_local/'),
      );
      return jsonAnswer(404, { error: `no control ${request.method} ${request.path}; there are: ${known.join(', ')}` });
    }
    try {
      return jsonAnswer(200, await handler(request, parts));
    } catch (error) {
      if (error instanceof ApiError) return jsonAnswer(error.httpStatus, { code: error.code, error: error.message });
      return jsonAnswer(400, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  async #endpoints(): Promise<object> {
    const { context, dataPlane, credentials, url } = this.#cloud;
    const { accessKeyId, accessKeySecret } = credentials.root;
    return {
      url,
      regionId: context.regionId,
      zoneIds: context.zoneIds,
      accountId: credentials.accountId,
      nowMs: context.clock.nowMs(),
      credentials: { accessKeyId, accessKeySecret },
      dns: dataPlane.dns,
      domains: [...this.#cloud.dns.domains.keys()],
      alertChannels: this.#cloud.inbox.channels(url),
      routes: await dataPlane.routes(),
    };
  }

  async #route(request: WireRequest): Promise<object> {
    const address = request.query.get('address') ?? '';
    const port = Number(request.query.get('port'));
    return await this.#cloud.dataPlane.route(address, port);
  }

  #advance({ advanceMs }: { advanceMs?: unknown }): object {
    const { clock } = this.#cloud;
    if (typeof advanceMs !== 'number' || !(advanceMs >= 0))
      throw new ApiError('InvalidAdvance', 400, 'advanceMs must be a number of milliseconds');
    if (!('advance' in clock) || typeof clock.advance !== 'function')
      throw new ApiError('FixedClock', 400, 'this clock cannot be put forward');
    (clock.advance as (ms: number) => void).call(clock, advanceMs);
    return { nowMs: clock.nowMs() };
  }

  #instance(id: string, what: string): object {
    const { ecs } = this.#cloud;
    const found = this.#instanceOf(id);
    if (what === 'stop') ecs.stop(found.id);
    else if (what === 'start') ecs.start(found.id);
    else throw new ApiError('InvalidControl', 404, 'POST /_local/instances/{id or name}/stop or /start');
    return { instanceId: found.id, status: ecs.instances.statusOf(found) };
  }

  /** Sets what is particular to a guest; an empty object takes all of it back. */
  #setGuest(id: string, what: string, given: unknown): object {
    if (what !== 'answers' && what !== 'firewall')
      throw new ApiError(
        'InvalidControl',
        404,
        'PUT /_local/instances/{id or name}/answers with {PATH: {status}}, or /firewall with {tool, rules}',
      );
    const found = this.#instanceOf(id);
    if (what === 'answers') {
      found.answers = readGuestAnswers(given);
      return { instanceId: found.id, answers: Object.fromEntries(found.answers) };
    }
    const firewall = readGuestFirewall(given);
    delete found.firewall;
    if (firewall !== undefined) found.firewall = firewall;
    return { instanceId: found.id, firewall: firewall ?? {} };
  }

  #instanceOf(id: string): Instance {
    const { ecs } = this.#cloud;
    const found = ecs.instances.find(id) ?? ecs.instances.list().find((instance) => instance.name === id);
    if (found === undefined) throw new ApiError('InvalidInstanceId.NotFound', 404, `there is no instance ${id}`);
    return found;
  }

  #snapshot(): object {
    const { vpc, ecs, alb, dns, mns, tablestore } = this.#cloud;
    const withStatus = <T extends { id: string; createdAtMs: number }>(collection: {
      list(): T[];
      statusOf(item: never): string;
    }) => collection.list().map((item) => ({ ...item, status: collection.statusOf(item as never) }));
    return JSON.parse(
      JSON.stringify(
        {
          vpcs: withStatus(vpc.vpcs),
          vSwitches: withStatus(vpc.vSwitches),
          ipv6Gateways: withStatus(vpc.ipv6Gateways),
          securityGroups: withStatus(ecs.securityGroups),
          instances: withStatus(ecs.instances),
          networkInterfaces: withStatus(ecs.networkInterfaces),
          loadBalancers: withStatus(alb.loadBalancers),
          serverGroups: withStatus(alb.serverGroups),
          listeners: withStatus(alb.listeners),
          domainRecords: [...dns.records.values()],
          queues: mns.snapshot().queues,
          tables: tablestore.snapshot(),
        },
        (_key, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value),
      ),
    ) as object;
  }
}

/** Returns whether the request carries the token; compared in a time that says nothing of it. */
function isAuthorized({ headers }: WireRequest, token: string): boolean {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  const sent =
    scheme.toLowerCase() === 'basic'
      ? Buffer.from(value, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '')
      : value;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(token));
}

const isJsonOrUnnamed = (type?: string): boolean =>
  isJson(type) || type?.trim().toLowerCase() === 'application/x-www-form-urlencoded';

const isJson = (type = ''): boolean => /^application\/json(?:\s*;|$)/i.test(type.trim());

function readJson(request: WireRequest): unknown {
  if (request.body.length === 0) return {};
  try {
    return JSON.parse(request.body.toString('utf8')) as unknown;
  } catch {
    throw new ApiError('MalformedJson', 400, 'the body is not JSON');
  }
}
