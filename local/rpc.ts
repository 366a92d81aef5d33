import type { Clock } from '../shared/clock.ts';
import { authenticateAcs3 } from './acs3.ts';
import { ApiError, type ParamErrors, readShape, type Shape, unflatten, type Values } from './action.ts';
import { commonKeys } from './authorization/request.ts';
import { accessesOf, printedArn, requestTagKeys, type ResourceTable } from './authorization/resources.ts';
import type { CredentialStore, Principal } from './credentials.ts';
import { jsonAnswer } from './edge.ts';
import { ShortMemory } from './short-memory.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from './wire.ts';
import { setAt, valueAt } from './dictionary.ts';

/** What an action learns about the call besides its parameters. */
export interface RpcCall {
  requestId: string;
  principal: Principal;
  regionId: string;
}

/** One emulated action. `apply` is one synchronous state transition, so calls never interleave. */
export interface RpcAction<State> {
  readonly isWrite: boolean;
  /** Reads the parameters, then runs; returns the body without RequestId. */
  readonly run: (state: State, params: Record<string, string>, call: RpcCall, errors: ParamErrors) => object;
  readonly takesClientToken: boolean;
  readonly takesDryRun: boolean;
  readonly needsRegionId: (params: Record<string, string>) => boolean;
  readonly limit: RateLimit | undefined;
  /** Values of RAM condition keys for this call. */
  readonly condition: ((params: Record<string, string>) => Record<string, string>) | undefined;
  /** Whoever has signed may call it, whatever the policies say. */
  readonly needsNoPermission: boolean;
}

export interface RateLimit {
  calls: number;
  perMs: number;
}

/**
 * Declares an action of a service whose state is `State`.
 *
 * `clientToken: true` where the real action takes a ClientToken; `dryRun: true` where it takes DryRun (`apply` then runs
 * against the state inside `RpcService.dryRun`, so it must check everything before it changes anything and call
 * `commit()` once between the two).
 */
export const rpcAction =
  <State>() =>
  <S extends Shape>(definition: {
    isWrite: boolean;
    params: S;
    clientToken?: boolean;
    dryRun?: boolean;
    /** Whether RegionId, which no action reads itself, must be sent. */
    needsRegionId?: boolean | ((params: Record<string, string>) => boolean);
    limit?: RateLimit;
    condition?: (params: Record<string, string>) => Record<string, string>;
    needsNoPermission?: boolean;
    /** `commit()` stands between the checks and the first change: it ends a dry run there. */
    apply(state: State, params: Values<S>, call: RpcCall, commit: () => void): object;
  }): RpcAction<State> => ({
    isWrite: definition.isWrite,
    takesClientToken: definition.clientToken ?? false,
    takesDryRun: definition.dryRun ?? false,
    needsRegionId: (params) =>
      typeof definition.needsRegionId === 'function'
        ? definition.needsRegionId(params)
        : (definition.needsRegionId ?? false),
    limit: definition.limit,
    condition: definition.condition,
    needsNoPermission: definition.needsNoPermission ?? false,
    run(state, flat, call, errors) {
      const { DryRun: dryRun, ...rest } = flat;
      const params = readShape(definition.params, unflatten(rest, errors), errors);
      let committed = false;
      const body = definition.apply(state, params, call, () => {
        if (dryRun === 'true') throw new DryRunPassed();
        committed = true;
      });
      if (definition.isWrite && definition.dryRun === true && !committed)
        throw new Error('an action with dryRun must call commit()');
      return body;
    },
  });

class DryRunPassed extends Error {}

/** Parameters that every RPC action accepts and none of ours looks at. */
const commonParams = new Set([
  'RegionId',
  'OwnerId',
  'OwnerAccount',
  'ResourceOwnerId',
  'ResourceOwnerAccount',
  'Format',
  'Lang',
]);

/**
 * For how long a repeat with the same client token gets the first answer. None of the vendor's pages on idempotence says: a day is
 * the embedded cloud's word, so that nothing relies on more.
 */
export const clientTokenMs = 24 * 3_600_000;

interface Remembered {
  fingerprint: string;
  /** The first call's answer has not reached its caller yet. */
  isRunning: boolean;
  result: object | ApiError;
}

export interface RpcServiceOptions<State> {
  /** Name in the wire log: `vpc`, `ecs`, `alb`, `alidns`, `resourcemanager`, `ram`, `sts`. */
  name: string;
  version: string;
  clock: Clock;
  credentials: CredentialStore;
  regionId: string;
  state: State;
  actions: Record<string, RpcAction<State>>;
  errors: ParamErrors;
  /** What each action asks permission on. */
  resources: ResourceTable<State>;
  /** Code and status of "same token, other parameters" per action; default `IdempotentParameterMismatch` 400. */
  tokenMismatch?: (action: string) => { code: string; status: number };
  /** Code and status of "same token while the first call runs". */
  tokenRunning?: (action: string) => { code: string; status: number };
  /** Code of a refused permission; default `Forbidden.RAM` 403. */
  forbidden?: { code: string; status: number };
  /** Code of a passed dry run, default `DryRunOperation`. */
  dryRunCode?: (action: string) => string;
  /** `false` turns rate limits off. */
  throttles?: boolean;
  /** Whether RegionId is checked against the region; services with one endpoint for all regions leave it unchecked. */
  isGlobal?: boolean;
}

/**
 * A service of the RPC style behind ACS3-HMAC-SHA256 signatures: parameters in query and form body, errors as
 * `{RequestId, HostId, Code, Message, Recommend}`. Client tokens are remembered here once for all actions.
 */
export class RpcService<State> implements WireService {
  readonly name: string;
  readonly state: State;
  readonly #options: RpcServiceOptions<State>;
  readonly #tokens: ShortMemory<Remembered>;
  #windows = new Map<string, number[]>();

  constructor(options: RpcServiceOptions<State>) {
    this.#options = options;
    this.#tokens = new ShortMemory(options.clock, clientTokenMs);
    this.name = options.name;
    this.state = options.state;
  }

  /** Client tokens in memory. */
  get rememberedTokens(): number {
    return this.#tokens.size;
  }

  get api(): { version: string; actions: string[] } {
    return { version: this.#options.version, actions: Object.keys(this.#options.actions) };
  }

  accepts(request: WireRequest): boolean {
    return (
      request.headers['x-acs-action'] !== undefined &&
      request.headers['x-acs-version'] === this.#options.version &&
      request.path === '/'
    );
  }

  describe(request: WireRequest): CallFacts {
    const params = this.#params(request);
    const clientToken = params['ClientToken'];
    const accessKeyId = /Credential=([^,]+)/.exec(request.headers['authorization'] ?? '')?.[1];
    return {
      service: this.name,
      version: this.#options.version,
      action: request.headers['x-acs-action'] ?? '',
      params,
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
      ...(clientToken === undefined ? {} : { clientToken }),
    };
  }

  refuse(request: WireRequest, status: number, code: string, message: string): WireAnswer {
    return {
      ...jsonAnswer(status, {
        RequestId: request.id,
        HostId: request.headers['host'] ?? '',
        Code: code,
        Message: message,
        Recommend: `https://api.aliyun.com/troubleshoot?q=${encodeURIComponent(code)}`,
      }),
      code,
    };
  }

  async handle(request: WireRequest): Promise<WireAnswer> {
    const name = request.headers['x-acs-action'] ?? '';
    try {
      const principal = authenticateAcs3(request, this.#options.credentials, this.#options.clock);
      const action = valueAt(this.#options.actions, name);
      if (action === undefined)
        throw new ApiError(
          'InvalidAction.NotFound',
          404,
          `Specified api is not found: the embedded cloud does not emulate ${this.name} ${name}.`,
        );
      const params = this.#params(request);
      if (!action.needsNoPermission) this.#authorize(request, name, action, params, principal);
      this.#throttle(name, action.limit);
      return this.#run(request, name, action, params, principal);
    } catch (error) {
      if (error instanceof ApiError) return this.refuse(request, error.httpStatus, error.code, error.message);
      throw error;
    }
  }

  /** RAM's words name neither action nor resource: the embedded cloud adds them. @throws ApiError */
  #authorize(
    request: WireRequest,
    name: string,
    action: RpcAction<State>,
    params: Record<string, string>,
    principal: Principal,
  ): void {
    const { credentials, regionId, resources, clock } = this.#options;
    const keys = {
      ...commonKeys(request, clock),
      ...(resources.tagsOf === undefined ? {} : requestTagKeys(params)),
      ...action.condition?.(params),
    };
    const place = { regionId, accountId: credentials.accountId };
    const refused = credentials.refusedOf(
      principal,
      accessesOf(resources, name, { state: this.state, params, place, keys }),
    );
    if (refused === undefined) return;
    const { code, status } = this.#options.forbidden ?? { code: 'Forbidden.RAM', status: 403 };
    throw new ApiError(
      code,
      status,
      `User not authorized to operate on the specified resource, or this API doesn't support RAM. (${refused.action}) on ${printedArn(refused.arn)}`,
    );
  }

  #run(
    request: WireRequest,
    name: string,
    action: RpcAction<State>,
    all: Record<string, string>,
    principal: Principal,
  ): WireAnswer {
    const { ClientToken: clientToken, ...params } = all;
    if (clientToken !== undefined && !action.takesClientToken)
      throw this.#options.errors.invalid('ClientToken', `is not a parameter of ${name}`);
    if (params['DryRun'] !== undefined && !action.takesDryRun)
      throw this.#options.errors.invalid('DryRun', `is not a parameter of ${name}`);
    if (clientToken !== undefined && !/^[\x20-\x7e]{1,64}$/.test(clientToken))
      throw this.#options.errors.invalid('ClientToken', 'must be 1 to 64 ASCII characters');
    const regionId = params['RegionId'];
    if ((regionId ?? '') === '' && action.needsRegionId(params)) throw this.#options.errors.missing('RegionId');
    if (regionId !== undefined && this.#options.isGlobal !== true && regionId !== this.#options.regionId)
      throw new ApiError(
        'InvalidRegionId.NotFound',
        404,
        `The specified region does not exist: this endpoint serves ${this.#options.regionId}.`,
      );
    const own: Record<string, string> = {};
    for (const [key, value] of Object.entries(params)) if (!commonParams.has(key)) setAt(own, key, value);
    const call: RpcCall = { requestId: request.id, principal, regionId: this.#options.regionId };
    const key = clientToken === undefined || params['DryRun'] === 'true' ? undefined : `${name} ${clientToken}`;
    const fingerprint = JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
    const remembered = key === undefined ? undefined : this.#tokens.get(key);
    if (remembered !== undefined) {
      if (remembered.fingerprint !== fingerprint) {
        const mismatch = this.#options.tokenMismatch?.(name) ?? { code: 'IdempotentParameterMismatch', status: 400 };
        throw new ApiError(
          mismatch.code,
          mismatch.status,
          'The request uses the same client token as a previous, but non-identical request.',
        );
      }
      if (remembered.isRunning) {
        const running = this.#options.tokenRunning?.(name) ?? { code: 'IdempotentProcessing', status: 400 };
        throw new ApiError(
          running.code,
          running.status,
          'The previous request with this client token is still being processed.',
        );
      }
      if (remembered.result instanceof ApiError) throw remembered.result;
      return jsonAnswer(200, { RequestId: request.id, ...remembered.result });
    }
    let result: object | ApiError;
    try {
      result = action.run(this.state, own, call, this.#options.errors);
    } catch (error) {
      if (error instanceof DryRunPassed)
        result = new ApiError(
          this.#options.dryRunCode?.(name) ?? 'DryRunOperation',
          400,
          'Request validation has been passed with DryRun flag set.',
        );
      else if (error instanceof ApiError) result = error;
      else throw error;
    }
    const entry: Remembered = { fingerprint, isRunning: true, result };
    if (key !== undefined) this.#tokens.set(key, entry);
    const onSent = () => {
      entry.isRunning = false;
    };
    if (result instanceof ApiError)
      return { ...this.refuse(request, result.httpStatus, result.code, result.message), onSent };
    return { ...jsonAnswer(200, { RequestId: request.id, ...result }), onSent };
  }

  #params(request: WireRequest): Record<string, string> {
    const params: Record<string, string> = {};
    const put = (name: string, value: string) => {
      if (Object.hasOwn(params, name)) throw this.#options.errors.invalid(name, 'is given twice');
      setAt(params, name, value);
    };
    for (const [name, value] of request.query) put(name, value);
    if ((request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded'))
      for (const [name, value] of new URLSearchParams(request.body.toString('utf8'))) put(name, value);
    return params;
  }

  #throttle(name: string, limit: RateLimit | undefined): void {
    if (limit === undefined || this.#options.throttles === false) return;
    const now = this.#options.clock.nowMs();
    const recent = (this.#windows.get(name) ?? []).filter((atMs) => atMs > now - limit.perMs);
    if (recent.length >= limit.calls)
      throw new ApiError('Throttling.User', 400, 'Request was denied due to user flow control.');
    recent.push(now);
    this.#windows.set(name, recent);
  }
}

/** A service each of whose actions has a row in its table of resources, as the compiler sees to. */
export const rpcService = <State, Action extends string>(
  options: RpcServiceOptions<State> & {
    actions: Record<Action, RpcAction<State>>;
    resources: ResourceTable<State, NoInfer<Action>>;
  },
): RpcService<State> => new RpcService(options);
